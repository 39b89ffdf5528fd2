"""What the library says is wrong with a condition, in words for administrators, with what they may have meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from gridmask.cel.text import Complaint, complaint
from gridmask.domain.measurements import VALUES
from gridmask.domain.spelling import suggest

if TYPE_CHECKING:
    from gridmask.cel.messages import Shape

_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_FIELD = re.compile(r"undefined field '([^']*)' not found in struct '\w+\.([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'")
_EXPECTING = re.compile(r" expecting .*")

_FUNCTIONS = frozenset(
    {"volume", "ratio", "size", "has", "all", "exists", "exists_one", "filter", "matches", "contains", "startsWith", "endsWith"}
    | {"duration", "timestamp", "int", "double", "string", "getHours", "getMinutes", "getDayOfWeek", "getDate", "getMonth"}
)
_RATIO = "write ratio(part, whole), which is never cut to a whole number, and no verdict where the whole is 0"
_NO_SUM = "texts and lists cannot be put together here"


class Known(NamedTuple):
    """What conditions can be about: all shapes by name, and the variables that there are beside evidence."""

    shapes: Mapping[str, Shape]
    variables: tuple[str, ...]


def complaints(source: str, said: str, needs: Iterable[str], known: Known) -> Complaint:
    """What the library ``said`` of ``source``, where the kinds of evidence in ``needs`` are among those ``known``."""
    match = _ERROR.search(said)
    if match is None or int(match[1]) < 1:
        return Complaint("is nested too deep" if "recursion" in said else said.partition("\n")[0])
    lines = source.splitlines(keepends=True)
    position = sum(map(len, lines[: int(match[1]) - 1])) + int(match[2]) - 1
    return complaint(source, position, _explained(match[3], tuple(needs), known))


def _explained(said: str, needs: tuple[str, ...], known: Known) -> str:
    if match := _UNDECLARED.search(said):
        return _RATIO if match[1] == "_/_" else _unknown(match[1], needs, known)
    if match := _FIELD.search(said):
        field, of = match.groups()
        return f"{of.lower()} has no {field!r}; {_hint(field, known.shapes.get(of, {}))}"
    if match := _OVERLOAD.search(said):
        return _mismatch(match[1].strip("_@"), match[2])
    return _EXPECTING.sub("", said.removeprefix("Syntax error: ")).replace("'<EOF>'", "the end")


def _unknown(name: str, needs: tuple[str, ...], known: Known) -> str:
    base = name.partition(".")[0]
    kind = base.removeprefix("all_")
    if "now" in known.variables and kind in VALUES and kind not in needs:
        declared = ", ".join(f'"{one}"' for one in (*needs, kind))
        return f"{base!r} is not declared; write needs = [{declared}]"
    variables = {*known.variables, *needs, *(f"all_{one}" for one in needs)}
    return f"there is no {base!r}; {_hint(base, variables | _FUNCTIONS, variables)}"


def _hint(name: str, candidates: Iterable[str], told: Iterable[str] | None = None) -> str:
    near = suggest(name, candidates)
    return f"did you mean {near!r}?" if near else f"there are {', '.join(sorted(told or candidates))}"


def _mismatch(operator: str, types: str) -> str:
    told = f"{operator!r} does not take {types}"
    if "int" in types and "double" in types:
        return f"{told}; a whole number beside one with a fraction is written with one, too: 5.0, or double(…)"
    if operator == "+":
        return f"{told}; {_NO_SUM}"
    if operator == "<" and "string" in types and "double" in types:
        return f"{told}; a size is written volume('5 TB')"
    return told
