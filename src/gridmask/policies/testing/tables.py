"""How policy tests are written: the tables of a ``*.test.toml`` file."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from gridmask.documents import Duration, Strict
from gridmask.domain.downtime import Impact
from gridmask.domain.evidence import DOWNTIME
from gridmask.domain.mask import Absence
from gridmask.domain.status import Status
from gridmask.domain.vo import ALL

DAY = date(2026, 1, 15)
"""The day of a time that names none."""

EVERY = "*"


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _status(value: object) -> object:
    known = {status.label: status for status in Status}
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"write one of {', '.join(known)}")
    return known[value]


def _expected(value: object) -> object:
    absences = {str(absence): absence for absence in Absence}
    return absences[value] if isinstance(value, str) and value in absences else _status(value)


Names = Annotated[tuple[str, ...], BeforeValidator(_several)]
Moment = datetime | time | str
Told = Annotated[Status, BeforeValidator(_status)]


class ElementTable(Strict):
    """``[[element]]``: something that the policies are tried on."""

    name: str = Field(description="What it is called.")
    type: str = Field("ComputingElement", description="Its type; `Site` is one, too.")
    site: str = Field("EXAMPLE", description="The site that it belongs to.")
    offered: frozenset[str] = Field(frozenset(), description="The VOs that may use it. Empty is everyone.")
    tags: frozenset[str] = Field(frozenset(), description="Its tags.")
    in_service: bool = Field(default=True, description="Whether it is to be used at all.")
    source: str = Field("inventory", description="The inventory source that it comes from.")


class SourceTable(Strict):
    """``[[source]]``: a source of downtimes that can fall silent."""

    name: str = Field("downtimes", description="What it is called.")
    valid_for: Duration = Field(timedelta(hours=6), description="How long its last answer counts once it is silent.")
    kind: str = Field(DOWNTIME, description="The kind of evidence that it speaks of.")


class DowntimeTable(Strict):
    """``[[test.at.downtime]]``: a downtime that is announced at this moment, or again, otherwise."""

    id: str = Field("1", description="What it is called in its source. Announced again, it is another version of it.")
    of: Names = Field((), description="The elements that it names. Not needed where there is but one.")
    start: Moment | None = Field(None, description="When it begins; else at this moment.")
    end: Moment | None = Field(None, description="When it ends; else it has no announced end.")
    severity: str = Field(Impact.OUTAGE.name, description="As the source publishes it.")
    scheduling: str = Field("SCHEDULED", description="`SCHEDULED` or `UNSCHEDULED`.")
    description: str = Field("", description="What the announcement says.")
    vo: str = Field(ALL, description="For whom it is.")
    source: str = Field("", description="Who announces it; else the first source of the file.")


class MeasuredTable(BaseModel):
    """``[[test.at.measured]]``: a measurement. What it measured stands beside these keys."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = Field(description="What is measured: one of the kinds below.")
    of: Names = Field((), description="The elements that it is about. Not needed where there is but one.")
    vo: str = Field(ALL, description="The VO that it is about; `all` where it says nothing of VOs.")
    valid_for: Duration | None = Field(None, description="How long it counts; else until the next of its kind.")
    source: str = Field("monitoring", description="Who measured it.")
    record: str = Field("", description="Which of several records of one kind; the next one of that replaces it.")


class SetTable(Strict):
    """``[[test.at.set]]``: a person sets rows."""

    status: Told = Field(description="To what.")
    of: Names = Field((), description="Of these elements. Not needed where there is but one.")
    status_type: Names = Field((EVERY,), description="These aspects; else all.")
    vo: str = Field(ALL, description="For this VO.")
    until: Moment | None = Field(None, description="Until when; else until it is released.")
    agreed: bool = Field(default=False, description="Whether it also ends once automation asks for the same.")
    binding: bool = Field(default=False, description="With `all`: whether it outranks every VO's own row.")
    by: str = Field("operator", description="Who.")
    reason: str = Field("Set by hand.", description="Why.")


class ReleaseTable(Strict):
    """``[[test.at.release]]``: a person gives rows back to automation."""

    of: Names = Field((), description="Of these elements. Not needed where there is but one.")
    status_type: Names = Field((EVERY,), description="These aspects; else all.")
    vo: str = Field(ALL, description="For this VO.")


class ExpectTable(Strict):
    """``[[test.at.expect]]``: what must be so once all else of this moment has happened."""

    status: Annotated[Status | Absence, BeforeValidator(_expected)] | None = Field(
        None, description="The status that a reader gets, or `not offered` or `out of service`."
    )
    of: Names = Field((), description="Of these elements. Not needed where there is but one.")
    status_type: Names = Field((EVERY,), description="Of these aspects; else of all.")
    vo: Names = Field((ALL,), description="For each of these VOs.")
    by: Names | None = Field(None, description="Just these policies decide it; `[]` is none, such as where a person does.")
    reason: Names = Field((), description="Each of these must occur in one of its reasons.")
    automation: Told | None = Field(None, description="What automation would set, where a person holds the row.")


class MomentTable(Strict):
    """``[[test.at]]``: a moment. What happens at it, in the order of these keys; then what is expected."""

    time: Moment = Field(description="When. Later than the moment before.")
    silent: Names = Field((), description="Sources that answer no more from now on.")
    answers: Names = Field((), description="Sources that answer again.")
    withdraw: Names = Field((), description="Downtimes that are not announced any more, by `id`.")
    downtime: tuple[DowntimeTable, ...] = ()
    measured: tuple[MeasuredTable, ...] = ()
    set: tuple[SetTable, ...] = ()
    release: tuple[ReleaseTable, ...] = ()
    expect: tuple[ExpectTable, ...] = ()


class TestTable(Strict):
    """``[[test]]``: what becomes of the elements in the course of time."""

    __test__ = False

    name: str = Field(description="What is so, as a sentence.")
    day: date = Field(DAY, description="The day of times that name none.")
    element: tuple[ElementTable, ...] = ()
    at: tuple[MomentTable, ...] = Field(min_length=1)


class TestFile(Strict):
    """The whole file."""

    __test__ = False

    policies: str | None = Field(
        None, description="The directory of the policies, seen from the file. Else the nearest one above it that has any."
    )
    inventory: str | None = Field(None, description="An inventory file whose elements are there, seen from the file.")
    vos: frozenset[str] = Field(frozenset(), description="VOs that exist, beside those that are named anywhere.")
    guarded: bool = Field(
        default=False, description="Whether the guard holds mass changes here, too; a few elements are soon a large share."
    )
    element: tuple[ElementTable, ...] = ()
    source: tuple[SourceTable, ...] = ()
    test: tuple[TestTable, ...] = ()
