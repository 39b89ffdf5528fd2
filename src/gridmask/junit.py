"""JUnit files: what was tested and what failed, in the XML that build servers read.

There is no standard; these are the elements and attributes that GitLab, Jenkins and GitHub's actions have in common, as
described in https://github.com/testmoapp/junitxml (read in November 2026).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element, SubElement, indent, tostring

# what XML 1.0 cannot hold (https://www.w3.org/TR/xml/#charsets)
_UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Case:
    """A test.

    Attributes:
        suite: the file or group that it belongs to.
        name: what it is called.
        failure: why it failed, in a line; empty: it did not.
        details: the same at length.
        broken: whether it could not be carried out, so that nothing is known.
        line: where it is written, in the file that ``suite`` names.
    """

    suite: str
    name: str
    failure: str = ""
    details: str = ""
    broken: bool = False
    line: int | None = None


def document(cases: Iterable[Case]) -> bytes:
    """``cases`` as a JUnit file. It says no time, so that the same tests give the same bytes."""
    suites: dict[str, list[Case]] = {}
    for case in cases:
        suites.setdefault(case.suite, []).append(case)
    root = Element("testsuites", _counts([case for suite in suites.values() for case in suite]), name="gridmask")
    for name, suite in suites.items():
        made = SubElement(root, "testsuite", {"name": _written(name), **_counts(suite)})
        for case in suite:
            _add(made, case)
    indent(root)
    body: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'.encode()


def _counts(cases: Sequence[Case]) -> dict[str, str]:
    failed = sum(bool(case.failure) and not case.broken for case in cases)
    return {"tests": str(len(cases)), "failures": str(failed), "errors": str(sum(case.broken for case in cases))}


def _add(suite: Element, case: Case) -> None:
    place = {} if case.line is None else {"file": _written(case.suite), "line": str(case.line)}
    made = SubElement(suite, "testcase", {"classname": _written(case.suite), "name": _written(case.name), **place})
    if case.failure or case.broken:
        what = "error" if case.broken else "failure"
        SubElement(made, what, message=_written(case.failure), type=what).text = _written(case.details or case.failure)


def _written(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)
