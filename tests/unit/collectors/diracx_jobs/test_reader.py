from __future__ import annotations

import json

import pytest

from gridmask.collectors.diracx_jobs.reader import read
from gridmask.collectors.observations import Observations
from gridmask.domain.element import ElementKey, TypeRegistry
from gridmask.domain.errors import MalformedAnswer
from gridmask.domain.measurements import Jobs
from gridmask.source import Source
from gridmask.testing import answered, moment


def group(status: object, site: object = "LCG.A.ch", count: object = 3) -> dict[str, object]:
    return {"Status": status, "Site": site, "count": count}


def said(*summaries: object, **options: object) -> Observations:
    source = Source(name="jobs", kind="diracx-jobs", url="x", options=options)
    return read(answered(*(json.dumps(summary).encode() for summary in summaries)), source, TypeRegistry())


def test_both_summaries_are_about_the_same_sites() -> None:
    (found,) = said([group("Done", count=5), group("Failed")], [group("Running", count=2)]).evidence
    assert (found.key.about, found.value) == (ElementKey("Site", "Site", "LCG.A.ch"), Jobs(done=5, failed=3, running=2))
    assert found.observed_at == moment("10:00")


def test_jobs_of_a_vo_and_of_something_else_than_sites() -> None:
    told = said([{"Status": "Done", "CE": "ce1", "count": 1}], parameter="CE", type="ComputingElement", vo="LHCb")
    assert [(item.key.about[-1], item.vo) for item in told.evidence] == [("ce1", "lhcb")]


@pytest.mark.parametrize("passed_over", [group("Killed"), group("Done", "ANY"), group("Done", None), group("Done", "Multiple")])
def test_jobs_without_a_site_and_in_other_statuses_do_not_count(passed_over: dict[str, object]) -> None:
    assert said([passed_over]) == Observations((), rest=Jobs())


@pytest.mark.parametrize("wrong", [group(None), group("Done", count="3"), group("Done", count=-1), group("Done", count=True)])
def test_a_group_that_cannot_be_read_spoils_no_other(wrong: dict[str, object]) -> None:
    told = said([wrong, group("Done", "LCG.B.ch")])
    assert (len(told.evidence), len(told.problems), told.conclusive) == (1, 1, False)


@pytest.mark.parametrize("wrong", [group("Done", 5), {}, {"Status": "Done", "count": 3}])
def test_of_a_group_that_may_be_of_any_element_all_are_in_doubt(wrong: dict[str, object]) -> None:
    told = said([wrong, group("Done", "LCG.B.ch")])
    assert (told.evidence, len(told.problems), told.conclusive) == ((), 1, False)


def test_of_an_element_with_a_count_that_cannot_be_nothing_is_said_for_the_rest_would_be_a_part() -> None:
    told = said([group("Done", count="many"), group("Failed"), group("Failed", "LCG.B.ch")])
    assert [(item.key.about[-1], item.value) for item in told.evidence] == [("LCG.B.ch", Jobs(failed=3))]


@pytest.mark.parametrize("body", [{"detail": "no"}, [1], "x"])
def test_what_is_no_summary_is_refused(body: object) -> None:
    with pytest.raises(MalformedAnswer, match="is no summary of jobs by DiracX"):
        said(body)
