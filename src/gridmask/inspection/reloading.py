"""Reloading: policy files that change are put into force while everything runs, whole or not at all."""

from __future__ import annotations

import pwd
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import structlog
from anyio import to_thread
from prometheus_client import Counter, Gauge

from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from gridmask.domain.policy import PolicySet
    from gridmask.inspection.inspector import Inspector

log = structlog.get_logger()

LOADS = Counter("gridmask_policy_loads_total", "Times that changed policy files were loaded, or refused.", ["outcome"])
REFUSED = Gauge(
    "gridmask_policies_refused", "1 while policy files say something that cannot be, and the ones before them count."
)

Load = Callable[[], "tuple[PolicySet, dict[str, object]]"]


class _Seen(NamedTuple):
    """A file as it was when it was looked at."""

    path: Path
    changed: int
    size: int
    owner: int


class Reloading:
    """Watches a directory of policy files."""

    def __init__(self, inspector: Inspector, directory: Path | None, load: Load) -> None:
        self._inspector = inspector
        self._directory = directory
        self._load = load
        self._seen: tuple[_Seen, ...] = ()  # what changed since they were loaded is found by the first look
        self.problem: str | None = None

    async def look(self) -> bool:
        """Load the policies if their files are others than before. Returns whether others are in force now.

        Where something in the files is wrong, :attr:`problem` says what, and what was in force stays so.
        """
        files = await to_thread.run_sync(_files, self._directory)
        if files == self._seen:
            return False
        adopted = await self._adopt(files)
        self._seen = files  # only now: where the database was away, the next look tries again
        return adopted

    async def _adopt(self, files: tuple[_Seen, ...]) -> bool:
        try:
            policies, document = await to_thread.run_sync(self._load)
        except InvalidConfiguration as error:
            self._note(str(error))
            return False
        if policies.revision != self._inspector.policies.revision:
            await self._inspector.adopt(policies, document, _author(files))
            log.info("policies loaded", revision=policies.revision)
            self._note(None)
            return True
        self._note(None)
        return False

    def _note(self, problem: str | None) -> None:
        self.problem = problem
        REFUSED.set(problem is not None)
        LOADS.labels("refused" if problem else "loaded").inc()
        if problem:
            log.warning("changed policies are refused, and those before them stay in force", problem=problem)


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
