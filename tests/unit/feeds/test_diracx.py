from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gridmask.domain.element import ACCESS
from gridmask.domain.mask import Holding
from gridmask.domain.status import Status
from gridmask.feeds.diracx import ROUTES, Wording, Wordings, encode
from gridmask.testing.values import element, row

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row

CE = element("ce1")
SE = element("se1", "StorageElement")
ALLOWED = {"allowed": True, "warnings": None}


def holding(of: Element, *rows: Row) -> Holding:
    return Holding(of, {(row.key.status_type, row.key.vo): row for row in rows})


def told(route: str, *holdings: Holding, vo: str = "lhcb", words: Wordings | None = None) -> Any:  # noqa: ANN401 - JSON
    return json.loads(encode(ROUTES[route], vo, holdings, words or {}))


def banned(reason: str) -> dict[str, Any]:
    return {"allowed": False, "reason": reason}


def test_where_there_is_nothing_an_empty_object_is_told() -> None:
    assert encode(ROUTES["compute"], "lhcb", (), {}) == b"{}"
    assert told("site", holding(CE, row(CE))) == {}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (Status.ACTIVE, ALLOWED),
        (Status.DEGRADED, {"allowed": True, "warnings": "Why."}),
        (Status.PROBING, banned("Why.")),
        (Status.BANNED, banned("Why.")),
        (Status.ERROR, banned("Why.")),
        (Status.UNKNOWN, banned("Why.")),
    ],
)
def test_each_status_is_told_as_its_model_with_its_reason(status: Status, said: object) -> None:
    words = {CE.key: {("all", "all"): Wording(status, "Why.")}}
    assert told("compute", holding(CE, row(CE, status)), words=words) == {"ce1": {"all": said}}


@pytest.mark.parametrize(("status", "said"), [(Status.DEGRADED, "warnings"), (Status.BANNED, "reason")])
def test_without_a_reason_the_name_of_the_status_is_told(status: Status, said: str) -> None:
    assert told("compute", holding(CE, row(CE, status)))["ce1"]["all"][said] == status.label


def test_words_of_another_status_are_not_told() -> None:
    words = {CE.key: {("all", "all"): Wording(Status.DEGRADED, "It is slow.")}}
    assert told("compute", holding(CE, row(CE, Status.BANNED)), words=words)["ce1"]["all"] == banned("Banned")


def test_storage_is_told_by_four_aspects() -> None:
    rows = [row(SE, Status.BANNED if name == "WriteAccess" else Status.ACTIVE, status_type=name) for name in ACCESS]
    assert told("storage", holding(SE, *rows)) == {
        "se1": {"read": ALLOWED, "write": banned("Banned"), "check": ALLOWED, "remove": ALLOWED}
    }


def test_an_aspect_that_nothing_is_known_of_may_not_be_used() -> None:
    found = told("storage", holding(SE, row(SE, status_type="ReadAccess")))
    assert found["se1"] == {"read": ALLOWED, **dict.fromkeys(("write", "check", "remove"), banned("Unknown"))}


def test_a_row_of_the_vo_for_one_aspect_leaves_the_others_as_they_are_for_all() -> None:
    rows = [row(SE, status_type=name) for name in ACCESS] + [row(SE, Status.BANNED, vo="lhcb", status_type="WriteAccess")]
    assert told("storage", holding(SE, *rows))["se1"]["write"] == banned("Banned")
    assert told("storage", holding(SE, *rows))["se1"]["read"] == ALLOWED
    assert told("storage", holding(SE, *rows), vo="cms")["se1"]["write"] == ALLOWED


def test_a_binding_row_of_all_outranks_that_of_the_vo() -> None:
    rows = (row(CE, Status.BANNED, binding=True), row(CE, vo="lhcb"))
    words = {CE.key: {("all", "all"): Wording(Status.BANNED, "Security.")}}
    assert told("compute", holding(CE, *rows), words=words)["ce1"]["all"] == banned("Security.")


def test_the_reason_is_that_of_the_row_that_is_seen() -> None:
    rows = (row(CE, Status.BANNED), row(CE, Status.BANNED, vo="lhcb"))
    words = {CE.key: {("all", "all"): Wording(Status.BANNED, "theirs"), ("all", "lhcb"): Wording(Status.BANNED, "ours")}}
    assert told("compute", holding(CE, *rows), words=words)["ce1"]["all"] == banned("ours")
    assert told("compute", holding(CE, *rows), words=words, vo="cms")["ce1"]["all"] == banned("theirs")


def test_what_is_not_offered_is_left_out_and_what_is_out_of_service_may_not_be_used() -> None:
    private, old = element("private", offered=["cms"]), element("old", in_service=False)
    holdings = (holding(private, row(private)), holding(old, row(old)))
    assert told("compute", *holdings) == {"old": {"all": banned("Out of service.")}}
    assert told("compute", *holdings, vo="cms").keys() == {"old", "private"}


@pytest.mark.parametrize("type_", ["ComputingElement", "ComputeElement"])
def test_computing_is_known_by_both_names_of_its_type(type_: str) -> None:
    ce = element("ce", type_)
    assert told("compute", holding(ce, row(ce))) == {"ce": {"all": ALLOWED}}


@pytest.mark.parametrize("banned_one", [0, 1])
def test_two_elements_of_one_name_may_be_used_only_if_both_may(banned_one: int) -> None:
    both = (element("ce", "ComputeElement"), element("ce", "ComputingElement"))
    holdings = [holding(of, row(of, Status.BANNED if n == banned_one else Status.ACTIVE)) for n, of in enumerate(both)]
    assert told("compute", *holdings)["ce"]["all"] == banned("Banned")


def test_the_order_in_which_elements_come_changes_no_byte() -> None:
    some = [holding(of, row(of)) for of in (element("b"), element("a"), element("a", "ComputeElement"))]
    assert encode(ROUTES["compute"], "lhcb", some, {}) == encode(ROUTES["compute"], "lhcb", reversed(some), {})


def test_names_and_reasons_can_be_any_text() -> None:
    odd = element('é"\\\n')
    words = {odd.key: {("all", "all"): Wording(Status.BANNED, '</script>"\u2028')}}
    assert told("compute", holding(odd, row(odd, Status.BANNED)), words=words) == {
        'é"\\\n': {"all": banned('</script>"\u2028')}
    }
