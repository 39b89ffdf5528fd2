"""Whatever anybody writes is text: nothing of it runs, nothing breaks a page, on a narrow screen either.

Every page is looked at by ``./dev acceptance walks``; here, those that tell the most of what others wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridmask.domain.element import ElementKey
from gridmask.portal.frame import addresses
from tests.hostile import HANDLER, LISTENER, VO, harm, hostile

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

ELEMENT = addresses.element(ElementKey("Resource", "ComputingElement", HANDLER), VO)


def test_nothing_that_anybody_wrote_runs_or_breaks_a_page(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.add_init_script(LISTENER)
    with hostile(tmp_path) as address:
        for path in (ELEMENT, f"/vos/{VO}/matrix", f"/downtimes?vo={VO}", "/audit", "/sources/feed"):
            assert (path, harm(page, address + path)) == (path, [])
        # and it would be noticed
        page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
        page.wait_for_function("met.length > 0")
        page.close()
