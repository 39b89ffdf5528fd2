"""Active probes: Gridmask itself asks services whether they answer, and takes what it finds as evidence.

A file for each protocol. Each kind is a frozen dataclass whose fields are its options, with a method ``probe`` that talks to
one target and gives a :class:`~gridmask.probes.finding.Finding`. What they have in common stands beside them: ``wire.py`` is
a connection whose troubles are told in words, ``web.py`` an HTTP exchange, ``conducting.py`` the deadline around a probe.
When each target has its turn is said by ``schedule.py``, whether we may trust ourselves by ``doubt.py`` and ``uplinks.py``.
"""
