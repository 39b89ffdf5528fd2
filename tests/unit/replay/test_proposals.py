"""What contradicts itself in a record is found, with what it rests on."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.domain.events import EvidenceChanged
from gridmask.domain.measurements import Probe, Space
from gridmask.domain.policy import Policy
from gridmask.domain.status import Status
from gridmask.recording.happening import Happening
from gridmask.replay.proposals.disputing import disputing
from gridmask.replay.proposals.extending import extended
from gridmask.replay.proposals.firing import firing
from gridmask.replay.proposals.forgotten import forgotten
from gridmask.replay.proposals.proposal import Kind
from gridmask.replay.proposals.watching import Watcher
from gridmask.replay.truth import outages_by_element
from gridmask.rules import BUILT_IN
from gridmask.testing import measured, moment, policies
from gridmask.testing.values import DECLARED_DOWNTIMES
from tests.unit.replay.lives import CE, FRESH, SINCE, UNTIL, Life, announced, by_hand, life, outage

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.domain.policy import PolicySet
    from gridmask.replay.proposals.proposal import Proposal

LATER = moment("2026-09-01T00:00")


def watched(lived: Life, under: PolicySet = FRESH) -> Watcher:
    watcher = Watcher(lived.first, SINCE)
    for one in lived.played(under):
        watcher.take(one)
    return watcher


def probed(at: str, result: str, source: str, until: str | None = None) -> Happening:
    item = measured(Probe("login", result), CE, source=source, at=at, valid_until=until)  # type: ignore[arg-type]  # it is one of the results
    return Happening(moment(at), EvidenceChanged((item,)))


# --- Bans by hand


def kept(*happenings: Happening) -> list[Proposal]:
    return list(forgotten(replace(life(*happenings).outcome(), until=LATER)))


def test_a_ban_by_hand_that_nothing_asks_for_any_more_is_found() -> None:
    (one,) = kept(by_hand("08:00", Status.BANNED))
    assert (one.kind, one.facts[-1].at, one.figures) == (Kind.FORGOTTEN, moment("08:00"), {"hours_kept_unusable": 256.0})


def test_a_ban_by_hand_during_an_outage_is_not_forgotten() -> None:
    assert kept(by_hand("08:00", Status.BANNED), announced("09:00", outage("10:00", None))) == []


def test_what_a_person_keeps_usable_is_no_ban() -> None:
    assert kept(by_hand("08:00", Status.ACTIVE)) == []


# --- Downtimes


def extensions(count: int, of: int) -> list[Proposal]:
    happenings = [announced("00:30", *(outage(f"{hour:02}:00", f"{hour:02}:30", str(hour)) for hour in range(1, of + 1)))]
    for hour in range(1, count + 1):
        first, longer = outage(f"{hour:02}:00", f"{hour:02}:30", str(hour)), outage(f"{hour:02}:00", f"{hour:02}:50", str(hour))
        happenings.append(announced(f"{hour:02}:20", longer, instead_of=[first]))
    return list(extended(life(*happenings).outcome(), {"all": {"policy": {}}}))


def test_a_site_that_extends_most_of_its_outages_is_found() -> None:
    (one,) = extensions(4, 5)
    assert one.figures == {"outages": 5, "extended": 4, "share": 0.8, "median_extension_hours": 0.3}
    assert one.change is not None
    assert one.change.document["all"]["policy"]["downtimes at North are extended"]["arguments"] == {"after": "probing"}


def test_a_site_that_extends_few_is_not() -> None:
    assert extensions(2, 5) == []


def test_the_text_that_is_proposed_is_what_is_replayed() -> None:
    (one,) = extensions(4, 5)
    assert one.change is not None
    table = tomllib.loads(one.change.text)["policy"]["downtimes at North are extended"]
    assert {**table, "match": {"site": [table["match"]["site"]]}} == next(iter(one.change.document["all"]["policy"].values()))


# --- Thresholds


def space(free: float, until: datetime = LATER) -> list[Proposal]:
    rule = BUILT_IN["free-space"]()
    under = policies(DECLARED_DOWNTIMES, Policy("space", rule))
    put = measured(Space(1e15, free * 1e12), CE, at="08:00")
    lived = life(Happening(moment("08:00"), EvidenceChanged((put,))))
    document = {"all": {"policy": {"space": {"type": "free-space"}}}}
    return list(firing(watched(lived, under), under, document, until))


def test_a_threshold_that_never_fires_is_found() -> None:
    (one,) = space(900)
    assert (one.kind, one.figures["rows"]) == (Kind.NEVER, 1)
    assert one.change is not None
    assert one.change.document["all"]["policy"]["space"]["enabled"] is False


def test_a_threshold_that_always_fires_is_found() -> None:
    assert [one.kind for one in space(0)] == [Kind.ALWAYS]


def test_a_threshold_of_yesterday_is_not() -> None:
    assert space(900, UNTIL) == []


# --- Sources


def disputes(*happenings: Happening) -> list[tuple[str, dict[str, float]]]:
    lived = life(*happenings)
    found = disputing(watched(lived), outages_by_element(lived.outcome()), SINCE, LATER)
    return [(one.about, dict(one.figures)) for one in found]


def test_sources_that_contradict_each_other_for_long_are_found() -> None:
    found = disputes(probed("08:00", "OK", "one"), probed("09:00", "CRITICAL", "other"))
    assert found == [("one and other", {"hours": 255.0, "elements": 1, "times": 1})]


def test_sources_that_agree_soon_are_not() -> None:
    assert disputes(probed("08:00", "OK", "a"), probed("09:00", "CRITICAL", "b"), probed("10:00", "CRITICAL", "a")) == []


def test_what_has_expired_contradicts_nothing() -> None:
    assert disputes(probed("08:00", "OK", "a", until="11:00"), probed("09:00", "CRITICAL", "b")) == []


def test_probes_that_find_well_what_is_declared_down_are_found() -> None:
    found = disputes(probed("08:00", "OK", "probes"), announced("09:00", outage("10:00", None)))
    assert found == [("probes and declared outages", {"hours": 254.0, "elements": 1, "times": 1})]
