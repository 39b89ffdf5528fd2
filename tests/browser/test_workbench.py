"""The workbench in a browser: what somebody writes there is kept for them, and problems lead to their lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

TEXT = '# mine\n[policy.closed]\ntype = "alwys"\n'
CHOSEN = "() => { const of = document.getElementById('text'); return of.value.slice(of.selectionStart, of.selectionEnd); }"


def test_a_draft_is_kept_for_each_vo_until_it_is_discarded(page: Page, address: str) -> None:
    page.goto(f"{address}/policies/workbench?vo=cms")
    begun = page.input_value("#text")
    page.fill("#text", TEXT)
    expect(page.locator("#kept")).to_contain_text("Kept in this browser")
    page.goto(f"{address}/policies/workbench?vo=atlas")
    assert page.input_value("#text") != TEXT
    page.goto(f"{address}/policies/workbench?vo=cms")
    assert page.input_value("#text") == TEXT
    page.click("text=Discard it")
    assert page.input_value("#text") == begun
    page.reload()
    assert page.input_value("#text") == begun


def test_a_problem_leads_to_its_line(page: Page, address: str) -> None:
    page.goto(f"{address}/policies/workbench?vo=cms")
    page.fill("#text", TEXT)
    page.click("button[value=check]")
    expect(page.locator(".gutter")).to_have_text("1\n2\n3\n4")
    page.click("text=Line 3")
    assert page.evaluate(CHOSEN) == 'type = "alwys"'


def test_the_tab_key_leads_out_of_the_text(page: Page, address: str) -> None:
    page.goto(f"{address}/policies/workbench?vo=cms")
    page.focus("#text")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.id") != "text"
