"""The page: a comparison as HTML that stands alone."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from gridmask import __version__
from gridmask.domain.vo import ALL
from gridmask.replay import numbers
from gridmask.replay.capacity import Unit as Capacity
from gridmask.replay.measures import BY_NAME, MEASURES
from gridmask.replay.report.course import course
from gridmask.replay.report.findings import COLUMNS, findings, parties, price, rows, together
from gridmask.replay.report.pictures import moment, pictures
from gridmask.replay.scores import Reading
from gridmask.replay.tallying import FLAP
from gridmask.replay.truth import outages_by_element

if TYPE_CHECKING:
    from gridmask.replay.comparison import Comparison
    from gridmask.replay.report.findings import Party

PICTURES = 12
"""So many of the elements that differ most are drawn, unless more are asked for."""

FEW = 12
"""So many VOs, sites and types are told of at once; the others are folded away."""


def page(compared: Comparison, most: int = PICTURES) -> str:
    """``compared`` as one page of HTML, with pictures of ``most`` elements."""
    return (
        _environment()
        .get_template("report.html")
        .render(
            style=files("gridmask.replay.report").joinpath("report.css").read_text(encoding="utf-8"),
            version=__version__,
            compared=compared,
            findings=findings(compared),
            rows=list(rows(compared)),
            price=price(compared),
            columns=[BY_NAME[name] for name in COLUMNS],
            tables=_tables(compared),
            course=course(compared),
            pictures=list(pictures(compared, outages_by_element(compared.one.outcome), most)),
            left_out=max(len(compared.differing) - most, 0),
            measures=MEASURES,
            capacities=_capacities(compared),
            few=FEW,
            flap=FLAP,
            all=ALL,
        )
    )


def _tables(compared: Comparison) -> list[tuple[str, list[Party]]]:
    days, whose = compared.one.scores.days, compared.whose
    one, other = (side.scores for side in compared.sides)
    reading = Reading.KNOWN
    return [
        ("VO", together(parties(one.by_vo(reading), other.by_vo(reading), days))),
        ("type", parties(one.by_type(reading, whose), other.by_type(reading, whose), days)),
        ("site", parties(one.by_site(reading, whose), other.by_site(reading, whose), days)),
    ]


def _capacities(compared: Comparison) -> list[tuple[Capacity, int]]:
    """The units in which anything is known, each with of how many elements."""
    known = [{line.element for line in compared.one.scores.lines if unit in line.capacity} for unit in Capacity]
    return [(unit, len(elements)) for unit, elements in zip(Capacity, known, strict=True) if elements]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("gridmask.replay", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = {
        "number": numbers.number,
        "moment": moment,
        "hours": lambda value: f"{numbers.number(value)} h",
        "duration": lambda value: numbers.length(value.total_seconds()),
    }
    made.filters.update(filters)
    return made
