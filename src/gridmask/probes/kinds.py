"""The kinds of probes by the name that the settings call them by."""

from __future__ import annotations

from collections.abc import Mapping

from gridmask.probes.conducting import Kind
from gridmask.probes.tcp import Tcp
from gridmask.probes.tls import Tls

KINDS: Mapping[str, type[Kind]] = {
    "tcp": Tcp,
    "tls": Tls,
}
"""Each is a dataclass whose fields are its options. ``schemes``: those that its addresses may have; ``url``: where it goes
unless the settings say it, empty if they must."""
