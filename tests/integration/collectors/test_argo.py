"""How ARGO is asked, and what samples of its form give, where a developer has them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from gridmask.asking import Asking
from gridmask.collectors.argo import results, statuses
from gridmask.domain.element import TypeRegistry
from gridmask.domain.measurements import Probe, Series
from gridmask.http import Validators
from gridmask.kinds import KINDS
from gridmask.source import Source
from gridmask.testing import answered
from tests.clocks import at
from tests.integration.http.server import reply

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.http import Client
    from tests.integration.http.server import Server


@pytest.mark.parametrize(
    ("kind", "path", "since"),
    [("argo-status", "/api/v3/status/Critical", "2026-08-21"), ("argo-results", "/api/v3/results/Critical", "2026-08-07")],
)
async def test_a_report_is_asked_for_up_to_now(
    server: Server, client: Client, tmp_path: Path, kind: str, path: str, since: str
) -> None:
    (tmp_path / "key").write_text("secret")
    server.on(path, reply(200, b"{}"))
    source = Source(name="argo", kind=kind, url=server.url, token_file=tmp_path / "key", options={"report": "Critical"})
    await KINDS[kind].gather(Asking(client, source, at(), token_as=KINDS[kind].token_as))
    (asked,) = server.asked
    assert asked.headers["x-api-key"] == "secret"
    assert parse_qs(urlsplit(asked.target).query) == {"start_time": [f"{since}T00:00:00Z"], "end_time": [f"{at():%FT%TZ}"]}


async def test_a_report_that_is_what_it_was_is_read_whole_and_counts_from_now(server: Server, client: Client) -> None:
    server.on("/api/v3/status/Critical", reply(200, b"{}", ETag='"1"'))
    source = Source(name="argo", kind="argo-status", url=server.url, options={"report": "Critical"})
    await KINDS["argo-status"].gather(Asking(client, source, at(), Validators(etag='"1"')))
    assert "if-none-match" not in server.asked[0].headers


def test_a_sample_of_statuses(shared_data: Path) -> None:
    body = (shared_data / "samples" / "argo-web-api" / "v3_status.json").read_bytes()
    source = Source(name="argo", kind="argo-status", url="x", options={"report": "Critical"})
    told = statuses.read(answered(body, at="2026-08-04T17:00"), source, TypeRegistry())
    found = {item.key.record: item.value.result for item in told.evidence if isinstance(item.value, Probe)}
    assert found == {"Critical/EXAMPLE-LCG2": "CRITICAL", "Critical/webdav@se01.example-site.org": "CRITICAL"}


def test_a_sample_of_results(shared_data: Path) -> None:
    body = (shared_data / "samples" / "argo-web-api" / "v3_results.json").read_bytes()
    source = Source(name="argo", kind="argo-results", url="x", options={"report": "Critical"})
    found = results.read(answered(body), source, TypeRegistry()).evidence[0].value
    assert isinstance(found, Series)
    assert [point.value for point in found.points] == [pytest.approx(0.2916667)]
