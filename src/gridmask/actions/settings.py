"""The tables of the settings that say who is told what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from gridmask.actions.cloud_events import Form
from gridmask.actions.conditions import EVERY_TOPIC, KEYS, Condition
from gridmask.actions.retrying import Patience
from gridmask.documents import Period, Strict
from gridmask.domain.matching import NOT, Match, matches
from gridmask.domain.news import Topic
from gridmask.domain.severity import Severity
from gridmask.domain.spelling import suggest
from gridmask.domain.status import Status
from gridmask.domain.vo import canonical

_LABELS = tuple(status.label for status in Status)


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _not_empty(patterns: tuple[str, ...]) -> tuple[str, ...]:
    if not patterns:
        raise ValueError("an empty list agrees with nothing; leave it out, or name something")
    return patterns


def _of_statuses(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        if not any(matches(pattern.removeprefix(NOT), label) for label in _LABELS):
            near = suggest(pattern, _LABELS)
            hint = f"did you mean {near!r}?" if near else f"there are {', '.join(_LABELS)}"
            raise ValueError(f"no status agrees with {pattern!r}; {hint}")
    return patterns


Patterns = Annotated[tuple[str, ...], BeforeValidator(_one_or_many), AfterValidator(_not_empty)]
Statuses = Annotated[Patterns, AfterValidator(_of_statuses)]


ActionName = Annotated[str, Field(min_length=1, max_length=128)]


class Conditions(Strict):
    """``on``, in a table of an action: what it is told of. What is left out does not constrain."""

    topics: tuple[Literal["changes", "batch", "reminder", "source", "other"], ...] = Field(
        (),
        description="`changes` of rows, `batch`, `reminder`, `source`. Empty: all; once changes are chosen, these alone.",
    )
    match: dict[str, Patterns] = Field(
        {}, description="Which rows, in the words of policies' `match`; and `before`, `after`, `kind`, `actor`."
    )
    seen_by: frozenset[str] = Field(
        frozenset(), description="The VOs in whose masks it shows: by their own rows, or by those of `all` where they count."
    )
    severity: tuple[Severity, ...] = Field(
        (), description="`lost`: it was usable, and is not; `worse`, `better`, `regained`, `other`. Empty: all."
    )
    verdicts: dict[str, Statuses] = Field(
        {}, description="By policy, the status that it must have asked for; advisory ones count. All that are named must have."
    )
    combined: Annotated[tuple[str, ...], BeforeValidator(_one_or_many), AfterValidator(_of_statuses)] = Field(
        (), description="What the verdicts must add up to, whatever became of that."
    )
    when: str = Field("", description="A condition in CEL, on `change`, `row` and `element`, which must hold besides.")

    @field_validator("match")
    @classmethod
    def _known_keys(cls, match: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for key in match:
            if key not in KEYS:
                near = suggest(key, KEYS)
                hint = f"did you mean {near!r}?" if near else f"there are {', '.join(KEYS)}"
                raise ValueError(f"there is no {key!r}; {hint}")
        for key in ("before", "after"):
            _of_statuses(match.get(key, ()))
        # names of VOs have one canonical form, in lower case
        return {key: tuple(map(str.casefold, patterns)) if key == "vo" else patterns for key, patterns in match.items()}

    @field_validator("seen_by", mode="before")
    @classmethod
    def _canonical(cls, vos: object) -> object:
        given = _one_or_many(vos)
        return frozenset(map(_vo, given)) if isinstance(given, Iterable) else given

    @field_validator("when")
    @classmethod
    def _compiled(cls, when: str) -> str:
        _condition_of(when)
        return when

    def condition(self) -> Condition:
        """The same, as it is applied."""
        asked = Condition(
            match=Match.of(**self.match),
            seen_by=self.seen_by,
            verdicts=tuple(sorted(self.verdicts.items())),
            combined=self.combined,
            severity=frozenset(self.severity),
            when=_condition_of(self.when),
        )
        usual = frozenset({Topic.CHANGES}) if asked.is_about_changes else EVERY_TOPIC
        topics = frozenset(map(Topic, self.topics)) or usual
        return Condition(topics, asked.match, asked.seen_by, asked.verdicts, asked.combined, asked.severity, asked.when)


def _vo(name: object) -> object:
    return canonical(name) if isinstance(name, str) else name


def _condition_of(when: str) -> Any:  # noqa: ANN401 - of the layer beside, which is loaded when it is needed
    if not when:
        return None
    from gridmask.cel.changes import ChangeCondition  # noqa: PLC0415 - nobody else pays for the library

    return ChangeCondition(when)


class Delivery(Strict):
    """``[delivery]``: how what is told is told again where that fails."""

    timeout: Period = Field(
        timedelta(minutes=1), le=timedelta(minutes=10), description="How long an action may take to tell one thing."
    )
    attempts: int = Field(
        12, ge=1, le=1000, description="After so many attempts on which the other side failed, it becomes a dead letter."
    )
    give_up: Period = Field(timedelta(days=3), description="Once it is so old, it becomes one, whatever the trouble is.")

    def patience(self) -> Patience:
        """The same, as it is applied."""
        return Patience(self.attempts, self.give_up)


class Webhook(Strict):
    """``[[webhook]]``: an address that is told of every change."""

    name: ActionName = Field(description="What it is called in logs and commands.")
    url: str = Field(description="Where each change is posted to, as JSON.", repr=False)
    form: Form = Field(
        Form.PLAIN,
        description="What is posted: the document alone (`plain`), or as a CloudEvent: in one document with its attributes "
        "(`cloudevents`), or with these as headers (`cloudevents-binary`).",
    )
    source: str = Field("", description="What CloudEvents call this installation; empty: by the portal's address.")
    secret_file: Path | None = Field(
        None, description="A file with the secret by which what is posted is signed; several, one a line, sign all."
    )
    ca_file: Path | None = Field(None, description="Which CAs vouch for it, in place of those of `[http]`, or of the system's.")
    traced: bool = Field(
        default=True, description="Whether it is told, by a header `traceparent`, of which trace a change is part, if any."
    )
    on: Conditions = Conditions()


class Action(Strict):
    """``[[action]]``: an action of a plug-in, which is told of every change."""

    name: ActionName = Field(description="What it is called in logs and commands.")
    kind: str = Field(description="What the plug-in calls it.")
    options: dict[str, Any] = Field({}, description="What it wants to know.")
    on: Conditions = Conditions()
