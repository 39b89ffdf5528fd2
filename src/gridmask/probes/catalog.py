"""``catalog``: a file catalog that is asked over HTTPS."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from gridmask.domain.vo import ALL
from gridmask.probes.answers import table_of
from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.web import Asked, ask, require

APIS = ("rucio", "dirac")


@dataclass(frozen=True, slots=True)
class Catalog:
    """The catalog answers a ping.

    Attributes:
        api: how it is asked: ``rucio`` by ``GET /ping``, which needs no credentials; ``dirac`` by the method ``ping`` of the
            service that the path names, such as ``/DataManagement/FileCatalog``, which needs a certificate.
    """

    schemes: ClassVar[tuple[str, ...]] = ("https", "http")
    url: ClassVar[str] = "https://{host}"

    api: str = "rucio"

    def __post_init__(self) -> None:
        if self.api not in APIS:
            raise ValueError(f"api: {self.api!r} is none of {', '.join(APIS)}")

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        return await (_rucio if self.api == "rucio" else _dirac)(target, env)


async def _rucio(target: Target, env: ProbeEnv) -> Finding:
    where = target.address.at(f"{target.address.path.rstrip('/')}/ping")
    answer = await ask(target, env, Asked("GET", {"Accept": "application/json"}), address=where)
    require(answer, target)
    if "version" not in table_of(answer, "the version of a Rucio"):
        unusable("it does not tell the version of a Rucio")
    return Finding("OK", "it answers a ping")


async def _dirac(target: Target, env: ProbeEnv) -> Finding:
    asked = {"method": "ping", "args": "[]", **({} if target.vo == ALL else {"clientVO": target.vo})}
    answer = await ask(
        target, env, Asked("POST", {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(asked).encode())
    )
    require(answer, target)
    told = table_of(answer, "an answer of DIRAC")
    if told.get("OK") is not True:
        unusable(f"it refuses: {shown(str(told.get('Message', 'no reason given')), 160)}")
    return Finding("OK", "it answers a ping")
