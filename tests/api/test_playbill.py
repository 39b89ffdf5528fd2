from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import httpx2
import pytest

from gridmask.api.app import create_app
from gridmask.portal.frame.playbill import playbill
from gridmask.service.demonstration import Scene
from tests.clocks import NOW, at

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.bootstrap import Installation


class Play:
    """Three scenes: one that is on, and two to come."""

    compression = "An hour passes in a minute."

    def told_time(self, now: datetime) -> str:
        del now
        return "Monday 12:00"

    def scenes(self, now: datetime) -> tuple[Scene, ...]:
        del now
        return (
            Scene("Fans <b>stop</b>", "A is too warm.", at(hours=-1), at(hours=1)),
            Scene("Fans are back", "A cools down.", at(hours=1), at(hours=2)),
            Scene("A quiet night", "Nothing happens.", at(hours=2), at(hours=3)),
        )


@pytest.mark.parametrize("path", ["/", "/vos/cms/matrix", "/elements/Resource/ComputingElement/CE1"])
async def test_every_page_tells_what_is_played_and_what_comes_next(gridmask: Installation, path: str) -> None:
    app = create_app(replace(gridmask, demonstration=Play()))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1") as client:
        page = (await client.get(path)).text
    assert "An hour passes in a minute." in page
    assert "It is <b>Monday 12:00</b> there." in page
    assert "<b>Now:</b> Fans &lt;b&gt;stop&lt;/b&gt;</summary><p>A is too warm.</p>" in page
    assert "Next, in 1 h: Fans are back" in page
    assert "A quiet night" not in page
    assert 'data-every="5"' in page


async def test_no_page_of_an_installation_in_earnest_speaks_of_a_demonstration(gridmask: Installation) -> None:
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(create_app(gridmask)), base_url="http://127.0.0.1") as client:
        assert "playbill" not in (await client.get("/vos/cms/matrix")).text


def test_after_the_last_scene_nothing_comes() -> None:
    played = playbill(Play(), at(hours=2.5))
    assert played is not None
    assert ([scene.title for scene in played.on], played.coming) == (["A quiet night"], None)
    assert playbill(None, NOW) is None
