"""The library behind conditions, cel-expr-python; nothing else knows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from gridmask.cel import text
from gridmask.cel.complaints import Known, complaints
from gridmask.cel.messages import messages
from gridmask.domain.quantities import size

ALL_OF = "all_"
"""Before a kind of evidence: the list of all its records."""

_PURE = """
stdlib:
  exclude_macros:
    - map
  exclude_functions:
    - name: "dyn"
    - name: "type"
    - name: "_/_"
    - name: "_+_"
      overloads:
        - id: add_string
        - id: add_bytes
        - id: add_list
"""
"""What is left out of the standard library. There, whole numbers are divided without their fraction, and others by 0 without
an error; either would decide wrongly, and nobody would notice. Hence ratio()."""

CONVERSIONS = frozenset({"duration", "timestamp", "volume", "int", "uint", "double"})


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition, ready to be evaluated.

    Attributes:
        names: the names that stand in it.
        fields: the ``variable.field`` that stand in it.
    """

    names: frozenset[str]
    fields: tuple[tuple[str, str], ...]
    _expression: Any

    def holds(self, data: Mapping[str, object]) -> bool:
        """Whether it is true of ``data``, values by variable.

        Raises:
            text.Failed: it is neither true nor false.
        """
        try:
            found = self._expression.eval(data=data)
        except (RuntimeError, ValueError, TypeError) as error:
            raise text.Failed(_told(str(error))) from error
        value = found.value()
        if isinstance(value, bool):
            return value
        raise text.Failed(_told(str(value)))


def _told(error: str) -> str:
    """What the library says, without its codes."""
    first = error.partition("\n")[0]
    if "budget" in first:
        return "it goes through too many values"
    said = first.partition(": ")[2] if first.partition(":")[0].isupper() else first
    return said.partition(" [")[0] or "the library does not say why"


CASE, CHANGE = ("row", "element", "now"), ("row", "element", "change")
"""The variables of conditions on a case, beside evidence, and of conditions on a change."""


@lru_cache(maxsize=64)
def _environment(needs: tuple[str, ...], about: tuple[str, ...] = CASE) -> Any:  # noqa: ANN401 - the library's
    """Where there is what it is ``about``, and the kinds of evidence called ``needs``, and nothing else."""
    made = messages()
    variables = {name: cel.Type.TIMESTAMP if name == "now" else cel.Type(made.type_of(name.capitalize())) for name in about}
    for kind in needs:
        variables[kind] = cel.Type(made.type_of(kind))
        variables[ALL_OF + kind] = cel.Type.List(variables[kind])
    return cel.NewEnv(made.pool, cel.NewEnvConfigFromYaml(_PURE), variables=variables, functions=_functions())


def _functions() -> Sequence[Any]:
    number, whole, words = cel.Type.DOUBLE, cel.Type.INT, cel.Type.STRING
    pairs = [(a, b) for a in (number, whole) for b in (number, whole)]
    ratios = [cel.Overload(f"ratio_{a.name()}_{b.name()}".lower(), number, [a, b], impl=_ratio) for a, b in pairs]
    return [
        cel.FunctionDecl("volume", [cel.Overload("volume_text", number, [words], impl=_volume)]),
        cel.FunctionDecl("ratio", ratios),
    ]


@lru_cache(maxsize=1024)
def _volume(written: str) -> float:
    return float(size(written))


def _ratio(part: float, whole: float) -> float:
    if not whole:
        raise ValueError("a ratio to 0 is none")
    return part / whole


def compiled(source: str, needs: tuple[str, ...], about: tuple[str, ...] = CASE) -> Condition:
    """The condition that ``source`` is, checked against what it is ``about`` and the kinds of evidence in ``needs``.

    Raises:
        Complaint: it is none.
    """
    found = text.tokens(source)
    text.bound(source, found)
    environment = _environment(needs, about)
    try:
        expression = environment.compile(source)
    except (RuntimeError, ValueError) as error:
        raise complaints(source, str(error), needs, Known(messages().shapes, about)) from error
    if expression.return_type() != cel.Type.BOOL:
        gives = expression.return_type().name().lower()
        raise text.Complaint(f"gives a {gives}, and must be true or false", near=text.near(source, 0))
    for name, constant in text.calls_of_constants(found):
        _try(source, name, constant)
    return Condition(text.names(found), text.fields_named(found), expression)


def _try(source: str, name: text.Token, constant: text.Token) -> None:
    """Evaluate what consists of constants alone now, not in the night in which it matters."""
    if name.text == "matches":
        tried = f"''.matches({constant.text})"
    elif name.text in CONVERSIONS:
        tried = f"{name.text}({constant.text}) == {name.text}({constant.text})"
    else:
        return
    try:
        Condition(frozenset(), (), _environment(()).compile(tried)).holds({})
    except text.Failed as error:
        raise text.complaint(source, constant.start, f"{name.text}({constant.text}): {error}") from error
