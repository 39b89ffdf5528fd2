"""A form of somebody who is not logged in any more by the time that it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.forms import OURS, Form, form, send

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


QUARANTINE = Form("/sources/osg/decide", "", {"sha256": ["0" * 64], "reason": ["long and thought over"], "decision": ["drop"]})
BELIEVE = Form("/guard/probes", "", {"vo": ["all"], "say": ["believe"], "hours": ["6"], "reason": ["long and thought over"]})


@pytest.mark.parametrize("sent", [QUARANTINE, BELIEVE], ids=["a quarantine", "probes"])
async def test_what_was_typed_of_the_installation_outlasts_the_session_and_tells_nothing(browser: Browser, sent: Form) -> None:
    answer = await send(browser.client, sent)
    assert (answer.status_code, 'href="/login" target="_blank"' in answer.text) == (401, True)
    assert ("long and thought over" in answer.text, "osg-topology" in answer.text) == (True, False)


async def test_a_decision_that_is_refused_comes_back_beside_what_it_is_about(browser: Browser) -> None:
    await browser.log_in(groups=["/cms/ops"])
    answer = await send(browser.client, QUARANTINE)
    assert (answer.status_code, "osg-topology" in answer.text, "long and thought over" in answer.text) == (403, True, True)
