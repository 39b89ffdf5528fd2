"""A static copy: the masks as files, which a web server, a cache, rsync or CVMFS can carry.

::

    index.json                       what there is: written last, and only if it is another
    checked.json                     until when that is known to be right
    cms/42-9c1d22f0a7b3e845/         what was served at one revision: never written again
        mask.json  mask.json.gz  mask.json.zst  mask.txt ...
    cms/latest -> 42-9c1d22f0a7b3e845

Whoever reads meanwhile, or if the process that writes is killed, finds the copy before or the one after.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import msgspec
from anyio import to_thread

from gridmask.domain.errors import InvalidRequest
from gridmask.service import static_files as files
from gridmask.service.masks import FORMATS
from gridmask.service.served import CODINGS, require_format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from gridmask.service.board import Board
    from gridmask.service.masks import Masks
    from gridmask.service.served import Served

FORMAT = 1
"""Of the index: another number is for readers that know of it."""

NAMES: Mapping[str, str] = {
    "json": "mask.json",
    "text": "mask.txt",
    "vo-feed": "vo-feed.xml",
    "usable-sites": "usable-sites.json",
    "ssb": "ssb.txt",
}
"""What a mask in each format is called."""

ENDINGS: Mapping[str, str] = {"": "", "gzip": ".gz", "zstd": ".zst"}
"""What is added to that where it is packed, as web servers look for it."""

INDEX, CHECKED, LATEST = "index.json", "checked.json", "latest"

Variants = Mapping[tuple[str, str], "Served"]
"""A VO's mask, by format and by how it is packed."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was done: so many ``masks`` there are, so many were ``written`` anew, so many old ones were ``dropped``.

    ``index``: whether it is another; ``checked_at``: until when all of it is known to be right.
    """

    masks: int
    written: int
    dropped: int
    index: bool
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class StaticCopy:
    """A static copy in ``folder``.

    Attributes:
        vos: the VOs whose masks are copied, by any of their names; empty: all, and ``all``.
        formats: in which formats.
        keep: how many revisions of each mask stay there, the last one among them.
        tell_checked: whether ``checked.json`` is written, which is another each time.
    """

    masks: Masks
    board: Board
    folder: Path
    vos: frozenset[str] = frozenset()
    formats: tuple[str, ...] = FORMATS
    keep: int = 3
    tell_checked: bool = True
    aliases: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self.formats:
            require_format(one, FORMATS)
        if self.keep < 1:
            raise InvalidRequest("At least one revision of each mask stays there: the last one.")

    async def write(self) -> Copied:
        """Make the copy be as the masks are.

        Raises:
            NotKnown: there is no such VO. InvalidRequest: it cannot be written, or somebody else does. StoreUnavailable.
        """
        await self.board.refresh()
        there = await self.board.vo_names()
        wanted = {await self.masks.canonical(vo) for vo in self.vos} or set(there)
        try:
            return await self._write(wanted)
        except OSError as error:
            where = f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
            raise InvalidRequest(f"The static copy in {self.folder} cannot be kept: {where}.") from error

    async def _write(self, wanted: set[str]) -> Copied:
        await to_thread.run_sync(partial(self.folder.mkdir, parents=True, exist_ok=True))
        with _alone(self.folder):
            made = [await self._copied(vo) for vo in sorted(wanted)]
            index = {"format": FORMAT, "masks": {vo: told for vo, told, _ in made}, "aliases": self._aliases(wanted)}
            is_other = await to_thread.run_sync(files.put, self.folder / INDEX, _json(index))
            dropped = await to_thread.run_sync(self._drop, {_called(vo): told["path"] for vo, told, _ in made})
            checked_at = self.board.checked_at
            if self.tell_checked and checked_at is not None:
                await to_thread.run_sync(files.put, self.folder / CHECKED, _json({"checked_at": checked_at}))
        return Copied(len(made), sum(is_new for *_, is_new in made), dropped, is_other, checked_at)

    def _aliases(self, wanted: Iterable[str]) -> dict[str, str]:
        return {alias: vo for alias, vo in sorted(self.aliases.items()) if vo in wanted}

    async def _copied(self, vo: str) -> tuple[str, dict[str, Any], bool]:
        """A mask, what the index says of it, and whether it was written."""
        codings = ENDINGS.keys() & {"", *CODINGS}
        variants = {
            (one, coding): await self.masks.serve(vo, one, coding=coding) for one in self.formats for coding in sorted(codings)
        }
        return vo, *await to_thread.run_sync(self._put, vo, variants)

    def _put(self, vo: str, variants: Variants) -> tuple[dict[str, Any], bool]:
        first = next(iter(variants.values()))
        digest = hashlib.sha256(b"".join(served.etag.encode() for served in variants.values())).hexdigest()
        place, name = self.folder / _called(vo), f"{first.revision}-{digest[:16]}"
        is_new = not (place / name).is_dir()
        if is_new:
            files.put_folder(place / name, {_file(*key): served.body for key, served in variants.items()})
        files.point(place / LATEST, name)
        path = f"{_called(vo)}/{name}"
        told = {one: _told(one, {c: variants[f, c] for f, c in variants if f == one}) for one in self.formats}
        return {"revision": first.revision, "mark": first.mark, "path": path, "formats": told}, is_new

    def _drop(self, current: Mapping[str, str]) -> int:
        """Drop revisions of which there are enough, and masks that there are no more, unless only some are wanted."""
        dropped = 0
        for place in files.folders(self.folder):
            if not (place / LATEST).is_symlink() or (self.vos and place.name not in current):
                continue
            last = current.get(place.name, "").rpartition("/")[2]
            if not last:
                (place / LATEST).unlink()
            dropped += files.drop_old(place, last, self.keep if last else 0)
        return dropped


def _called(vo: str) -> str:
    return quote(vo, safe="").replace(".", "%2E") if vo in {".", ".."} else quote(vo, safe="")


def _file(encoding: str, coding: str) -> str:
    return NAMES[encoding] + ENDINGS[coding]


def _told(encoding: str, variants: Mapping[str, Served]) -> dict[str, Any]:
    return {
        coding or "identity": {
            "file": _file(encoding, coding),
            "size": len(served.body),
            "sha256": hashlib.sha256(served.body).hexdigest(),
        }
        for coding, served in variants.items()
    }


def _json(value: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with files.locked(folder / ".lock") as is_ours:
        if not is_ours:
            raise InvalidRequest(f"Another process keeps the static copy in {folder}.")
        yield
