from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gridmask.domain.element import Element, ElementKey, RowKey
from gridmask.domain.row import Row
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.domain.transition import Standing
from gridmask.portal.matrix.asked import Asked, Filters, View
from gridmask.portal.matrix.groups import Folders, columns, show
from gridmask.portal.matrix.sites import site_lines
from gridmask.service.matrix import Line

NOW = datetime(2026, 8, 21, 17, tzinfo=UTC)
ACCESS = ("ReadAccess", "WriteAccess")


def line(name: str, site: str, *statuses: Status, country: str = "", age: int = 60) -> Line:
    """An element with one row, or with one for each access; it became what it is so many minutes ago."""
    key = ElementKey("Resource", "SE" if len(statuses) > 1 else "CE", name)
    since = NOW - timedelta(minutes=age)
    aspects = ACCESS if len(statuses) > 1 else ("all",)
    rows = (Row(RowKey(key, aspect, "all"), Standing(s, since)) for aspect, s in zip(aspects, statuses, strict=True))
    return Line(Element(key, site, facts={"country": country} if country else {}), tuple(rows))


LINES = (
    line("ce1", "A", Status.ACTIVE, country="Chile", age=5),
    line("se1", "A", Status.ACTIVE, Status.BANNED),
    line("ce2", "B", Status.DEGRADED, country="Peru", age=1),
    line("ce3", "", Status.ACTIVE),
)


def shown(view: View, filters: Filters | None = None) -> list[tuple[str, list[str]]]:
    blocks = show(LINES, Asked(filters or Filters(), view)).blocks
    return [(block.summary.name, [line.element.key.name for line in block.lines]) for block in blocks]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        (View(), [("A", ["ce1", "se1"]), ("B", ["ce2"]), ("", ["ce3"])]),
        (View(group="country"), [("Chile", ["ce1", "se1"]), ("Peru", ["ce2"]), ("", ["ce3"])]),
        (View(group="type"), [("CE", ["ce1", "ce2", "ce3"]), ("SE", ["se1"])]),
        (View(group="none"), [("", ["ce3", "ce1", "se1", "ce2"])]),
        (View(sort="status"), [("A", ["se1", "ce1"]), ("B", ["ce2"]), ("", ["ce3"])]),
        (View(sort="since"), [("B", ["ce2"]), ("A", ["ce1", "se1"]), ("", ["ce3"])]),
        (View(group="none", sort="name"), [("", ["ce1", "ce2", "ce3", "se1"])]),
    ],
)
def test_lines_stand_together_and_in_order_as_they_are_asked_for(view: View, expected: list[tuple[str, list[str]]]) -> None:
    assert shown(view) == expected


def test_a_country_is_found_by_its_name() -> None:
    assert shown(View(), Filters(q="chile")) == [("A", ["ce1", "se1"])]


@pytest.mark.parametrize(("owner", "names"), [("jo", {"se1"}), ("people", {"se1"}), ("automation", {"ce1"}), ("al", set())])
def test_elements_are_found_by_who_holds_their_rows(owner: str, names: set[str]) -> None:
    held = replace(LINES[1], rows=tuple(replace(row, token=Token("jo", None)) for row in LINES[1].rows))
    made = show([LINES[0], held], Asked(Filters(owner=owner)))
    assert ({line.element.key.name for line in made.lines}, made.owners) == (names, ("jo",))


def test_what_has_several_statuses_has_columns() -> None:
    assert columns(LINES) == ACCESS
    assert columns(LINES[:1]) == ("all",)


def test_a_site_in_one_line_says_how_many_rows_are_usable_and_the_worst() -> None:
    asked = Asked(view=View(level="site"))
    made = show(LINES, asked)
    [block] = made.blocks
    a = next(one for one in site_lines(block, {}, asked.filters.judged_for) if one.site == "A")
    assert a.elements == 2
    assert a.tallies == {
        "all": (1, 1, Status.ACTIVE),
        "ReadAccess": (1, 1, Status.ACTIVE),
        "WriteAccess": (0, 1, Status.BANNED),
    }


def test_what_was_found_out_about_a_group_holds_while_its_lines_stay() -> None:
    known: Folders[Line] = Folders()
    show(LINES, Asked(), known=known)
    before = dict(known.by_name)
    changed = (*LINES[:2], line("ce2", "B", Status.ERROR, country="Peru"), LINES[3])
    made = show(changed, Asked(), known=known)
    assert {name for name, folder in known.by_name.items() if folder is before[name]} == {"A", ""}
    assert {part.status: part.rows for part in made.bar.parts}[Status.ERROR] == 1
