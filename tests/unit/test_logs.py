"""What is logged has names that are documented."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from tests.documentation import ROOT, reference

if TYPE_CHECKING:
    from collections.abc import Iterator

LEVELS = {"debug", "info", "warning", "error", "exception"}
OF_LOGGING = {"exc_info"}


def fields() -> Iterator[str]:
    for path in sorted((ROOT / "src" / "gridmask").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^log = structlog", text, re.MULTILINE):
            yield from (keyword.arg or "" for call in ast.walk(ast.parse(text)) for keyword in keywords(call))


def keywords(node: ast.AST) -> list[ast.keyword]:
    """Those of a call that logs."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in LEVELS:
        return []
    return node.keywords if isinstance(node.func.value, ast.Name) and node.func.value.id == "log" else []


def test_every_field_of_the_log_is_documented() -> None:
    page = reference("logs").text
    documented = {name for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert {name for name in fields() if name} - documented - OF_LOGGING == set()
