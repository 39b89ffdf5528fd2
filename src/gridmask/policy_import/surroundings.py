"""What is in ``ResourceStatus`` beside policies: nothing of it is imported, all of it is accounted for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.domain.element import TypeRegistry
from gridmask.policy_import.matching import MATCH
from gridmask.policy_import.report import Entry, Outcome, Remark, differs, listed, no_effect, note, quoted, review, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from gridmask.dirac_cfg.tree import Section

WEBHOOK = "a [[webhook]] in the settings is told of every change of a status, once"
ENFORCING = "LogStatusAction"

_HEEDED = {
    "Cache": (
        Outcome.NOTHING,
        note("How long readers of DIRAC's kept what they knew. Here, changes are sent to those who listen."),
    ),
    "State": (Outcome.NOTHING, no_effect("Versions of DIRAC that are in use do not read it.")),
    "FromAddress": (Outcome.BY_HAND, review(f"Gridmask sends no mail by itself: {WEBHOOK}.")),
    "notificationGroups": (Outcome.BY_HAND, review(f"Gridmask sends no mail by itself: {WEBHOOK}.")),
    "Slack": (Outcome.BY_HAND, review(f"Set it up anew: {WEBHOOK}. The address is as good as a password, and not shown here.")),
}


def configuration(config: Section) -> Iterator[Entry]:
    """What becomes of ``Config``."""
    for name in config.options:
        outcome, remark = _HEEDED.get(name, (Outcome.NOTHING, no_effect("DIRAC reads no such option here.")))
        yield Entry.about(config, name, outcome, (remark,))
    for name, section in config:
        if name == "StatusTypes":
            yield from _status_types(section)
        else:
            yield Entry.about(config, name, Outcome.NOTHING, (no_effect("DIRAC reads no such section here."),))


def _status_types(section: Section) -> Iterator[Entry]:
    for name in section.options:
        declared = section.list(name)
        built_in = TypeRegistry().get("" if name == "default" else name).status_types
        if set(declared) == set(built_in):
            yield Entry.about(section, name, Outcome.BUILT_IN)
        else:
            what = f"status types {listed(declared)} of {quoted(name)}"
            told = review(f'Declare the {what} in the settings, in [type."NAME"] with status_types.')
            yield Entry.about(section, name, Outcome.BY_HAND, (told,))


def notification(section: Section) -> Iterator[Entry]:
    """What becomes of ``Notification``; whose addresses are in it is not told."""
    for name in (*section.options, *section.sections):
        yield Entry.about(
            section, name, Outcome.BY_HAND, (review(f"Who got mails. Gridmask sends none by itself: {WEBHOOK}."),)
        )


def actions(section: Section, policies: Collection[str]) -> Iterator[Entry]:
    """What becomes of ``PolicyActions``; ``policies`` are the names of DIRAC's policies."""
    for name in section.options:
        told = no_effect("This is an option where an action would be a section: DIRAC passes over it.")
        yield Entry.about(section, name, Outcome.NOTHING, (told,))
    for name, action in section:
        outcome, remarks = _action(action.value("actionType") or name, action)
        unknown = [policy for policy in _conditions(action, "policyResults") if policy not in policies]
        if unknown:
            remarks.append(no_effect(f"policyResults: there is no policy {listed(unknown)}, which DIRAC takes for agreement."))
        yield Entry.about(section, name, outcome, remarks)


def enforces(section: Section) -> bool:
    """Whether one of the ``PolicyActions`` changes statuses."""
    return any((action.value("actionType") or name) == ENFORCING for name, action in section)


def _action(called: str, action: Section) -> tuple[Outcome, list[Remark]]:
    when = _when(action)
    if called == ENFORCING:
        told = f"Here every decision changes the status, not only {when}. Advisory policies change none."
        return Outcome.BUILT_IN, [differs(told), review("See which policies must not decide.")] if when else []
    if called == "LogPolicyResultAction":
        return Outcome.BUILT_IN, [note(f"Here every verdict is kept, not only {when}.")] if when else []
    if called in {"EmailAction", "SlackAction"}:
        return Outcome.BY_HAND, [
            review(f"It told people {when or 'of everything'}. Instead, {WEBHOOK}: have it choose what to tell."),
            differs("DIRAC told it again at every check, whether or not anything had changed."),
        ]
    return Outcome.NOTHING, [
        no_effect(f"DIRAC has no action {quoted(called)}, and passed over it."),
        review(f"If an extension of DIRAC's brought it, {WEBHOOK}."),
    ]


def _when(action: Section) -> str:
    """On what conditions an action was taken; empty if on none."""
    parts = (
        f"{part} {_written(action, part)}" for part in (MATCH, "combinedResult", "policyResults") if _conditions(action, part)
    )
    told = " and ".join(parts)
    return f"where {told}" if told else ""


def _written(action: Section, part: str) -> str:
    return ", ".join(f"{shown(name)} = {shown(value)}" for name, value in _conditions(action, part).items())


def _conditions(action: Section, part: str) -> dict[str, str]:
    return dict(action.sections[part].options) if part in action.sections else {}
