"""Walks on the demonstration, on which something happens all the time: each page's task, at least once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.acceptance._walker import Walk, Walker

HELD_WITHIN = 200.0
"""Seconds within which the guard holds something: on the first night, of which the week is ten minutes long."""

POLICY = """
[policy.prairie]
type = "always"
match = { site = "Prairie*", type = "ComputingElement" }
arguments = { status = "Banned", comment = "our software is not there yet" }
"""


def sees_how_all_vos_fare_and_goes_to_the_one_that_needs_it(walker: Walker) -> None:
    """How are we, all of us? And what is wrong for borealis?"""
    page = walker.page
    walker.goes("/")
    for vo in ("astra", "borealis", "cygnus", "dorado"):
        expect(page.locator("main").get_by_role("link", name=vo, exact=True).first).to_be_visible()
    walker.clicks_on(page.locator("main").get_by_role("link", name="borealis", exact=True).first)
    expect(page).to_have_url(f"{walker.address}/vos/borealis")
    expect(page.locator("main")).to_contain_text("Downtimes")


def narrows_the_matrix_down_and_takes_it_away(walker: Walker) -> None:
    """What of the storage at Prairie may astra use? As a table, please."""
    page = walker.page
    walker.goes("/vos/astra/matrix?type=StorageElement")
    walker.types(page.locator("#q"), "Prairie")
    page.keyboard.press("Enter")
    expect(page.locator("main tbody tr[id]:visible").first).to_contain_text("Prairie")
    with page.expect_download() as download:
        walker.clicks_on(page.get_by_role("link", name="CSV").first)
    assert "Prairie-Store" in Path(download.value.path()).read_text(encoding="utf-8")
    walker.goes("/compare?vo=astra&status_type=WriteAccess&q=Prairie")
    expect(page.locator("main")).to_contain_text("Prairie-Store")


def bans_an_element_sees_why_and_takes_it_back(walker: Walker) -> None:
    """Cygnus' jobs vanish at Redwood-CE: keep them away for an hour. No, it was us: undo it."""
    page = walker.page
    walker.goes("/vos/cygnus")
    walker.types(page.get_by_role("searchbox", name="Find an element, site or host"), "Redwood-CE")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Redwood-CE", level=1)).to_be_visible()
    walker.clicks_on(page.get_by_role("radio", name="Banned").first)
    walker.clicks_on(page.get_by_role("radio", name="for 1 hour").first)
    walker.types(page.get_by_role("textbox", name="Why").first, "Jobs vanish there.")
    walker.clicks_on(page.get_by_role("button", name="Set", exact=True).first)
    expect(page.locator(".answers")).to_contain_text("Jobs vanish there.")
    assert _status(walker, "cygnus", "Redwood-CE") == "Banned"
    walker.clicks_on(page.get_by_role("button", name="Undo").first)
    expect(page.locator(".answers")).not_to_contain_text("held by")
    assert _status(walker, "cygnus", "Redwood-CE") != "Banned"


def announces_a_downtime_and_finds_it_in_the_calendar(walker: Walker) -> None:
    """Redwood-CE will be away for dorado: announce it, and see it where others will."""
    page = walker.page
    walker.goes("/elements/Resource/ComputingElement/Redwood-CE?vo=dorado")
    declare = page.locator("#deed-downtime")
    if not declare.locator("[name=reason]").is_visible():
        walker.clicks_on(page.get_by_text("Declare a downtime").first)
    walker.types(declare.locator("[name=reason]"), "New racks come.")
    walker.clicks_on(declare.get_by_role("button", name="Declare"))
    walker.goes("/downtimes?vo=dorado")
    expect(page.locator("main")).to_contain_text("New racks come.")


def tries_a_policy_and_puts_it_in_force(walker: Walker) -> None:
    """Dorado's software is not at Prairie yet: what would be, if we said so? Say so."""
    page = walker.page
    walker.goes("/policies?vo=dorado")
    walker.goes("/policies/workbench?vo=dorado")
    walker.types(page.locator("#text"), POLICY)
    for button in ("Check", "What if?"):
        walker.clicks_on(page.get_by_role("button", name=button))
        expect(page.locator("#results")).to_be_visible()
    walker.clicks_on(page.get_by_role("button", name="Save"))
    walker.types(page.locator("[name=reason]"), "As agreed on Monday.")
    walker.clicks_on(page.get_by_role("button", name="Put in force"))
    expect(page.locator("main")).to_contain_text("As agreed on Monday.")
    expect(page.locator("main")).to_contain_text("in force")


def decides_what_the_guard_holds(walker: Walker) -> None:
    """Five of six sites at once: that is a mistake. Drop it."""
    page = walker.page
    walker.waits_for(lambda: bool(_held(walker)), HELD_WITHIN)
    walker.goes("/guard?vo=all")
    walker.types(page.locator("#reason"), "They are all well: we asked.")
    walker.clicks_on(page.get_by_role("button", name="Drop"))
    expect(page.locator(".decided").first).to_contain_text("Dropped")


def asks_the_sources(walker: Walker) -> None:
    """When did we last hear of GOCDB?"""
    page = walker.page
    walker.goes("/sources")
    walker.clicks_on(page.locator("main").get_by_role("link", name="gocdb", exact=False).first)
    expect(page.locator("main")).to_contain_text("in force")


def sees_who_did_what(walker: Walker) -> None:
    """Who was at Redwood-CE?"""
    walker.goes("/audit?vo=cygnus")
    expect(walker.page.locator("main")).to_contain_text("Jobs vanish there.")


def reports_side_by_side(walker: Walker) -> None:
    """How much could each VO use this month?"""
    page = walker.page
    walker.goes("/reports?vo=astra")
    with page.expect_download() as download:
        walker.clicks_on(page.get_by_role("link", name="CSV").first)
    assert "PRAIRIE" in Path(download.value.path()).read_text(encoding="utf-8").upper()
    walker.goes("/reports/vos")


WALKS: tuple[Walk, ...] = (
    # in the first night, a little more than two minutes after the play begins, its operator decides
    decides_what_the_guard_holds,
    sees_how_all_vos_fare_and_goes_to_the_one_that_needs_it,
    narrows_the_matrix_down_and_takes_it_away,
    bans_an_element_sees_why_and_takes_it_back,
    announces_a_downtime_and_finds_it_in_the_calendar,
    tries_a_policy_and_puts_it_in_force,
    asks_the_sources,
    sees_who_did_what,
    reports_side_by_side,
)


def _status(walker: Walker, vo: str, name: str) -> str:
    answer = _get(walker.page, f"{walker.address}/api/v1/statuses?vo={vo}&name={name}")
    return str(answer["statuses"][0]["status"])


def _held(walker: Walker) -> list[object]:
    return list(_get(walker.page, f"{walker.address}/api/v1/batches")["batches"])


def _get(page: Page, address: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = page.request.get(address).json()
    return found
