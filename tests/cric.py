"""Small documents such as CRIC answers with, made up."""

from __future__ import annotations

import json
from typing import Any


def document(*records: dict[str, Any]) -> bytes:
    """A document of ``records``, by what each has as its ``key``."""
    return json.dumps({record["key"]: {k: v for k, v in record.items() if k != "key"} for record in records}).encode()


def site(name: str = "ALPHA", **members: Any) -> dict[str, Any]:  # noqa: ANN401
    """A site of ATLAS."""
    told = {"name": name, "state": "ACTIVE", "rc_site": name, "rc_site_state": "ACTIVE", "cloud": "DE", "tier_level": 2}
    return {"key": name, **told, **members}


def storage(name: str = "ALPHA_DATADISK", at: str = "ALPHA", *urls: str, **members: Any) -> dict[str, Any]:  # noqa: ANN401
    """A storage endpoint whose protocols are at ``urls``."""
    protocols = {"read_wan": [[url, 1, "/data/"] for url in urls or ("davs://se.example.org:443/",)]}
    told = {"name": name, "site": at, "rc_site": at, "state": "ACTIVE", "site_state": "ACTIVE", "rc_site_state": "ACTIVE"}
    return {"key": name, **told, "is_tape": False, "type": "DATADISK", "token": "T", "aprotocols": protocols, **members}


def door(endpoint: str = "ce01.example.org:9619", flavour: str = "HTCONDOR-CE", **members: Any) -> dict[str, Any]:  # noqa: ANN401
    """A computing element of a queue."""
    return {"ce_endpoint": endpoint, "ce_flavour": flavour, "ce_state": "ACTIVE", **members}


def queue(name: str = "ALPHA_Q", *doors: dict[str, Any], **members: Any) -> dict[str, Any]:  # noqa: ANN401
    """A queue of PanDA's."""
    told = {"name": "default", "panda_resource": name, "site": "PANDA", "atlas_site": "ALPHA", "rc_site": "ALPHA"}
    states = {"state": "ACTIVE", "site_state": "ACTIVE", "rc_site_state": "ACTIVE", "status": "online"}
    return {"key": name, **told, **states, "vo_name": "atlas", "queues": list(doors or (door(),)), **members}
