"""A form of somebody who is not logged in any more by the time that it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.forms import OURS, form, send

if TYPE_CHECKING:
    from tests.logins import Browser

CE1 = "/elements/Resource/ComputingElement/CE1?vo=cms"


async def test_what_was_typed_outlasts_the_session_and_is_sent_in_the_next_one(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    sent = form((await browser.get(CE1)).text, "deed-set")
    await browser.client.post("/logout", headers=OURS)
    answer = await send(browser.client, sent, reason="long and thought over")
    assert (answer.status_code, 'href="/login" target="_blank"' in answer.text) == (401, True)
    await browser.log_in(groups=["/cms/ops"])
    assert (await send(browser.client, form(answer.text, "deed-set"))).status_code == 303
