"""``python -m gridmask`` is ``gridmask``."""

from __future__ import annotations

from gridmask.cli import main

if __name__ == "__main__":
    main()
