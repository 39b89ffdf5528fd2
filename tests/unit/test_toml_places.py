from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmask.toml_places import places

TEXT = '''# a comment
probing.dwell = "1h"
[policy.a]  # [not.a.header]
type = "x = 1"
match = { name = ["a", "#b"], "q.r" = 1.5 }
[policy."b c".arguments]
text = """
multi = 3
"""
when = 2026-01-01 10:00:00
list = [
  1, # ]
  { a = 2 },
]
[[test]]
name = 'x'
[[test.at]]
time = 10:00:00
[[test.at]]
time = "b"
[[test]]
name = 2
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("probing", "dwell"), 2),
        (("policy", "a"), 3),
        (("policy", "a", "type"), 4),
        (("policy", "a", "match", "name", 1), 5),
        (("policy", "a", "match", "q.r"), 5),
        (("policy", "b c", "arguments", "text"), 7),
        (("policy", "b c", "arguments", "when"), 10),
        (("policy", "b c", "arguments", "list", 1, "a"), 13),
        (("test", 0, "at", 1, "time"), 20),
        (("test", 1, "name"), 22),
    ],
)
def test_every_key_has_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert places(TEXT).has(path)
    assert places(TEXT).line(path) == line


def test_what_is_not_there_is_told_by_what_it_would_be_in() -> None:
    assert places(TEXT).line(("policy", "a", "arguments", "status")) == 3
    assert places(TEXT).line(("nothing", "like", "it")) is None


keys = st.sampled_from(["a", "b", '"c d"', "'e.f'"])
scalars = st.sampled_from(["1", "-1.5", '"x, ]} #"', "'\\'", "true", "1979-05-27T07:32:00Z", '"""\n]\n"""'])
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(keys, inner.filter(lambda value: "\n" not in value), max_size=2).map(
            lambda table: "{ " + ", ".join(f"{k} = {v}" for k, v in table.items()) + " }"
        )
    ),
    max_leaves=6,
)
tables = st.dictionaries(keys, values, max_size=3).map(lambda table: "".join(f"{k} = {v}\n" for k, v in table.items()))


@given(tables, st.lists(tables, max_size=2))
def test_no_key_is_left_out_and_none_invented(top: str, listed: list[str]) -> None:
    text = top + "".join(f"[[list]]\n{table}" for table in listed)
    assert set(_paths(tomllib.loads(text), ())) == places(text).lines.keys()


def _paths(value: Any, path: tuple[str | int, ...]) -> list[tuple[str | int, ...]]:  # noqa: ANN401 - whatever TOML has
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in [(*path, key), *_paths(item, (*path, key))]]


@given(st.text("[]{}=,.\"' \n#a", max_size=30))
def test_what_is_no_toml_ends_too(text: str) -> None:
    assert all(line >= 1 for line in places(text).lines.values())
