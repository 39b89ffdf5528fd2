"""Whose ``ResourceStatus`` sections there are: the installation's, and those of VOs.

DIRAC reads ``Operations/Defaults`` and ``Operations/<VO>`` as one, the latter replacing option by option. Before it gave up
setups, these were ``Operations/Defaults``, ``Operations/<Setup>``, ``Operations/<VO>/Defaults`` and
``Operations/<VO>/<Setup>``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING

from gridmask.dirac_cfg.tree import Section
from gridmask.domain.errors import InvalidRequest, NotKnown
from gridmask.domain.vo import ALL, canonical
from gridmask.policy_import.report import Entry, Outcome, no_effect, quoted, review

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from gridmask.policy_import.report import Remark

DEFAULTS = "Defaults"
STATUS = "ResourceStatus"
PARTS = ("Policies", "PolicyActions", "Config", "Notification")
"""The sections of ``ResourceStatus``."""


@dataclass(frozen=True, slots=True)
class Layer:
    """What the sections of one VO say, or of everyone.

    Attributes:
        vo: whose it is, a VO or :data:`~gridmask.domain.vo.ALL`.
        own: what they say, the more special ones over the more general ones.
        paths: where they stand.
    """

    vo: str
    own: Section
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The layers of a file, the installation's first, and what became of sections that are nobody's."""

    layers: tuple[Layer, ...]
    entries: tuple[Entry, ...] = ()


def find(root: Section, vos: Collection[str] = (), setup: str | None = None) -> Found:
    """The layers in ``root``: in the whole configuration, or in a section ``ResourceStatus``, or in what stands in that.

    Args:
        root: what the file says.
        vos: whose layers are wanted, if not all; a section without an owner belongs to the only one of them.
        setup: which of several setups counts.

    Raises:
        InvalidRequest: there are none, or it cannot be told which are meant.
        MalformedAnswer: an option stands where there should be a section.
    """
    if "Operations" in root.sections:
        found = _Operations(root, setup).found()
        if found.layers:
            return found
    bare = root.sections.get(STATUS) or (root if any(part in root.sections for part in PARTS) else None)
    if bare is None:
        raise InvalidRequest(
            f"{root.place}: there is no section Operations/{DEFAULTS}/{STATUS} and no Operations/<VO>/{STATUS} in it, "
            f"no {STATUS}, and no Policies."
        )
    if len(vos) > 1:
        raise InvalidRequest(f"{root.place}: this does not say whose it is: name one VO, or none for the installation.")
    return Found((Layer(next(iter(vos), ALL), bare, (bare.path,) if bare.path else ()),))


def chosen(layers: Iterable[Layer], vos: Collection[str]) -> tuple[Layer, ...]:
    """Those of ``layers`` that are of one of ``vos``; all of them where none is named.

    Raises:
        NotKnown: there is none of one of ``vos``.
    """
    by_vo = {layer.vo: layer for layer in layers}
    for vo in vos:
        if vo not in by_vo:
            raise NotKnown(f"section {STATUS} of a VO", vo, by_vo)
    return tuple(layer for vo, layer in by_vo.items() if not vos or vo in vos)


def overlaid(below: Section, above: Section) -> Section:
    """``below``, with what is in ``above`` over it, as DIRAC reads the two."""
    options = {name: value for name, value in below.options.items() if name not in above.sections} | dict(above.options)
    sections = {name: section for name, section in below.sections.items() if name not in above.options}
    for name, section in above:
        sections[name] = overlaid(sections[name], section) if name in sections else section
    lines = {**below.lines, **above.lines}
    return Section(options, sections, above.place, above.path, lines)


class _Operations:
    """Goes through ``Operations``."""

    def __init__(self, root: Section, setup: str | None) -> None:
        self._operations = root.section("Operations")
        self._setup, self._setups = self._which_setup(root, setup)
        self._entries: list[Entry] = []

    def found(self) -> Found:
        general = [name for name in (DEFAULTS, self._setup) if name and name in self._operations.sections]
        installation = self._layer(ALL, [self._operations.section(name) for name in general])
        vos: dict[str, Layer] = {}
        for name, section in self._operations:
            if name in general:
                continue
            layer = self._of(name, section)
            if layer and layer.vo in vos:
                self._pass_over(name, f"it is {layer.vo}'s, as is {vos[layer.vo].paths[0]}: put the two together")
            elif layer:
                vos[layer.vo] = layer
        return Found((*([installation] if installation else []), *vos.values()), tuple(self._entries))

    def _of(self, name: str, section: Section) -> Layer | None:
        """The layer that the section ``name`` is, None if it is none."""
        parts = [section, *(section.section(inner) for inner in (DEFAULTS, self._setup) if inner and inner in section.sections)]
        if not any(STATUS in part.sections for part in parts):
            return None
        if name in self._setups:
            self._entries.append(_passed_over(self._operations, name, no_effect("It is another setup's.")))
            return None
        vo = _vo(name)
        if vo is None:
            self._pass_over(name, f"no VO can be called {quoted(name)}")
            return None
        return self._layer(vo, parts)

    def _pass_over(self, name: str, why: str) -> None:
        self._entries.append(_passed_over(self._operations, name, review(f"Not imported: {why}.")))

    @staticmethod
    def _layer(vo: str, parts: Iterable[Section]) -> Layer | None:
        sections = [part.section(STATUS) for part in parts if STATUS in part.sections]
        return Layer(vo, reduce(overlaid, sections), tuple(section.path for section in sections)) if sections else None

    def _which_setup(self, root: Section, setup: str | None) -> tuple[str | None, frozenset[str]]:
        """The setup that counts, and all that there are."""
        setups = frozenset(self._of_setups(root))
        usual = root.section("DIRAC").value("Setup") if "DIRAC" in root.sections else ""
        if setup is None and len(setups) > 1 and usual not in setups:
            raise InvalidRequest(f"{root.place}: there are several setups: {', '.join(sorted(setups))}. Say which one counts.")
        if setup is not None and setup not in setups and setup not in self._operations.sections:
            raise NotKnown("setup", setup, setups)
        return setup or (usual if usual in setups else next(iter(setups), None)), setups

    def _of_setups(self, root: Section) -> Iterator[str]:
        """The setups that have a section: those that the configuration names, and what VOs have below them."""
        declared = root.at("DIRAC", "Setups").sections if "DIRAC" in root.sections else {}
        usual = root.section("DIRAC").value("Setup") if "DIRAC" in root.sections else ""
        for name, section in self._operations:
            if STATUS in section.sections and (name in declared or name == usual):
                yield name
            if name != DEFAULTS:
                yield from (inner for inner, part in section if inner not in {STATUS, DEFAULTS} and STATUS in part.sections)


def _passed_over(outer: Section, name: str, *remarks: Remark) -> Entry:
    return Entry.about(outer, name, Outcome.NOTHING, remarks)


def _vo(name: str) -> str | None:
    try:
        vo = canonical(name)
    except InvalidRequest:
        return None
    return None if vo == ALL else vo
