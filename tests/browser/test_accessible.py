"""Every page keeps the rules of WCAG 2.2 AA that a program can check, in light and in dark, and fits a narrow screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.hostile import WIDER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/vos/cms",
    "/vos/cms/matrix",
    "/elements/Resource/ComputingElement/CE1?vo=cms",
    "/downtimes?vo=cms",
    "/policies?vo=cms",
    "/policies/declared-downtimes?vo=cms",
    "/policies/workbench?vo=cms",
    "/policies/versions?vo=cms",
    "/compare?status_type=WriteAccess",
    "/guard?vo=cms",
    "/sources",
    "/sources/osg",
    "/reports?vo=cms",
    "/reports/vos",
    "/audit?vo=cms",
    "/no/such/page",
)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def flaws(page: Page, *rules: str) -> list[str]:
    """What is wrong, and where first."""
    found = Axe().run(page, options={"runOnly": list(rules)}).response["violations"]
    said = [(flaw["id"], flaw["impact"], flaw["nodes"][0]) for flaw in found]
    return [f"{name}, {impact}: {node['html'][:200]} {node['failureSummary']}" for name, impact, node in said]


def test_no_page_has_a_flaw_in_light(page: Page, address: str) -> None:
    for path in PAGES[:-1]:
        page.goto(address + path)
        assert (path, flaws(page, *RULES)) == (path, [])


def test_no_page_has_too_little_contrast_in_dark(browser: Browser, address: str) -> None:
    page = browser.new_page(color_scheme="dark")
    for path in PAGES:
        page.goto(address + path)
        assert (path, flaws(page, "color-contrast", "link-in-text-block")) == (path, [])
    page.close()


def test_no_page_is_wider_than_a_narrow_screen(browser: Browser, address: str) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    for path in PAGES:
        page.goto(address + path)
        assert (path, page.evaluate(WIDER)) == (path, [])
    page.close()
