"""Gridmask: which services may a Virtual Organisation use, right now, for what, and why?"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.1.0"
