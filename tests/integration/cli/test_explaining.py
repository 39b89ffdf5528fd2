from __future__ import annotations

from typing import Any

from gridmask.cli.explaining import explained
from gridmask.domain.automation import Mode
from gridmask.domain.damping import Damping, Penalty
from gridmask.domain.decision import Reason, ReasonKind, Verdict
from gridmask.domain.mask import Absence
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.service.statuses import Explanation, Seen
from gridmask.testing import element, moment, row

NOW = moment("17:00")
CE = element("ce1", offered=["cms"])
OUTAGE = Reason(ReasonKind.DOWNTIME, "In downtime 7.", source="feed", record="7", since=moment("10:00"), until=moment("20:00"))
QUIET = Reason(ReasonKind.NO_DOWNTIME, "No downtime is announced for now.")
BAN = Verdict("declared-downtimes", "all", Status.BANNED, (OUTAGE,))
FINE = Verdict("own", "cms", Status.ACTIVE, (QUIET,))
HINT = Verdict("hint", "all", Status.DEGRADED, (QUIET,), advisory=True, held=True)


def lines(*rows: Row, vo: str = "all", absence: Absence | None = None, sources: dict[str, Any] | None = None) -> list[str]:
    asked = [Explanation(Seen(vo, one, CE, absence), moment("11:00"), "abc", sources or {}) for one in rows]
    return list(explained(asked, NOW, Damping()))


def banned(**attributes: Any) -> Row:  # noqa: ANN401 - those of a row
    return row(CE, Status.BANNED, since="10:00", **{"reasons": (OUTAGE,), "verdicts": (FINE, HINT, BAN), **attributes})


def test_the_first_line_is_the_answer() -> None:
    assert lines(banned())[0] == "ComputingElement ce1 is Banned for all (not usable), since 2026-08-21 10:00 UTC, 7 h ago."


def test_a_reason_names_its_record_and_its_source_and_its_end() -> None:
    said = lines(banned())
    assert said[said.index("Because:") + 1 :][:2] == [
        "  - In downtime 7.",
        "      source feed, record 7, since 2026-08-21 10:00 UTC, until 2026-08-21 20:00 UTC, in 3 h",
    ]


def test_the_verdict_that_decides_comes_first_and_those_that_lost_say_why() -> None:
    said = lines(banned())
    assert said[said.index("Verdicts of the policies:") + 1 :][:5] == [
        "  - declared-downtimes (of all): Banned, decides",
        "  - hint (of all): Degraded, advisory, without a say (repeated from before: its evidence is missing)",
        "      No downtime is announced for now.",
        "  - own (of cms): Active, outvoted by what is more restrictive",
        "      No downtime is announced for now.",
    ]


def test_what_flaps_tells_its_penalty() -> None:
    some, damped, gone = (
        Penalty(2.0, moment("16:30")),
        Penalty(4.0, moment("16:30"), damped=True),
        Penalty(1.0, moment("08:00")),
    )
    assert "Its penalty for bans of late is 1.0; at 3 it would be held back." in lines(banned(penalty=some))
    assert "Its penalty for bans of late is 2.0; it is let go below 1." in lines(banned(penalty=damped))
    assert not any("penalty" in line for line in lines(banned(penalty=gone)))


def test_a_row_that_automation_may_not_change_tells_what_would_decide_and_why() -> None:
    kept = row(CE, Status.ACTIVE, opinion=Status.BANNED, reasons=(QUIET,), verdicts=(BAN,))
    said = list(explained([Explanation(Seen("all", kept, CE), None, "abc", {}, mode=Mode.OBSERVE_ONLY)], NOW))
    assert "Automation only says what it would do with it (the policies say so)." in said
    assert said[said.index("Verdicts of the policies:") + 1 :][:2] == [
        "  - declared-downtimes (of all): Banned, would decide",
        "      In downtime 7.",
    ]


def test_of_a_row_that_automation_is_off_for_nothing_is_said_that_it_would_do() -> None:
    held = row(CE, Status.BANNED, opinion=Status.BANNED, token=Token("ada", moment("18:00")))
    said = list(explained([Explanation(Seen("all", held, CE), None, "abc", {}, mode=Mode.OFF)], NOW))
    assert "Held by ada until 2026-08-21 18:00 UTC, in 1 h." in said


def test_a_row_that_was_taken_as_it_is_tells_by_whom() -> None:
    taken = Reason(ReasonKind.TOKEN, "trying the new version", source="ada")
    said = lines(banned(reasons=(OUTAGE, taken), token=Token("ada", None)))
    assert said[said.index("  - trying the new version") + 1] == "      held by ada"


def test_a_row_that_a_person_holds_tells_who_until_when_and_what_automation_would_do() -> None:
    held = row(CE, Status.ACTIVE, opinion=Status.BANNED, verdicts=(BAN,), token=Token("ada", moment("18:00")))
    said = lines(held)
    assert "Held by ada until 2026-08-21 18:00 UTC, in 1 h. Automation would make it Banned." in said
    assert "  - declared-downtimes (of all): Banned, would decide" in said
    assert "Held by ada until it is released. Automation would make it Active, too." in lines(row(CE, token=Token("ada", None)))


def test_it_says_whose_row_answers() -> None:
    assert "  cms has no row of its own here; this is the row of all." in lines(banned(), vo="cms")
    assert "  This is the row of cms itself." in lines(banned(vo="cms"), vo="cms")
    assert "  A binding row of all: it outranks every VO's own row." in lines(banned(binding=True), vo="cms")


def test_what_is_in_no_mask_is_told_apart_from_its_status() -> None:
    assert any("out of service: it is in no mask" in line for line in lines(banned(), absence=Absence.OUT_OF_SERVICE))


def test_it_says_when_the_row_is_looked_at_again_and_how_old_the_answers_are() -> None:
    said = lines(banned(due=moment("20:00")), sources={"feed": moment("16:50"), "osg": None})
    policies = "The policies have said this since 2026-08-21 11:00 UTC."
    assert said[-2:] == [
        f"Next look at 2026-08-21 20:00 UTC, in 3 h, or when something is learnt. {policies}",
        "Sources: feed answered 10 min ago (2026-08-21 16:50); osg answered never.",
    ]


def test_aspects_about_which_the_same_is_to_be_said_are_told_together() -> None:
    said = lines(banned(status_type="ReadAccess"), row(CE, status_type="CheckAccess"), banned(status_type="WriteAccess"))
    assert [line.split(" is ")[0] for line in said if line.startswith("ComputingElement")] == [
        "ComputingElement ce1 ReadAccess, WriteAccess",
        "ComputingElement ce1 CheckAccess",
    ]


def test_no_verdict_at_all_is_said() -> None:
    assert "No policy has a verdict." in lines(row(CE, Status.UNKNOWN))
