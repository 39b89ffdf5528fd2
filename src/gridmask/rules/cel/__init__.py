"""Rules that users write, in the Common Expression Language (https://cel.dev).

``rule.py`` is the rule; ``text.py`` bounds what may be written, ``messages.py`` says what it can be about, ``engine.py`` is the
only one that knows the library, and ``complaints.py`` puts what the library says into words for administrators. The last three
are loaded when a policy needs them.
"""

from __future__ import annotations

from gridmask.rules.cel.rule import Cel, When

__all__ = ["Cel", "When"]
