"""The action ``journal``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anyio import to_thread


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes each change down, a line of JSON each. Told of a change twice, it writes it once.

    Attributes:
        file: where to.
    """

    file: str

    async def tell(self, key: str, changes: dict[str, Any]) -> None:
        """Write ``changes`` down under ``key``."""
        await to_thread.run_sync(self._write, key, changes)

    def _write(self, key: str, changes: dict[str, Any]) -> None:
        path = Path(self.file)
        known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if not any(json.loads(line)["key"] == key for line in known):
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"key": key, **changes}) + "\n")
