"""DIRAC's ``Policies``: which are policies here, which are arguments of others, and which were nothing.

What has ``matchParams`` or a ``policyType`` is a policy. What has neither, and arguments, is what policies of its type are
given; that is how a newer grammar reads it. What has none of these is a policy for everything, as DIRAC has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gridmask.domain.matching import matches
from gridmask.domain.spelling import suggest
from gridmask.policy_import.catalogue import KINDS, Kind
from gridmask.policy_import.matching import ACTIVE, MATCH, Matched, matched
from gridmask.policy_import.report import Entry, Outcome, Remark, listed, no_effect, note, quoted, review, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gridmask.dirac_cfg.tree import Section

TYPE = "policyType"
ADVISORY = "doNotCombineResult"
SWITCH = "active"
RESERVED = frozenset({TYPE, MATCH, ADVISORY, SWITCH, "configParams"})
"""What is no argument."""

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Draft:
    """A policy to be.

    Attributes:
        section: DIRAC's name for it.
        kind: DIRAC's type.
        rule: ours.
        match: which rows it is about.
        arguments: what the rule wants to know.
        advisory: whether its verdicts decide nothing.
        enabled: whether it is on.
        absorbed_by: the section whose policy does what it did; None: it is a policy.
        remarks: what there is to know.
    """

    section: str
    kind: str
    rule: str
    match: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    arguments: Mapping[str, object] = field(default_factory=dict)
    advisory: bool = False
    enabled: bool = True
    absorbed_by: str | None = None
    remarks: tuple[Remark, ...] = ()

    @property
    def name(self) -> str:
        """What it is called here: as there, unless nobody could type that."""
        if self.section.isprintable() and len(self.section) <= LONGEST_NAME:
            return self.section
        clean = "".join(c if c.isprintable() else "_" for c in self.section)[: LONGEST_NAME - 9]
        return f"{clean}-{sha256(self.section.encode()).hexdigest()[:8]}"

    @property
    def outcome(self) -> Outcome:
        """What became of its section."""
        return Outcome.ABSORBED if self.absorbed_by else Outcome.POLICY if self.enabled else Outcome.OFF

    def noting(self, *remarks: Remark, **changes: Any) -> Draft:  # noqa: ANN401 - of any field
        """This one, with ``changes`` and more to know."""
        return replace(self, remarks=(*self.remarks, *remarks), **changes)

    def table(self) -> dict[str, object]:
        """The table of a policy file."""
        said: dict[str, object] = {"type": self.rule}
        said |= {"match": {key: list(patterns) for key, patterns in self.match.items()}} if self.match else {}
        said |= {"arguments": dict(self.arguments)} if self.arguments else {}
        said |= {"advisory": True} if self.advisory else {}
        return said | ({} if self.enabled else {"enabled": False})


class Reading:
    """Goes through the ``Policies`` of one layer.

    Attributes:
        drafts: its policies, in their order.
        others: what became of the sections and options that are no policies, by name.
    """

    def __init__(self, policies: Section, vo: str, *, as_meant: bool) -> None:
        self.drafts: dict[str, Draft] = {}
        self.others: dict[str, Entry] = {}
        self._policies = policies
        self._vo = vo
        self._as_meant = as_meant
        self._given = {name: section for name, section in policies if gives_arguments(name, section)}
        for name, section in policies:
            self._read(name, section)
        for name in policies.options:
            self._pass_over(name, no_effect("This is an option where a policy would be a section: DIRAC passes over it."))
        for name, section in self._given.items():
            self._tell_of_arguments(name, section)

    def _read(self, name: str, section: Section) -> None:
        if name in self._given:
            return
        called = section.value(TYPE) or name
        if called in KINDS:
            self.drafts[name] = self._draft(name, called, section)
            return
        near = suggest(called, KINDS)
        hint = f" Did somebody mean {near!r}?" if near else ""
        self._pass_over(
            name,
            no_effect(f"DIRAC has no type {quoted(called)}, and passed over it.{hint}"),
            review("If an extension of DIRAC's brought it, write a policy for what it did."),
        )

    def _draft(self, name: str, called: str, section: Section) -> Draft:
        kind, remarks = KINDS[called], []
        rows = self._rows(section, kind)
        draft = Draft(name, called, kind.rule, rows.patterns, enabled=not rows.off, advisory=ADVISORY in section.options)
        try:
            options = {**kind.options, **self._arguments_for(called), **arguments_of(section, kind)}
            draft = replace(draft, arguments=kind.make(options))
        except ValueError as error:
            draft = replace(draft, arguments=kind.make(kind.options), enabled=False)
            remarks.append(review(f"{error}: it has DIRAC's own numbers here, and is switched off."))
        if draft.name != name:
            remarks.append(note(f"It is called {quoted(draft.name)} here: its name is too long, or cannot be printed."))
        draft = draft.noting(*kind.remarks, *rows.remarks, *remarks, *_oddities(section, kind))
        return self._switched(draft, section)

    def _rows(self, section: Section, kind: Kind) -> Matched:
        written = section.sections.get(MATCH)
        rows = matched(written, self._vo, as_meant=self._as_meant) if written is not None else Matched()
        if not rows.patterns and kind.match:
            rows.patterns |= kind.match
            rows.remarks.append(note("It says not what it is about; it is about writing to storage."))
        elif written is None:
            rows.remarks.append(review(f"It has no {MATCH}, and so it is about everything."))
        return rows

    def _arguments_for(self, called: str) -> Mapping[str, str]:
        return arguments_of(self._given[called], KINDS[called]) if called in self._given else {}

    @staticmethod
    def _switched(draft: Draft, section: Section) -> Draft:
        values = section.list(SWITCH)
        if SWITCH not in section.options or any(matches(value, ACTIVE) for value in values):
            return draft
        text = f"{SWITCH} = {listed(values)} switches it off. Released versions of DIRAC heed that within {MATCH} only."
        return draft.noting(review(text), enabled=False)

    def _pass_over(self, name: str, *remarks: Remark) -> None:
        self.others[name] = Entry.about(self._policies, name, Outcome.NOTHING, remarks)

    def _tell_of_arguments(self, name: str, section: Section) -> None:
        takers = [draft.name for draft in self.drafts.values() if draft.kind == name]
        given = ", ".join(f"{option} = {shown(value)}" for option, value in section.options.items() if option not in RESERVED)
        remarks = [
            note(f"{given}: for {listed(takers)}." if takers else f"{given}: there is no policy of this type to take it.")
        ]
        if KINDS[name].released:
            remarks.append(
                review("Released versions of DIRAC take this for a policy about everything. If yours is one, write it down.")
            )
        self.others[name] = Entry.about(self._policies, name, Outcome.ARGUMENTS, (*remarks, *_oddities(section, KINDS[name])))


def gives_arguments(name: str, section: Section) -> bool:
    """Whether a section is no policy, but what policies of the type that it is called after are given."""
    if name not in KINDS or TYPE in section.options or MATCH in section.sections:
        return False
    return bool(arguments_of(section, KINDS[name]))


def arguments_of(section: Section, kind: Kind) -> dict[str, str]:
    """The arguments in a section, by folded name."""
    folded = {name.casefold(): value for name, value in section.options.items() if name not in RESERVED}
    return {name: value for name, value in folded.items() if name in kind.options}


def _oddities(section: Section, kind: Kind) -> Iterator[Remark]:
    """What there is to know about what else is in the section of a policy."""
    if section.value(ADVISORY).casefold() in {"no", "false", "0", "off"}:
        yield review(
            f"{ADVISORY} = {section.value(ADVISORY)}: DIRAC heeds that it is there, not what it says, and so does this import."
        )
    given = [name for name in section.options if name not in RESERVED]
    strange = [name for name in given if name.casefold() not in kind.options]
    if strange:
        yield no_effect(f"{listed(strange)}: no argument of this type; DIRAC passes over it.")
    if kind.released and len(strange) < len(given) and (TYPE in section.options or MATCH in section.sections):
        yield review(f"Released versions of DIRAC pass over the arguments here, and have {_numbers(kind)}.")
    if MATCH in section.options:
        yield no_effect(f"{MATCH} is an option here, where DIRAC reads a section.")
    for name, _ in section:
        if name != MATCH:
            yield no_effect(f"DIRAC passes over the section {quoted(name)}.")


def _numbers(kind: Kind) -> str:
    return ", ".join(f"{name} = {value}" for name, value in kind.options.items())
