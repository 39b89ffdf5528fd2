"""The kinds of probes by the name that the settings call them by."""

from __future__ import annotations

from collections.abc import Mapping

from gridmask.probes.conducting import Kind
from gridmask.probes.http import Http
from gridmask.probes.tcp import Tcp
from gridmask.probes.tls import Tls
from gridmask.probes.webdav import Webdav

KINDS: Mapping[str, type[Kind]] = {
    "tcp": Tcp,
    "tls": Tls,
    "http": Http,
    "webdav": Webdav,
}
"""Each is a dataclass whose fields are its options."""
