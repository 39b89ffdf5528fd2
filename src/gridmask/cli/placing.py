"""Policy files that a command writes: all of them or none, and none that would be refused."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from gridmask.domain.errors import Conflict, InvalidConfiguration, InvalidRequest
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Mapping


class Placing:
    """Places files into a directory of policy files.

    Attributes:
        directory: where they go; None: nowhere.
        texts: the files by their names within it.
        differing: those that are there, and say something else.
        unchanged: those that are there already.
        is_done: whether they were written.
    """

    def __init__(self, directory: Path | None, texts: Mapping[str, str]) -> None:
        self.directory = directory
        self.texts = texts
        there = {name: _text(directory / name) for name in texts} if directory else {}
        self.unchanged = tuple(name for name, text in there.items() if text == texts[name])
        self.differing = tuple(name for name, text in there.items() if text is not None and name not in self.unchanged)
        self.is_done = False

    @property
    def due(self) -> tuple[str, ...]:
        """The files that are to be written."""
        return tuple(name for name in self.texts if name not in self.unchanged) if self.directory else ()

    def check(self, *, force: bool) -> None:
        """Check that they can be placed, and that the directory is in order then.

        Raises:
            Conflict: a file is there that says something else, and is not to be overwritten.
            InvalidConfiguration: with them, the policy files would be refused.
        """
        if self.differing and not force:
            names = ", ".join(str(self._path(name)) for name in self.differing)
            raise Conflict(f"There already, and not the same: {names}. Nothing was written; --force overwrites.")
        if self.directory is not None:
            with TemporaryDirectory() as scratch:
                self._rehearse(self.directory, Path(scratch))

    def write(self) -> None:
        """Write what is not there yet.

        Raises:
            InvalidRequest: a file cannot be written.
        """
        try:
            for name in self.due:
                self._path(name).parent.mkdir(parents=True, exist_ok=True)
                _beside(self._path(name)).write_text(self.texts[name], encoding="utf-8")
            for name in self.due:
                _beside(self._path(name)).replace(self._path(name))
        except OSError as error:
            raise InvalidRequest(f"{error.filename}: {error.strerror or 'cannot be written'}") from error
        self.is_done = self.directory is not None

    def _rehearse(self, directory: Path, scratch: Path) -> None:
        from gridmask.policies import files as policy_files

        for name, text in {**self._others(directory), **self.texts}.items():
            (scratch / name).parent.mkdir(exist_ok=True)
            (scratch / name).write_text(text, encoding="utf-8")
        try:
            policy_files.load(scratch)
        except InvalidConfiguration as error:
            place, problem = (text.replace(str(scratch), str(directory)) for text in (error.place, error.problem))
            raise InvalidConfiguration(place, f"this would be refused, and so nothing was written: {problem}") from error

    def _others(self, directory: Path) -> dict[str, str]:
        """The files that are there and stay as they are."""
        paths = [directory / f"{ALL}.toml", *sorted(directory.glob("vo/*.toml"))]
        found = {path.relative_to(directory).as_posix(): _text(path) for path in paths}
        return {name: text for name, text in found.items() if text is not None and name not in self.texts}

    def _path(self, name: str) -> Path:
        return (self.directory or Path()) / name


def _beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _text(path: Path) -> str | None:
    """What is in ``path``; None if it is not there."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        return ""
    except OSError as error:
        raise InvalidRequest(f"{path}: {error.strerror or 'cannot be read'}") from error
