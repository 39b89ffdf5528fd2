"""What is made of what people type, and of what it would lead to."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.errors import InvalidRequest
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.portal.deeds import rows
from gridmask.portal.deeds.done import location
from gridmask.portal.deeds.foretold import foretold
from gridmask.portal.deeds.meant import wanted
from gridmask.portal.deeds.typed import Deed, Typed
from gridmask.service.foresight import Foreseen
from gridmask.service.tokens import Wanted
from gridmask.service.what_if import Would
from gridmask.testing import moment

if TYPE_CHECKING:
    from collections.abc import Collection

    from gridmask.portal.deeds.foretold import Foretold

NOW = moment("17:00")
ODD = ElementKey("Resource", "XRootD component", "a/b & c%")
CE = ElementKey("Resource", "ComputingElement", "ce01")
BANNED = Row(RowKey(CE, "all", "all"), Standing(Status.BANNED, NOW), opinion=Status.BANNED)
FREED = replace(BANNED, standing=Standing(Status.ACTIVE, NOW), token=Token("ada", NOW + timedelta(hours=1)))
ELEMENTS = {CE: Element(CE, "A")}


def test_a_row_is_read_as_it_was_written_whatever_its_name() -> None:
    said = rows.written(ODD, "ReadAccess")
    assert said.count("/") == 3
    assert rows.read([said, said], "cms") == (RowKey(ODD, "ReadAccess", "cms"),)


@pytest.mark.parametrize("said", ["", "a/b/c", "a/b/c/d/e", "a//c/d", "Resource/ComputingElement/ce01/"])
def test_what_names_no_row_is_refused(said: str) -> None:
    with pytest.raises(InvalidRequest, match="names no row"):
        rows.read([said], "cms")


@pytest.mark.parametrize(
    ("until", "custom", "meant"),
    [
        ("", "", Wanted()),
        ("1h", "", Wanted(NOW + timedelta(hours=1))),
        ("agreed", "", Wanted(agreed=True)),
        ("lasting", "", Wanted(lasting=True)),
        ("2026-08-22T12:00:00+02:00", "", Wanted(moment("10:00") + timedelta(days=1))),
        ("custom", "2026-08-22T12:00", Wanted(moment("10:00") + timedelta(days=1))),
    ],
)
def test_how_long_is_said_in_several_ways(until: str, custom: str, meant: Wanted) -> None:
    assert wanted(Typed(until=until, custom=custom, zone="Europe/Zurich"), NOW) == meant


@pytest.mark.parametrize(
    ("until", "custom"), [("1h", "2026-08-22T12:00"), ("soon", ""), ("2026-08-22T12:00", ""), ("custom", "")]
)
def test_a_time_that_is_none_or_two_is_refused(until: str, custom: str) -> None:
    with pytest.raises(InvalidRequest):
        wanted(Typed(until=until, custom=custom), NOW)


def test_a_form_is_taken_as_it_is_but_for_where_it_would_lead_and_in_whose_hours() -> None:
    typed = Typed.of(
        {"row": ["x", "y"], "reason": ["a", "b"], "back": ["//evil.example.org"], "zone": ["Mars/Olympus"], "no": ["1"]}
    )
    assert typed == Typed(row=("x", "y"), reason="b")


@pytest.mark.parametrize(("seen", "revision"), [("12", 12), ("", None), ("-1", None), ("٣", None), ("9" * 30, None)])
def test_a_revision_that_is_none_was_not_seen(seen: str, revision: int | None) -> None:
    assert Typed(seen=seen, known="x").seen_revision == revision


def test_the_same_form_of_another_deed_or_page_is_another_thing_to_do() -> None:
    typed = Typed(vo="cms", row=("x",), seen="3")
    said = {
        tuple(one.fingerprint(deed, "cms")) for one in (typed, replace(typed, seen="4")) for deed in (Deed.TAKE, Deed.RELEASE)
    }
    assert len(said) == 4


def test_a_page_tells_of_the_last_thing_that_was_done() -> None:
    assert location("/elements/a?vo=cms&done=1&was=off", "2", was="full") == "/elements/a?vo=cms&done=2&was=full"


def ahead_of(
    *would: Would, masks: Collection[str] = (), vo: str = "all", reads: Collection[str] = ("all", "cms", "atlas")
) -> Foretold:
    return foretold(Foreseen(would, frozenset(masks), ELEMENTS), [BANNED.key], vo, reads)


def test_what_is_foretold_is_told_by_row_and_by_whose_it_is() -> None:
    ahead = foretold(
        Foreseen((Would(BANNED, FREED),), frozenset({"all", "cms"}), ELEMENTS), [BANNED.key], "all", {"all", "cms"}
    )
    assert [(line.aspects, line.before, line.after, line.opinion) for line in ahead.lines] == [
        (("all",), Status.BANNED, Status.ACTIVE, Status.BANNED)
    ]
    assert (ahead.rows, ahead.opposed, ahead.others, ahead.token) == (1, 1, ("cms",), FREED.token)


def test_what_affects_others_is_done_by_who_knows_that() -> None:
    ahead = foretold(
        Foreseen((Would(BANNED, FREED),), frozenset({"all", "cms"}), ELEMENTS), [BANNED.key], "all", {"all", "cms"}
    )
    assert not ahead.is_seen([""], "")
    assert ahead.is_seen(["cms", "atlas"], "")
    assert ahead.is_seen([""], ahead.digest)


def test_what_affects_other_elements_is_done_by_who_was_told_so() -> None:
    other = replace(FREED, key=FREED.key._replace(element=CE._replace(name="ce02")))
    ahead = ahead_of(Would(BANNED, FREED), Would(None, other))
    assert (ahead.beyond, ahead.is_seen([], ""), ahead.is_seen([], ahead.digest)) == (1, False, True)


def test_of_vos_about_which_one_may_not_read_nothing_is_foretold() -> None:
    own = replace(FREED, key=FREED.key._replace(vo="atlas"))
    ahead = ahead_of(Would(None, own), masks={"atlas"}, vo="cms", reads={"cms"})
    assert (ahead.rows, ahead.lines, ahead.others) == (0, (), ())
