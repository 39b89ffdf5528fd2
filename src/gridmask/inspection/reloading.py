"""Reloading: policies that change are put into force while everything runs, whole or not at all.

Files that change are loaded. What another process put into force in the database, of files or by the API, is followed.
"""

from __future__ import annotations

import pwd
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog
from anyio import to_thread
from prometheus_client import Counter, Gauge

from gridmask.domain.errors import InvalidConfiguration
from gridmask.inspection.inspector import Adoption
from gridmask.policies import files as policy_files
from gridmask.policies.layers import Text
from gridmask.store import policies as policies_store
from gridmask.store import policy_layers

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from gridmask.domain.policy import PolicySet
    from gridmask.inspection.inspector import Inspector
    from gridmask.store.policy_layers import Layer

log = structlog.get_logger()

LOADS = Counter("gridmask_policy_loads_total", "Times that changed policies were loaded, or refused.", ["outcome"])
REFUSED = Gauge("gridmask_policies_refused", "1 while policies say something that cannot be, and the ones before them count.")

Load = Callable[[tuple[Text, ...]], "tuple[PolicySet, dict[str, object]]"]
"""Makes policies of the files, and of the layers that are kept in the database."""


class _Seen(NamedTuple):
    """A file as it was when it was looked at."""

    path: Path
    changed: int
    size: int
    owner: int


class Reloading:
    """Watches a directory of policy files, and the policies in force in the database."""

    def __init__(self, inspector: Inspector, directory: Path | None, load: Load, by_api: Collection[str] = ()) -> None:
        """``by_api`` are the VOs whose layers are in the database."""
        self._inspector = inspector
        self._directory = directory
        self._load = load
        self._by_api = by_api
        self._seen: tuple[_Seen, ...] = ()  # what changed since they were loaded is found by the first look
        self._unfit: str | None = None
        self._problems: dict[str, str] = {}

    @property
    def problem(self) -> str | None:
        """What is wrong with policies that were to be taken over; None: nothing."""
        return "; ".join(self._problems.values()) or None

    async def look(self) -> bool:
        """Load the policies if their files are others than before; follow what else is in force in the database.

        Where something in them is wrong, :attr:`problem` says what, and what was in force stays so.

        Returns:
            Whether others are in force here than before.
        """
        before = self._inspector.policies.revision
        await self._follow()
        files = await to_thread.run_sync(_files, self._directory)
        if files != self._seen and await self._adopt(files):
            self._seen = files  # only now: where the database was away, the next look tries again
        return self._inspector.policies.revision != before

    async def _follow(self) -> None:
        """Take over what another process put into force."""
        async with self._inspector.database.reading() as connection:
            revision = await policies_store.revision_in_force(connection)
            if revision in {None, self._inspector.policies.revision, self._unfit}:
                return
            loaded = await policies_store.in_force(connection)
        assert loaded is not None
        try:
            place = f"the policies that another process put into force ({loaded.revision[:12]})"
            places = dict.fromkeys(loaded.document, place)
            policies = await to_thread.run_sync(policy_files.compiled, loaded.document, places)
        except InvalidConfiguration as error:
            self._unfit = loaded.revision
            self._note(_THERE, str(error))
            return
        adoption = Adoption(policies, loaded.document, loaded.author)
        if await self._exchange(adoption, partial(_is_in_force, loaded.revision)):
            self._note(_THERE, None)

    async def _adopt(self, files: tuple[_Seen, ...]) -> bool:
        """Load the files. Returns whether that is done with, well or not."""
        async with self._inspector.database.reading() as connection:
            newest = await policy_layers.newest(connection)
            texts = await kept(connection, self._by_api)
        try:
            policies, document = await to_thread.run_sync(self._load, texts)
        except InvalidConfiguration as error:
            self._note(_HERE, str(error))
            return True
        if policies.revision != self._inspector.policies.revision:
            adoption = Adoption(policies, document, _author(files))
            if not await self._exchange(adoption, partial(_is_newest, newest)):
                return False
        self._note(_HERE, None)
        return True

    async def _exchange(self, adoption: Adoption, holds: Holds) -> bool:
        """Put ``adoption`` into force if what it was made of ``holds`` still; whether it did."""

        async def choose(connection: AsyncConnection, _: datetime) -> Adoption | None:
            return adoption if await holds(connection) else None

        await self._inspector.exchange(choose)
        if self._inspector.policies is not adoption.policies:
            return False
        log.info("policies loaded", revision=adoption.policies.revision)
        return True

    def _note(self, where: str, problem: str | None) -> None:
        self._problems = {place: told for place, told in {**self._problems, where: problem}.items() if told}
        REFUSED.set(bool(self._problems))
        LOADS.labels("refused" if problem else "loaded").inc()
        if problem:
            log.warning("changed policies are refused, and those before them stay in force", problem=problem)


_HERE, _THERE = "files", "database"

Holds = Callable[["AsyncConnection"], Awaitable[bool]]


async def _is_in_force(revision: str, connection: AsyncConnection) -> bool:
    return await policies_store.revision_in_force(connection) == revision


async def _is_newest(number: int, connection: AsyncConnection) -> bool:
    return await policy_layers.newest(connection) == number


async def kept(connection: AsyncConnection, by_api: Collection[str]) -> tuple[Text, ...]:
    """The layers of the VOs called ``by_api``, as far as there are any."""
    return tuple(map(text_of, (await policy_layers.current(connection, by_api)).values()))


def text_of(layer: Layer) -> Text:
    """What ``layer`` says, and how to call it where something in it is wrong."""
    version = layer.version
    return Text(version.vo, layer.text, f"the policies of {version.vo} in the database, version {version.number}")


def _files(directory: Path | None) -> tuple[_Seen, ...]:
    if directory is None:
        return ()
    found: list[_Seen] = []
    for path in sorted((*directory.glob("*.toml"), *directory.glob("vo/*.toml"))):
        try:
            told = path.stat()
        except OSError:
            continue  # gone since it was listed: the next look finds that
        found.append(_Seen(path, told.st_mtime_ns, told.st_size, told.st_uid))
    return tuple(found)


def _author(files: tuple[_Seen, ...]) -> str:
    """Whose the file is that was changed last."""
    owner = max(files, key=lambda file: file.changed, default=None)
    if owner is None:
        return ""
    try:
        return pwd.getpwuid(owner.owner).pw_name
    except KeyError:
        return f"uid {owner.owner}"


def author_of(directory: Path | None) -> str:
    """Whose the policy file in ``directory`` is that was changed last; empty if there is none."""
    return _author(_files(directory))
