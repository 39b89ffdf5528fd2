"""The import: a configuration in; policy files and a report out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gridmask.domain.vo import ALL
from gridmask.policy_import import layers, surroundings, toml
from gridmask.policy_import.catalogue import NEUTRAL
from gridmask.policy_import.layers import PARTS, Layer, overlaid
from gridmask.policy_import.policies import Draft, Reading
from gridmask.policy_import.report import Entry, Outcome, differs, listed, no_effect, note, quoted, review
from gridmask.policy_import.together import settled

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from gridmask.dirac_cfg.tree import Section

Tables = dict[str, dict[str, object]]

BUILT_IN_POLICY = "declared-downtimes"
"""What Gridmask does by itself; DIRAC did nothing by itself."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one layer.

    Attributes:
        vo: whose it is, a VO or :data:`~gridmask.domain.vo.ALL`.
        paths: where in the configuration it stands.
        tables: the policies, as they stand in the file.
        entries: what became of each of its sections.
    """

    vo: str
    paths: tuple[str, ...]
    tables: Tables
    entries: tuple[Entry, ...]

    @property
    def file(self) -> str:
        """Where it belongs in the directory of policy files."""
        return f"{ALL}.toml" if self.vo == ALL else f"vo/{self.vo}.toml"

    def text(self, origin: str) -> str:
        """What belongs there; ``origin`` names what it was imported from."""
        whence = f"{origin}: {', '.join(self.paths) or 'the whole file'}"
        below = "" if self.vo == ALL else f" It counts on top of {ALL}.toml as imported from there."
        return toml.written(self.tables, self.entries, f"{whence}.{below}")


@dataclass(frozen=True, slots=True)
class Import:
    """What became of a configuration: its layers, and ``entries`` for what is nobody's."""

    layers: tuple[Imported, ...]
    entries: tuple[Entry, ...] = ()

    @property
    def all_entries(self) -> tuple[Entry, ...]:
        """What became of everything."""
        return (*self.entries, *(entry for layer in self.layers for entry in layer.entries))


def imported(root: Section, vos: Collection[str] = (), *, setup: str | None = None, as_meant: bool = False) -> Import:
    """What becomes of the configuration ``root``.

    Args:
        root: what the file says.
        vos: whose layers are wanted, if not all.
        setup: which of several setups counts.
        as_meant: whether keys that DIRAC does not heed count as what they most likely were meant to be.

    Raises:
        InvalidRequest: there is nothing to import, or it cannot be told whose it is.
        NotKnown: there is no layer of one of ``vos``.
        MalformedAnswer: an option stands where there should be a section.
    """
    found = layers.find(root, vos, setup)
    general = next((layer for layer in found.layers if layer.vo == ALL), None)
    made = (_imported(layer, general, as_meant=as_meant) for layer in layers.chosen(found.layers, vos))
    return Import(tuple(made), found.entries)


def _imported(layer: Layer, general: Layer | None, *, as_meant: bool) -> Imported:
    if layer.vo == ALL or general is None:
        whole, below = layer.own, {}
    else:
        whole, below = overlaid(general.own, layer.own), _drafts(general.own, ALL, as_meant=as_meant)[1]
    reading, drafts = _drafts(whole, layer.vo, as_meant=as_meant)
    tables = _tables(drafts)
    told = tuple(_entries(layer, reading, drafts, below))
    if layer.vo == ALL:
        return Imported(ALL, layer.paths, _without_defaults(tables), (*told, *_about_defaults(drafts)))
    differing = _differing(tables, _without_defaults(_tables(below)))
    return Imported(layer.vo, layer.paths, differing, (*told, *_about_others(differing, layer, drafts)))


def _drafts(status: Section, vo: str, *, as_meant: bool) -> tuple[Reading, dict[str, Draft]]:
    reading = Reading(status.section("Policies"), vo, as_meant=as_meant)
    return reading, settled(reading.drafts)


def _tables(drafts: Mapping[str, Draft]) -> Tables:
    return {draft.name: draft.table() for draft in drafts.values() if not draft.absorbed_by}


# --- The layer below


def _without_defaults(tables: Tables) -> Tables:
    """``tables``, with what Gridmask does by itself switched off: the imported policies decide, and nothing else."""
    return tables if BUILT_IN_POLICY in tables or not tables else {**tables, BUILT_IN_POLICY: {"enabled": False}}


def _about_defaults(drafts: Mapping[str, Draft]) -> Iterator[Entry]:
    if not drafts or BUILT_IN_POLICY in drafts:
        return
    remarks = [differs("What Gridmask does by itself is switched off: policies decide as they did in DIRAC, and no others.")]
    if not any(draft.rule == "downtime" and draft.enabled for draft in drafts.values()):
        remarks.append(
            review("Nothing follows declared downtimes, as in DIRAC. Take this policy out of the file to have it so.")
        )
    yield Entry("", None, Outcome.OFF, BUILT_IN_POLICY, tuple(remarks))


def _differing(tables: Tables, below: Tables) -> Tables:
    """What a VO's file has to say so that ``tables`` are in force for it where ``below`` is the installation's."""
    said = {name: _over(table, below[name]) if name in below else table for name, table in tables.items()}
    differing = {name: table for name, table in said.items() if tables[name] != below.get(name)}
    gone = (name for name, table in below.items() if name not in tables and table.get("enabled") is not False)
    return differing | {name: {"enabled": False} for name in gone}


def _over(table: dict[str, object], below: dict[str, object]) -> dict[str, object]:
    """``table``, with what it leaves unsaid because it is the default, if the installation says otherwise."""
    usual: dict[str, Any] = {"match": {}, "advisory": False, "enabled": True}
    said = {"type": table["type"], **{key: value for key, value in usual.items() if key in below}, **table}
    if table["type"] == below.get("type"):  # then arguments are replaced one by one
        lacking = {
            name: value for name, value in NEUTRAL.items() if name in _arguments(below) and name not in _arguments(table)
        }
        said |= {"arguments": {**_arguments(table), **lacking}} if lacking else {}
    return said


def _arguments(table: dict[str, object]) -> dict[str, object]:
    found = table.get("arguments")
    return found if isinstance(found, dict) else {}


# --- The report


def _entries(layer: Layer, reading: Reading, drafts: Mapping[str, Draft], below: Mapping[str, Draft]) -> Iterator[Entry]:
    """What became of each section of ``layer``."""
    own = layer.own
    for name in (*own.options, *own.sections):
        if name not in PARTS:
            yield Entry.about(own, name, Outcome.NOTHING, (no_effect("DIRAC reads nothing of this name here."),))
    policies, actions = own.section("Policies"), own.section("PolicyActions")
    yield from surroundings.configuration(own.section("Config"))
    for name in (*policies.options, *policies.sections):
        yield reading.others[name] if name in reading.others else _of_policy(policies, drafts[name], layer, below)
    yield from surroundings.actions(actions, {*reading.drafts, *below})
    yield from surroundings.notification(own.section("Notification"))
    if layer.vo == ALL and policies.sections and not surroundings.enforces(actions):
        told = review(
            f"There is no {surroundings.ENFORCING}: if that is all, DIRAC decided and changed no status. Here it is changed."
        )
        yield Entry(own.path_of("PolicyActions"), None, Outcome.NOTHING, None, (told,))


def _about_others(tables: Tables, layer: Layer, drafts: Mapping[str, Draft]) -> Iterator[Entry]:
    """What became of the installation's policies that a VO's file changes because of what it says of others."""
    own = layer.own.section("Policies")
    spoken_of = {draft.name for draft in drafts.values() if draft.section in own.sections}
    told = (note("It is the installation's, and differs for this VO by what is said of other sections."),)
    for name, table in tables.items():
        if name not in spoken_of:
            yield Entry("", None, Outcome.OFF if table.get("enabled") is False else Outcome.POLICY, name, told)


def _of_policy(policies: Section, draft: Draft, layer: Layer, below: Mapping[str, Draft]) -> Entry:
    name = draft.section
    policy = draft.name if not draft.absorbed_by else None
    made = Entry.about(policies, name, draft.outcome, draft.remarks, policy=policy)
    if layer.vo == ALL:
        return made
    more = [differs(f"DIRAC's agents did not read this section, only Defaults. Here it decides for {quoted(layer.vo)}.")]
    if name in below and below[name].table() == draft.table():
        more = [note("The same as the installation's; nothing is written.")]
    elif name not in below and (alike := [other for other in below if other.casefold() == name.casefold()]):
        more.append(review(f"The installation has {listed(alike)}: names differ in case, and so these are two policies."))
    return replace(made, remarks=(*made.remarks, *more))
