"""Rules that users write, in the Common Expression Language (https://cel.dev).

``rule.py`` is the rule, ``values.py`` is a case as its conditions see it; what evaluates these is :mod:`gridmask.cel`.
"""

from __future__ import annotations

from gridmask.rules.cel.rule import Cel, When

__all__ = ["Cel", "When"]
