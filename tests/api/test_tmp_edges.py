from __future__ import annotations
import pytest
from gridmask.api.rights import ROUTES
from tests.grid import sync
LAST = "9999-12-31T23:59:59.999999Z"
FIRST = "0001-01-01T00:00:00Z"
EDGES = [LAST, FIRST, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T12:00:00Z", "9999-12-31", "0001-01-01"]
async def test_it(client, gridmask, grid):
    bad = []
    row = {"rows": [{"name": "CE1"}]}
    for e in EDGES:
        for m, path, body in [
            ("POST", "/api/v1/statuses", {**row, "status": "Banned", "reason": "x", "until": e, "review_at": e}),
            ("POST", "/api/v1/statuses", {**row, "status": "Banned", "reason": "x", "review_at": e}),
            ("POST", "/api/v1/statuses", {**row, "status": "Banned", "reason": "x", "until": e}),
            ("POST", "/api/v1/tokens", {**row, "reason": "x", "until": e}),
            ("POST", "/api/v1/tokens/extend", {**row, "reason": "x", "until": e}),
            ("POST", "/api/v1/downtimes", {"elements": [{"name": "CE2"}], "description": "a", "start": e, "end": LAST}),
            ("POST", "/api/v1/downtimes", {"elements": [{"name": "CE2"}], "description": "b", "end": e}),
            ("POST", "/api/v1/downtimes", {"elements": [{"name": "CE2"}], "description": "c", "start": FIRST, "end": e}),
            ("POST", "/api/v1/evidence", {"source": "probes", "evidence": [{"kind": "probe", "record": "1", "value": {"metric": "submit", "result": "CRITICAL"}, "observed_at": e, "about": {"type": "ComputingElement", "name": "CE2"}}]}),
            ("POST", "/api/v1/evidence", {"source": "probes", "evidence": [{"kind": "probe", "record": "2", "value": {"metric": "submit", "result": "CRITICAL"}, "observed_at": "2026-08-21T17:00:00Z", "expires_at": e, "about": {"type": "ComputingElement", "name": "CE2"}}]}),
            ("POST", "/api/v1/access/tokens", {"name": "t"+e, "grants": [], "expires_at": e}),
            *[("GET", p, {k: e}) for p, k in [("/api/v1/masks/cms", "at"), ("/api/v1/masks/cms/hindsight", "at"), ("/api/v1/masks/cms/hindsight", "known"), ("/api/v1/timelines/cms", "from"), ("/api/v1/timelines/cms", "to"), ("/api/v1/availability/cms", "from"), ("/api/v1/availability/cms", "to"), ("/api/v1/tokens", "before"), ("/api/v1/audit", "since"), ("/api/v1/audit", "until"), ("/audit", "since"), ("/audit", "until"), ("/downtimes", "from"), ("/elements/Resource/ComputingElement/CE1", "until"), ("/reports", "month"), ("/reports", "from"), ("/reports", "until")]],
        ]:
            try:
                a = await client.request(m, path, **({"json": body} if m == "POST" else {"params": body}))
                code = a.status_code
            except Exception as x:
                code = repr(x)[:150]
            if code not in (200, 201, 422, 404, 401, 403) : bad.append((m, path, body, code))
            if m == "POST": print(path, e, code, a.text[:100] if code==422 else "")
    for zone in ("Asia/Tokyo", "America/New_York", "UTC"):
        for p in ["/", "/vos/cms", "/vos/cms/matrix", "/elements/Resource/ComputingElement/CE1?vo=cms", "/elements/Resource/ComputingElement/CE2?vo=cms","/elements/Resource/ComputingElement/CE2?vo=cms&span=year", "/elements/Resource/ComputingElement/CE2?vo=cms&span=all", "/downtimes?vo=cms", "/downtimes?vo=cms&span=month","/downtimes?vo=cms&from=2999-12-31&span=month", "/guard?vo=cms", "/sources", "/audit", "/compare", "/policies?vo=cms", "/reports?vo=cms", "/api/v1/downtimes/cms.ics", "/api/v1/downtimes?when=all", "/api/v1/statuses/why?name=CE2", "/api/v1/tokens"]:
            try:
                a = await client.get(p, headers={"Cookie": f"gridmask-zone={zone}"})
                code = a.status_code
            except Exception as x:
                code = repr(x)[:150]
            if code != 200: bad.append((zone, p, code))
    for b in bad: print("BAD", b)
    assert 0
