"""Somebody at a browser, who counts what they have to do and looks for flaws wherever they come."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

IN_THE_DARK = ["color-contrast", "link-in-text-block"]
"""What may be otherwise there."""

PAUSE = 0.5
"""Seconds between two looks at what is waited for."""


@dataclass
class Walker:
    """Somebody at a browser, and how much they had to do."""

    page: Page
    address: str
    clicks: int = 0
    typed: int = 0
    waited: float = 0.0
    flaws: list[str] = field(default_factory=list)

    def goes(self, path: str) -> None:
        """Type an address, or follow a bookmark."""
        self.page.goto(self.address + path)
        self._looks()

    def clicks_on(self, what: Locator) -> None:
        """Click, and look at what comes."""
        what.click()
        self.clicks += 1
        self.page.wait_for_load_state()
        self._looks()

    def types(self, what: Locator, text: str) -> None:
        """Fill in a field."""
        what.fill(text)
        self.typed += 1

    def waits_for(self, question: Callable[[], bool], seconds: float) -> None:
        """Wait until it is so, which does not count as walking."""
        began = time.monotonic()
        while not question():
            assert time.monotonic() - began < seconds, f"waited {seconds:.0f} s in vain"
            self.page.wait_for_timeout(1000 * PAUSE)
        self.waited += time.monotonic() - began

    def _looks(self) -> None:
        """Look for flaws, which does not count as walking either."""
        began = time.monotonic()
        self._checks(RULES)
        self.page.emulate_media(color_scheme="dark")
        self._checks(IN_THE_DARK)
        self.page.emulate_media(color_scheme="light")
        self.waited += time.monotonic() - began

    def _checks(self, rules: list[str]) -> None:
        found = Axe().run(self.page, options={"runOnly": rules}).response["violations"]
        grave = [flaw for flaw in found if flaw["impact"] in {"serious", "critical"}]
        self.flaws += [f"{self.page.url}: {flaw['id']} at {flaw['nodes'][0]['html'][:120]}" for flaw in grave]


Walk = Callable[[Walker], None]
