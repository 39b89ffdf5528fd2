"""The action ``journal``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from anyio import to_thread

if TYPE_CHECKING:
    from gridmask.domain.news import News


@dataclass(frozen=True, slots=True)
class Journal:
    """Writes each change down, a line of JSON each. Told of a change twice, it writes it once.

    Attributes:
        file: where to.
    """

    file: str

    async def tell(self, news: News) -> None:
        """Write ``news`` down under their key."""
        await to_thread.run_sync(self._write, news)

    def _write(self, news: News) -> None:
        path = Path(self.file)
        known = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if not any(json.loads(line)["key"] == news.key for line in known):
            with path.open("ab") as file:
                file.write(msgspec.json.encode({"key": news.key, **news.document()}) + b"\n")
