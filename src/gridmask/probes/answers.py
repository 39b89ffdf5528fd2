"""Answers in JSON, taken apart with care: what strangers send need not be what they should."""

from __future__ import annotations

import json
from typing import Any

from gridmask.probes.finding import Unusable, shown, unusable
from gridmask.probes.web import Answered


def json_of(answer: Answered, what: str) -> Any:  # noqa: ANN401 - whatever it is
    """The JSON that ``answer`` is; ``what`` it should be, for people.

    Raises:
        Unusable: it is none.
    """
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError) as error:
        raise Unusable(f"it answers {answer.told} with something that is not {what}: {shown(answer.body, 60)!r}") from error


def table_of(answer: Answered, what: str) -> dict[str, Any]:
    """The object in JSON that ``answer`` is; ``what`` it should be, for people.

    Raises:
        Unusable: it is none.
    """
    found = json_of(answer, what)
    if not isinstance(found, dict):
        unusable(f"it answers {answer.told} with something that is not {what}: {shown(answer.body, 60)!r}")
    return found
