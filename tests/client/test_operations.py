"""Everything that can be asked is asked of a real server, with either client."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
import rich.pretty

from gridmask_client import (
    Matching,
    Named,
    access,
    actions,
    actuators,
    audit,
    automation,
    availability,
    batches,
    downtimes,
    elements,
    evidence,
    health,
    masks,
    policies,
    probes,
    service_tokens,
    sources,
    statuses,
    timelines,
    tokens,
)
from gridmask_client.errors import NotFound, NotResumable, PoliciesRefused, Refused, SourceFailed, Stale
from tests import osg
from tests.client.samples import SAMPLES
from tests.clocks import at
from tests.grid import outage

if TYPE_CHECKING:
    from tests.client.conftest import Ask
    from tests.grid import Grid

CLOSED = '[policy.closed]\ntype = "always"\nmatch.name = "DUO"\narguments = { status = "Banned" }\n'
SE1 = Named("SE1", "atlas", status_type="WriteAccess")


# --- Masks


def test_the_vos_are_listed_with_the_revisions_of_their_masks(ask: Ask) -> None:
    assert [mask.vo for mask in ask.each(masks.list())] == ["all", "atlas", "cms"]
    assert ask.do(masks.list()).checked_at is not None


def test_a_mask_is_read_whole(ask: Ask) -> None:
    served = ask.do(masks.read("USCMS"))
    assert (served.value.vo, served.revision, served.age) == ("cms", served.value.revision, 0)
    assert {one.name: one.status for one in served.value.elements}["CE1"] == {"all": "Banned"}


def test_what_one_has_already_is_not_read_again(ask: Ask) -> None:
    served = ask.do(masks.read("cms"))
    assert ask.do(masks.read("cms", have=served.etag)) is None
    assert ask.do(masks.read("cms", have='"another"')) == served


def test_a_mask_is_read_for_a_purpose(ask: Ask) -> None:
    usable = ask.do(masks.read("atlas", purpose="use")).value
    assert "CE1" not in {one.name for one in usable.elements}


def test_a_mask_of_the_past_is_read(ask: Ask, world: Grid) -> None:
    past = ask.do(masks.read("cms", at=world.clock())).value
    assert (past.at, past.unsure) == (world.clock(), ())
    assert ask.do(masks.read("cms", at=past.revision)).value.elements == past.elements


def test_what_changed_in_a_mask_is_read(ask: Ask) -> None:
    mask = ask.do(masks.read("cms")).value
    changes = ask.do(masks.delta("cms", f"{mask.revision}-{mask.mark}"))
    assert (changes.value.revision, changes.value.elements, changes.value.gone) == (mask.revision, (), ())
    assert ask.do(masks.delta("cms", "0", have=changes.etag)) is not None
    with pytest.raises(NotResumable):
        ask.do(masks.delta("cms", f"{mask.revision}-0123456789abcdef"))


@pytest.mark.parametrize("format", ["json", "text", "vo-feed", "usable-sites", "ssb"])
def test_a_mask_is_read_in_every_format(ask: Ask, format: masks.Format) -> None:  # noqa: A002 - as the client calls it
    served = ask.do(masks.document("cms", format))
    assert len(served.value) > 100
    assert ask.do(masks.document("cms", format, have=served.etag)) is None


def test_elements_are_asked_about_by_name(ask: Ask) -> None:
    found = ask.each(masks.about("cms", ["CE1", "CE99", "OLD"]))
    assert [(one.name, one.absence, dict(one.status)) for one in found] == [
        ("CE1", None, {"all": "Banned"}),
        ("CE99", "not known", {}),
        ("OLD", "out of service", {}),
    ]


def test_a_mask_of_the_past_is_judged(ask: Ask, world: Grid) -> None:
    judged = ask.do(masks.hindsight("cms", world.clock()))
    assert (judged.missed, judged.lost, {row.served for row in judged.rows} >= {"Banned"}) == (0, 0, True)


# --- Rows


def test_rows_are_listed_page_after_page(ask: Ask) -> None:
    whole = ask.each(statuses.list(vo="atlas"))
    assert ask.each(statuses.list(vo="atlas", limit=1)) == whole
    assert len(ask.do(statuses.list(vo="atlas", limit=1)).statuses) == 1
    assert {row.name for row in ask.each(statuses.list(vo="atlas", status="Banned"))} == {"CE1"}


def test_rows_are_set_each_with_what_became_of_it(ask: Ask) -> None:
    until = datetime(2026, 8, 22, 8, tzinfo=UTC)
    done = ask.do(statuses.set([SE1, Named("SE1", "cms", status_type="ReadAccess")], "Banned", "disks", until=until))
    assert [(row.vo, row.status_type, row.status, row.changed) for row in done.statuses] == [
        ("atlas", "WriteAccess", "Banned", True),
        ("cms", "ReadAccess", "Banned", True),
    ]
    assert [row.token and row.token.until for row in done.statuses] == [until, until]
    freed = ask.do(tokens.release([Named.of(row) for row in done.statuses], "all is well"))
    assert [row.token for row in freed.statuses] == [None, None]


def test_rows_are_set_by_what_they_are(ask: Ask) -> None:
    rows = Matching({"site": "A", "name": ["SE*", "!CE1"]}, "atlas", status_type="CheckAccess")
    done = ask.do(statuses.set([rows], "Degraded", "slow", lasting=True))
    assert [(row.name, row.status_type, row.status) for row in done.statuses] == [("SE1", "CheckAccess", "Degraded")]
    ask.do(tokens.release([rows]))


def test_what_was_not_seen_is_not_changed(ask: Ask) -> None:
    (row,) = ask.each(statuses.list(vo="atlas", name="SE1", status_type="WriteAccess"))
    done = ask.do(statuses.set([SE1], "Degraded", "slow", if_match=row.revision))
    for condition in ({"if_match": row.revision}, {"seen": row.revision}):
        with pytest.raises(Stale) as refused:
            ask.do(statuses.set([SE1], "Banned", "slower", **condition))  # type: ignore[arg-type]  # either of two numbers
        assert refused.value.current["revision"] == done.revision
        assert refused.value.current["status"] == "Degraded"
    ask.do(tokens.release([SE1], if_match=done.statuses[0].revision))


def test_a_row_is_explained(ask: Ask) -> None:
    (told,) = ask.each(statuses.why("CE1", vo="cms"))
    assert (told.status, told.opinion, told.owes_probing, told.evidence[0].kind) == ("Banned", "Banned", False, "downtime")
    assert [verdict.policy for verdict in told.verdicts if verdict.wins] == ["declared-downtimes"]
    assert told.reasons[0].until == at(hours=2)


def test_a_row_has_a_history(ask: Ask) -> None:
    whole = ask.each(statuses.history("CE1"))
    assert (whole[0].new, whole[-1].old, len(whole) > 1) == ("Banned", None, True)
    assert ask.each(statuses.history("CE1", limit=1)) == whole


def test_bans_are_reviewed(ask: Ask) -> None:
    assert "CE1" in {ban.name for ban in ask.each(statuses.review(every=True))}
    assert ask.each(statuses.review("cms")) == []


def test_rows_are_taken_held_for_longer_and_released(ask: Ask) -> None:
    rows = [Named("SE1", "cms", status_type="CheckAccess")]
    ask.do(tokens.take(rows, "mine"))
    ask.do(tokens.extend(rows, until=datetime(2026, 8, 25, tzinfo=UTC)))
    (held,) = ask.each(tokens.list(vo="cms", owner="local"))
    assert (held.name, held.token.until) == ("SE1", datetime(2026, 8, 25, tzinfo=UTC))
    ask.do(tokens.release([Named.of(held)]))
    assert ask.each(tokens.list(before=datetime(2027, 1, 1, tzinfo=UTC))) == []


# --- What decides


def test_automation_is_kept_from_elements_and_let_on(ask: Ask) -> None:
    assert ask.do(automation.rule("observe-only", "new", elements=["CE2"], match={"site": "B"}, vo="cms")).elements == 6
    assert {(one.name, one.mode) for one in ask.each(automation.list("cms"))} >= {("CE2", "observe-only")}
    ask.do(automation.rule(None, "no longer new", elements=["CE2"], match={"site": "B"}, vo="cms"))
    assert ask.each(automation.list("cms")) == []


def test_policies_are_checked_put_and_read(ask: Ask) -> None:
    before = ask.do(policies.read("cms"))
    assert ask.do(policies.check("cms", CLOSED)).ok
    put = ask.do(policies.put("cms", CLOSED, "as agreed", if_match=before.etag))
    assert (put.value.layer.text, put.value.changed) == (CLOSED, 2)
    assert ask.do(policies.read("cms", have=put.etag)) is None
    with pytest.raises(Stale):
        ask.do(policies.put("cms", "", "late", if_match=before.etag))
    ask.do(policies.put("cms", "", "as before"))
    assert [one.reason for one in ask.each(policies.versions("cms", limit=1))][:2] == ["as before", "as agreed"]


def test_what_is_wrong_in_policies_is_told_with_its_place(ask: Ask) -> None:
    with pytest.raises(PoliciesRefused) as refused:
        ask.do(policies.put("cms", '[policy.a]\ntype = "alwys"\n', "a try"))
    (problem,) = refused.value.problems
    assert (problem.line, problem.key, "always" in problem.text) == (2, "policy.a.type", True)


def test_evidence_is_reported(ask: Ask) -> None:
    about = evidence.About(type="ComputingElement", name="CE2")
    probe = evidence.Measurement("probe", about, {"metric": "submit", "result": "OK"}, at())
    assert ask.do(evidence.report("script", [probe])).taken == 1


def test_batches_are_looked_into_and_let_through(ask: Ask, world: Grid) -> None:
    names = ("CE1", "CE2", "DUO", "PRIVATE")
    world.announce(*(outage(str(n), name, at(hours=-1), at(hours=5)) for n, name in enumerate(names)))
    assert ask.do(sources.sync("feed")).added >= 3
    (held,) = ask.each(batches.list())
    assert {row.opinion for row in ask.do(batches.show(held.id)).held} == {"Banned"}
    assert ask.do(batches.confirm(held.id, "seen")).changed == held.rows
    assert {one.id: one.state for one in ask.each(batches.list(waiting=False))}[held.id] == "confirmed"
    with pytest.raises(NotFound):
        ask.do(batches.drop("nothing", "a try"))


# --- What there is


def test_the_inventory_is_listed_page_after_page(ask: Ask) -> None:
    whole = ask.each(elements.list(vo="cms"))
    assert ask.each(elements.list(vo="cms", limit=2)) == whole
    assert ("PRIVATE", ("cms",)) in {(one.name, one.offered) for one in whole}


def test_downtimes_are_declared_listed_and_cancelled(ask: Ask) -> None:
    start = at(hours=3)
    declared = ask.do(downtimes.declare("new fans", elements=["SE1"], sites=["B"], start=start, severity="WARNING")).downtime
    assert (declared.start, declared.end, len(declared.elements)) == (start, None, 6)
    assert [one.record for one in ask.each(downtimes.list("future", source="manual"))] == [declared.record]
    assert ask.do(downtimes.cancel(declared.record, "not needed")).downtime.record == declared.record
    versions = ask.each(downtimes.list("all", source="manual", versions=True, limit=1))
    assert versions[0].ended_by == "withdrawal"


def test_a_calendar_is_read_once(ask: Ask) -> None:
    calendar = ask.do(downtimes.calendar("cms"))
    assert calendar.value.startswith(b"BEGIN:VCALENDAR")
    assert ask.do(downtimes.calendar("cms", have=calendar.etag)) is None


def test_sources_are_listed_and_read(ask: Ask) -> None:
    assert {(one.name, one.state) for one in ask.each(sources.list())} >= {("osg", "good")}
    assert ask.do(sources.sync("osg", force=True)).source == "osg"


def test_a_source_that_fails_says_so_and_is_asked_once(ask: Ask, world: Grid) -> None:
    published = world.inventory.read_bytes()
    world.inventory.unlink()
    try:
        with pytest.raises(SourceFailed) as failed:
            ask.do(sources.sync("osg"))
        assert failed.value.source == "osg"
    finally:
        world.inventory.write_bytes(published)
    assert {one.name: one.failures for one in ask.each(sources.list())}["osg"] == 1
    ask.do(sources.sync("osg"))


def test_an_answer_that_would_take_back_too_much_waits_for_a_person(ask: Ask, world: Grid) -> None:
    published = world.inventory.read_bytes()
    world.publish(osg.group("A", osg.resource("CE1", "CE")))
    try:
        with pytest.raises(SourceFailed):
            ask.do(sources.sync("osg"))
        held = ask.do(sources.quarantine("osg"))
        assert {(one.deed, one.name) for one in held.items} >= {("remove", "ComputingElement CE2")}
        assert ask.do(sources.drop("osg", held.sha256, "it is wrong")).state == "dropped"
        with pytest.raises(Refused):
            ask.do(sources.accept("osg", "0" * 12, "it is right"))
    finally:
        world.inventory.write_bytes(published)
        ask.do(sources.sync("osg"))


def test_that_failures_of_probes_are_real_is_said_and_taken_back(ask: Ask) -> None:
    until = at(hours=3)
    assert ask.do(probes.believe(until, "it is")).until == until
    assert [one.belief and one.belief.reason for one in (ask.do(probes.list()),)] == ["it is"]
    assert ask.do(probes.doubt("over")).until < until


def test_actuators_are_looked_at(ask: Ask) -> None:
    assert ask.each(actuators.list()) == []
    for call in (actuators.drift("rucio"), actuators.plan("rucio"), actuators.run("rucio", "why")):
        with pytest.raises(NotFound):
            ask.do(call)


def test_actions_are_looked_at(ask: Ask) -> None:
    assert (ask.each(actions.list()), ask.each(actions.failed())) == ([], [])
    for decision in (actions.retry("mail", "it is back"), actions.drop("mail", "it is gone")):
        with pytest.raises(NotFound):
            ask.do(decision)


# --- What was


def test_timelines_are_told(ask: Ask) -> None:
    found = ask.each(timelines.list("cms", at().date(), at(hours=1), name="CE1", limit=1))
    assert [(one.start, one.end, one.status) for one in found[0].stretches][-1] == (at(), at(hours=1), "Banned")


def test_availability_is_reported(ask: Ask) -> None:
    report = availability.report("cms", at().date(), at(hours=1), by="day", per="status-type", limit=1)
    lines = ask.each(report)
    assert {line.name for line in lines} >= {"CE1", "SE1"}
    pages = ask.each(availability.csv(report))
    assert b"".join(pages).count(b"family,type,name") == len(pages) > 1
    assert {sum(msgspec.structs.astuple(line.periods[0])[2:7]) for line in lines} == {18 * 3600.0}


def test_the_audit_tells_who_did_what(ask: Ask) -> None:
    ask.do(tokens.take([Named("SE1", "atlas")], "audited"))
    (entry, *_) = ask.each(audit.list(vo="atlas", limit=1))
    assert (entry.actor, entry.comment, entry.changed, len(entry.changes)) == ("local", "audited", 4, 4)
    ask.do(tokens.release([Named("SE1", "atlas")]))


# --- Who asks


def test_one_is_told_who_one_is(ask: Ask) -> None:
    assert [(one.role, one.vo) for one in ask.do(access.whoami()).grants] == [("administrator", "all")]


def test_service_tokens_are_issued_listed_and_revoked(ask: Ask) -> None:
    issued = ask.do(service_tokens.issue("probes", [("reporter", "cms")], 1, "a try"))
    assert issued.expires_at - issued.issued_at == timedelta(days=1)
    assert issued.token not in repr(issued) + str(issued) + rich.pretty.pretty_repr(issued)
    assert ask.do(service_tokens.revoke(issued.id, "enough")).id == issued.id
    assert [(one.id, one.revoked_at) for one in ask.each(service_tokens.list())] == [(issued.id, at(hours=1))]


def test_a_server_tells_how_it_is(ask: Ask) -> None:
    assert (ask.do(health.alive()).status, ask.do(health.ready()).status) == ("alive", "ready")


# --- All of it


def test_everything_that_can_be_asked_is_asked_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in SAMPLES if f" {name}(" not in text and f"({name}(" not in text] == []
