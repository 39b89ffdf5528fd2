"""The layers of policy files: who wrote what where, and what it amounts to. What a rule makes of it is not known here."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gridmask.documents import parse, path_of
from gridmask.domain.errors import InvalidConfiguration, InvalidRequest
from gridmask.domain.spelling import suggest
from gridmask.domain.vo import ALL, canonical
from gridmask.toml_places import Places, places

Document = dict[str, Any]
Location = tuple[str | int, ...]

DEFAULTS: Document = {"policy": {"declared-downtimes": {"type": "downtime"}}}
"""The layer below all: what a fresh installation does."""

TESTS = ".test.toml"
"""What the names of files end with that test policies, and are none themselves."""


SAME_FOR_ALL = frozenset({"probing", "guard", "damping", "tokens"})
"""Tables that only the installation's file can have."""

OF_ONE_VO = frozenset({"evidence"})
"""Tables that it cannot have."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong in a file, or that cannot be meant.

    Attributes:
        file: the file.
        line: where in it, if that is known.
        key: the key, from the document's top; empty if it is about the whole file.
        text: what is wrong, and what to do.
        is_error: whether the file is refused for it; if not, it is a warning.
    """

    file: str
    line: int | None
    key: str
    text: str
    is_error: bool = True

    @property
    def place(self) -> str:
        """File, and line where it is known, as editors understand it."""
        return self.file if self.line is None else f"{self.file}:{self.line}"

    def __str__(self) -> str:
        return f"{self.place}: {self.key}: {self.text}" if self.key else f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True)
class Written:
    """What one layer's file says.

    Attributes:
        file: the file, or another name for where it was read from.
        document: what was read in it, before anything was filled in; empty if it is not there or is no TOML.
        lines: where its keys stand.
    """

    file: str
    document: Document = field(default_factory=dict)
    lines: Places = field(default_factory=Places)

    def problem(self, path: Location, text: str, *, is_error: bool = True) -> Problem:
        """That something is wrong at ``path``."""
        return Problem(self.file, self.lines.line(path), path_of(path) if path else "", text, is_error)

    @property
    def tables(self) -> Mapping[str, Document]:
        """The policies that it writes down, as far as they are tables."""
        found = self.document.get("policy", {})
        return {name: table for name, table in found.items() if isinstance(table, dict)} if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Layers:
    """The files of a directory, and what they amount to.

    Attributes:
        written: what each layer's file says, by VO; that of :data:`~gridmask.domain.vo.ALL` is always among them.
        document: by layer, its tables, with what it leaves unsaid about policies of the layer below filled in.
        problems: what is wrong with the files. Nothing of the document may be put into force if there is any.
    """

    written: Mapping[str, Written]
    document: Document
    problems: tuple[Problem, ...] = ()


UNWRITTEN = Layers({ALL: Written("the default policies")}, {ALL: DEFAULTS})
"""What there is without any file."""


def read(directory: Path, managed_by_api: Collection[str] = ()) -> Layers:
    """The layers in ``directory``; ``managed_by_api`` are the VOs that have theirs elsewhere and may have no file.

    Raises:
        InvalidConfiguration: there is no such directory.
    """
    if not directory.is_dir():
        raise InvalidConfiguration(str(directory), "there is no such directory of policy files")
    return _Reading(directory, managed_by_api).layers()


class _Reading:
    """Reads a directory, and goes on where something is wrong, to tell all of it."""

    def __init__(self, directory: Path, managed_by_api: Collection[str]) -> None:
        self._directory = directory
        self._managed_by_api = managed_by_api
        self._problems: list[Problem] = []

    def layers(self) -> Layers:
        for path in sorted(self._directory.glob("*.toml")):
            if path.name != f"{ALL}.toml" and not path.name.endswith(TESTS):
                self._refuse(str(path), f"only {ALL}.toml belongs here; a VO's policies belong in vo/NAME.toml")
        main = self._directory / f"{ALL}.toml"
        general = self._written(main) if main.exists() else Written(str(main))
        for table in OF_ONE_VO & general.document.keys():
            self._problems.append(general.problem((table,), "belongs into the file of a VO, whose own evidence it declares"))
        document = {ALL: self._merged(general, DEFAULTS["policy"])}
        written = {ALL: general}
        for vo, path in self._of_vos().items():
            written[vo] = self._written(path)
            document[vo] = self._layer_of_vo(written[vo], document[ALL]["policy"])
        return Layers(written, document, tuple(self._problems))

    def _of_vos(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for path in sorted(self._directory.glob("vo/*.toml")):
            vo = None if path.name.endswith(TESTS) else self._vo_of(path)
            if vo is not None and vo in found:
                self._refuse(str(path), f"the policies of {vo} are in {found[vo]} already")
            elif vo is not None:
                found[vo] = path
        return found

    def _vo_of(self, path: Path) -> str | None:
        """The VO whose file ``path`` is; None: nobody's."""
        try:
            vo = canonical(path.stem)
        except InvalidRequest as error:
            self._refuse(str(path), str(error))
            return None
        if vo == ALL:
            self._refuse(str(path), f"{ALL!r} is no VO; its policies belong in {ALL}.toml one level up")
        elif vo in self._managed_by_api:
            told = f'the settings say that the policies of {vo} are managed by the API ([vo.{vo}] policies = "api")'
            self._refuse(str(path), f"{told}; take this file away, or declare them managed by file")
        else:
            return vo
        return None

    def _written(self, path: Path) -> Written:
        try:
            return self._parsed(path.read_bytes(), str(path))
        except OSError as error:
            self._refuse(str(path), error.strerror or "cannot be read")
        return Written(str(path))

    def _parsed(self, body: bytes, file: str) -> Written:
        try:
            return Written(file, parse(body, file), places(body.decode()))
        except InvalidConfiguration as error:
            at = re.search(r"\(at line (\d+), column", error.problem)
            self._refuse(file, error.problem, int(at[1]) if at else None)
        return Written(file)

    def with_text(self, layers: Layers, told: Text) -> Layers:
        """``layers``, in which that of the VO says what is ``told``."""
        written = self._parsed(told.text.encode(), told.place)
        layer = self._layer_of_vo(written, layers.document[ALL]["policy"])
        others = {vo: layers.document[vo] for vo in layers.document if vo != told.vo}
        return Layers({**layers.written, told.vo: written}, {**others, told.vo: layer}, (*layers.problems, *self._problems))

    def _layer_of_vo(self, written: Written, installation: Mapping[str, Document]) -> Document:
        for table in SAME_FOR_ALL & written.document.keys():
            told = "belongs into the installation's file; it is the same for all VOs"
            self._problems.append(written.problem((table,), told))
        merged = self._merged(written, installation)
        own = {name: table for name, table in merged["policy"].items() if name in written.tables}
        return {**{key: value for key, value in merged.items() if key not in SAME_FOR_ALL}, "policy": own}

    def _merged(self, written: Written, below: Mapping[str, Document]) -> Document:
        """The document, with the policies ``below``; what it says of them replaced."""
        told = written.document.get("policy", {})
        if not isinstance(told, dict) or len(written.tables) < len(told):
            self._problems.append(written.problem(("policy",), "write each policy as a table, [policy.NAME]"))
        tables = {n: t for n, t in written.tables.items() if self._has_a_type(n, t, written, below)}
        merged = {name: overridden(below.get(name, {}), table) for name, table in tables.items()}
        return {**written.document, "policy": {**below, **merged}}

    def _has_a_type(self, name: str, table: Document, written: Written, below: Iterable[str]) -> bool:
        if name in below or "type" in table:
            return True
        near = suggest(name, below)
        hint = f"did you mean {near!r}?" if near else "a new one needs a type."
        self._problems.append(written.problem(("policy", name), f"there is no such policy to override; {hint}"))
        return False

    def _refuse(self, file: str, text: str, line: int | None = None) -> None:
        self._problems.append(Problem(file, line, "", text))


class Text(NamedTuple):
    """A VO's layer that lies in no file: whose it is, what it says, and what it is called in errors."""

    vo: str
    text: str
    place: str


def with_text(layers: Layers, told: Text) -> Layers:
    """``layers``, in which that of a VO says what is ``told``, and nothing else."""
    return _Reading(Path(), ()).with_text(layers, told)


def overridden(below: Document, table: Document) -> Document:
    """The policy ``below`` with what ``table`` says of it replaced: arguments one by one, unless the rule is another."""
    arguments, before = table.get("arguments", {}), below.get("arguments", {})
    same_rule = table.get("type", below.get("type")) == below.get("type")
    if same_rule and isinstance(arguments, dict) and isinstance(before, dict):
        arguments = {**before, **arguments}
    return {**below, **table, "arguments": arguments}
