"""How DIRAC's tables of statuses look: their names, their columns in order, and how long each text is."""

from __future__ import annotations

from gridmask.domain.element import NODE, RESOURCE, SITE
from gridmask.domain.status import Status

FAMILIES = (SITE, RESOURCE, NODE)
"""Whose tables there are. DIRAC 9.1 has none of nodes any more, and does not mind them."""

PRESENT, JOURNAL, HISTORY = "Status", "Log", "History"
"""What a table of a family is: what is so now; every change; the changes of a status or an owner alone."""

NAMES = tuple(f"{family}{part}" for family in FAMILIES for part in (PRESENT, JOURNAL, HISTORY))
"""What the tables are called."""

NAME, STATUS_TYPE, VO, STATUS, REASON, ELEMENT_TYPE, OWNER = 64, 128, 64, 8, 512, 32, 16
"""So many characters the texts have."""

AUTOMATION = "rs_svc"
"""The owner of a row that nobody has taken from automation."""

UNSPECIFIED = "Unspecified"
"""The reason of a row that has none."""

FOREVER = "9999-12-31 23:59:59"
"""When a token ends that does not end by itself."""

COMPUTING_TYPES = ("ComputingElement", "ComputeElement")
"""What DIRAC calls computing elements, and what DiracX asks for."""

LABELS = {int(status): status.label for status in Status}
"""Statuses by the numbers that tables have for them."""
