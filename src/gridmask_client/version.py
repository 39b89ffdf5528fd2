"""Which version this is: the same as that of the server that it was made with."""

from __future__ import annotations

__version__ = "0.1.0"
