"""Whatever somebody posts at the door, it is answered as DIRAC's clients take it: no fault, no trace of one."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmask.api.app import create_app
from gridmask.api.guards import MOST_BYTES
from gridmask.bootstrap import installation
from gridmask.dirac_rpc.protocol import Errno
from gridmask.dirac_rpc.rights import METHODS
from gridmask.dirac_rpc.tables import CACHES, MAIL_QUEUE, STATUSES
from gridmask.settings import DiracRpc
from tests.grid import Grid

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TABLES = [*STATUSES, *CACHES, MAIL_QUEUE.name]
COLUMNS = sorted({column for table in (*(t for _, _, t in STATUSES.values()), *CACHES.values()) for column in table.columns})
WRITES = ("insert", "addOrModify", "addIfNotThere", "delete")


class Raw(str):
    """A piece of JSON as it stands."""

    __slots__ = ()


def written(value: Any) -> str:  # noqa: ANN401
    """JSON with pieces in it that no value stands for."""
    match value:
        case Raw():
            return str(value)
        case list():
            return f"[{','.join(map(written, value))}]"
        case dict():
            return f"{{{','.join(f'{json.dumps(key)}:{written(one)}' for key, one in value.items())}}}"
        case _:
            return json.dumps(value)


def moment(text: str) -> dict[str, str]:
    return {"__dCls": "dt", "obj": text}


ODD: list[Any] = [
    *map(
        Raw, ("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" * 5000, "-0", '"\\ud800"', '"\\u0000"', '"\\udfff\\ud800"')
    ),
    *map(moment, ("0001-01-01 00:00:00", "9999-12-31 23:59:59", "2026-02-30 00:00:00", "10000-01-01 00:00:00", "", "now")),
    {"__dCls": "b64", "obj": "AA=="},
    {"__dCls": "b64", "obj": "ÿ"},
    {"__dCls": "date", "obj": "0001-01-01"},
    {"__dCls": "dt"},
    {"__dCls": ["dt"], "obj": "x"},
    {"__dCls": "Path", "__dMod": "pathlib"},
    *("' OR '1'='1", "'; DROP TABLE elements; --", "%", "_", "\\", "x" * 5000, "ﬁ", "CE1\n", "@", "@@@FTS", "DUO@FTS", "1@CE1"),
    *("Banned", "Active", "CE1", "CE2", "T1", "thing", "all", "cms", "rs_svc", "Resource", "Site", "ID", "Name", "desc", ""),
    *(0, -1, 2**63, -(2**64), 10**400, 0.5, True, False, None, [], {}, [[]], [None], {"a": {}}, ["Name"], ["Name", "desc"]),
]
VALUES = st.recursive(
    st.sampled_from(ODD) | st.text(max_size=8) | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=6,
)
METAS = VALUES | st.fixed_dictionaries({}, optional=dict.fromkeys(("columns", "older", "newer", "order", "limit"), VALUES))
PARAMS = st.dictionaries(st.sampled_from([*COLUMNS, "name", "vO", "Nom", "Name' --", ""]), VALUES, max_size=4)
WITH_META = st.builds(lambda params, meta: {**params, "Meta": meta}, PARAMS, METAS)
CALLS: st.SearchStrategy[tuple[tuple[str, str], list[Any]]] = st.one_of(
    st.tuples(st.sampled_from(sorted(METHODS)), st.lists(VALUES, max_size=8)),
    st.tuples(
        st.sampled_from(sorted(one for one in METHODS if one[1] in {"select", *WRITES})),
        st.tuples(st.sampled_from(TABLES), WITH_META | PARAMS).map(list),
    ),
    st.tuples(
        st.sampled_from(sorted(one for one in METHODS if one[0] == "Publisher")),
        st.lists(
            st.sampled_from(["Resource", "Site", "DUO", "CE1", "all", "ComputingElement", "Banned", None, []]), max_size=7
        ),
    ),
)


@pytest.fixture(scope="module")
async def client(template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[httpx2.AsyncClient]:
    """Whoever may do everything, at a door that lets in what nobody knows."""
    folder = tmp_path_factory.mktemp("attacked")
    shutil.copytree(template, folder, dirs_exist_ok=True)
    grid = Grid(folder, f"sqlite:///{folder / 'gridmask.db'}")
    door = DiracRpc(enabled=True, declare_unknown=True)
    async with installation(grid.settings(dirac_rpc=door), clock=grid.clock) as made:
        transport = httpx2.ASGITransport(create_app(made))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as asked:
            yield asked


async def post(client: httpx2.AsyncClient, service: str, **fields: str) -> httpx2.Response:
    """What is answered to a call, which must be something that clients can take."""
    answer = await client.post(f"/ResourceStatus/{service}", content=urlencode(fields), headers=FORM)
    assert answer.status_code < 500 or answer.status_code == 501, answer.text
    assert "Traceback" not in answer.text
    if answer.status_code == 200:
        told = answer.json()
        assert told["OK"] is True or (told["Errno"] in set(Errno) and told["Message"])
    return answer


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(call=CALLS, vo=st.sampled_from(["None", "cms", "nobody", "'", ""]))
async def test_no_arguments_make_it_fail(client: httpx2.AsyncClient, call: tuple[tuple[str, str], list[Any]], vo: str) -> None:
    (service, method), arguments = call
    answer = await post(client, service, method=method, args=written(arguments), clientVO=vo)
    assert answer.status_code == 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
async def test_no_body_makes_it_fail(client: httpx2.AsyncClient, content: bytes) -> None:
    for before in (b"", b"method=select&args=", b"method=ping&extraCredentials="):
        answer = await client.post("/ResourceStatus/Publisher", content=before + content, headers=FORM)
        assert answer.status_code in {200, 400, 401, 501}, answer.text


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: written(odd)[:30])
async def test_nothing_odd_is_found_or_taken_for_something_else(client: httpx2.AsyncClient, odd: object) -> None:
    for column in ("Name", "Status", "DateEffective", "VO", "Meta"):
        where = written(["ResourceStatus", {"VO": "all", **({"Name": "CE9"} if column != "Name" else {}), column: odd}])
        told = (await post(client, "ResourceStatus", method="select", args=where)).json()
        assert not told["OK"] or told["Value"] == [] or odd in ("", None, "CE1", "CE2", "T1", "DUO@FTS")


@pytest.mark.parametrize(
    "args",
    [
        "[" * 200_000,
        "[" * 17 + "]" * 17,
        '{"a":' * 50_000,
        '["ResourceStatus", {"Name": [' + '"x",' * 90_000 + '"x"]}]',
        '["ResourceStatus", {"Name": "' + "x" * 900_000 + '"}]',
        '["ResourceStatus", {"Name": "x", "Name": "y"}]',
        '["ResourceStatus", {"Meta": {"limit": 1, "limit": 2}}]',
        '["ResourceStatus", {"Name": "x", "name": "y"}]',
        '["ResourceStatus", {"Meta": {}, "meta": {}}]',
        "[" + "9" * 100_000 + "]",
        '["ResourceStatus", {}, ' + "null," * 1000 + "null]",
    ],
    ids=lambda args: f"{args[:24]}.{len(args)}",
)
async def test_what_is_too_much_or_said_twice_is_refused(client: httpx2.AsyncClient, args: str) -> None:
    assert len(args) < MOST_BYTES
    for method in ("select", "addOrModify", "delete"):
        told = (await post(client, "ResourceStatus", method=method, args=args)).json()
        assert (told["OK"], told.get("Errno")) == (False, 22)
        assert len(told["Message"]) < 2000


@pytest.mark.parametrize(
    "content",
    [
        b"method=\xff\xfe",
        b"method=select&args=%ff%fe",
        b"method=select&args=%22%ed%a0%80%22",
        b"\x00",
        b"method=ping&method=echo",
    ],
)
async def test_bytes_that_are_no_text_and_fields_that_come_twice_are_no_call(
    client: httpx2.AsyncClient, content: bytes
) -> None:
    answer = await client.post("/ResourceStatus/ResourceStatus", content=content, headers=FORM)
    assert answer.status_code == 400
