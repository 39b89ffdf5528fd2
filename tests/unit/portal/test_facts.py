from __future__ import annotations

import pytest

from gridmask.portal.element.facts import Text, facts, worded

PAGE = "https://gocdb.example.org/portal/?id=1"


@pytest.mark.parametrize(
    ("value", "said"),
    [(True, ["yes"]), (3, ["3"]), (0, ["0"]), (["a", ["b", False]], ["a", "b", "no"]), ("text", ["text"])],
)
def test_what_fits_into_a_line_is_told_in_one(value: object, said: list[str]) -> None:
    (fact,) = facts({"some_thing": value})
    assert (fact.name, [text.text for text in fact.texts], fact.records) == ("Some thing", said, ())


def test_what_says_nothing_is_left_out() -> None:
    assert facts({"a": "", "b": None, "c": [], "d": {}, "e": [{}, [""]]}) == ()


def test_only_addresses_of_pages_are_links() -> None:
    page, other = facts({"a": PAGE, "b": ["javascript:alert(1)", "davs://door.example.org/"]})
    assert page.texts[0].link == PAGE
    assert [text.link for text in other.texts] == [None, None]


def test_the_page_of_a_record_is_where_its_identifier_leads() -> None:
    (fact,) = facts({"id": "1G0", "url": PAGE})
    assert fact.texts == (Text("1G0", PAGE),)
    assert [fact.name for fact in facts({"id": "1G0", "url": "ldap://x"})] == ["Identifier", "Address"]


def test_what_is_known_comes_in_a_sensible_order_before_what_is_not() -> None:
    assert [fact.name for fact in facts({"zone": 1, "apple": 2, "country": "Norway", "official_name": "Fjell"})] == [
        "Official name",
        "Country",
        "Apple",
        "Zone",
    ]


def test_records_are_told_by_what_any_of_them_has() -> None:
    (services,) = facts({"services": [{"service": "ARC-CE", "endpoints": [{"name": "a"}]}, {"monitored": False}]})
    assert services.listed
    assert services.columns == ("Service", "Monitored")
    assert services.records[0][1].records[0][0].texts == (Text("a"),)


def test_names_that_are_data_stay_as_they_are() -> None:
    (extensions,) = facts({"extensions": {"my_KEY": "1", "id": "2", "url": PAGE}})
    assert [fact.name for fact in extensions.records[0]] == ["my_KEY", "id", "url"]
    assert not extensions.listed


def test_a_list_within_a_list_of_records_is_no_surprise() -> None:
    (odd,) = facts({"odd": ["word", [{"x": 1}, ["deep"]], 7]})
    assert [text.text for text in odd.texts] == ["word", "deep", "7"]
    assert odd.records[0][0].name == "X"


def test_keys_are_worded() -> None:
    assert [worded(key) for key in ("roc", "home_url", "max_cpu_time", "something_else", "")] == [
        "Operations centre",
        "Home page",
        "Longest CPU time",
        "Something else",
        "",
    ]
