"""Runs the campaign that is named: ``python -m tests.acceptance NAME [ARGUMENT...]``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

CAMPAIGNS = sorted(file.stem for file in Path(__file__).parent.glob("*.py") if not file.stem.startswith("_"))


def main(arguments: list[str]) -> int:
    """Runs the campaign that the first argument names, with the others, and gives its exit code."""
    name = arguments[0].replace("-", "_") if arguments else ""
    if name not in CAMPAIGNS:
        print(f"There is no campaign {name!r}; there are: {', '.join(CAMPAIGNS)}", file=sys.stderr)
        return 2
    code: int = import_module(f"tests.acceptance.{name}").main(arguments[1:])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
