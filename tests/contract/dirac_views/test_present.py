"""What the views of the present say of rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, update

from gridmask.domain.decision import Reason, ReasonKind
from gridmask.domain.element import ACCESS
from gridmask.domain.mask import Holding
from gridmask.domain.status import Status
from gridmask.domain.token import Token
from gridmask.store.tables import audit, changes, elements, sweeps
from gridmask.testing import element, row
from tests.dirac_db import FOREVER
from tests.dirac_views import KNOWN_SINCE, SINCE

if TYPE_CHECKING:
    from gridmask.domain.element import Element
    from gridmask.domain.row import Row
    from tests.dirac_views import Viewed

CE, SE = element("ce"), element("se", "StorageElement")
LATER = KNOWN_SINCE + timedelta(days=1, microseconds=999_999)
NAIVE = datetime(2026, 1, 2)  # noqa: DTZ001 - DIRAC's times are naive


def holding(of: Element, *rows: Row) -> Holding:
    return Holding(of, {one.key[1:]: one for one in rows})


def because(*texts: str) -> tuple[Reason, ...]:
    return tuple(Reason(ReasonKind.CONSTANT, text) for text in texts)


async def write(viewed: Viewed, *statements: Any) -> None:  # noqa: ANN401
    async with viewed.database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)


async def test_a_row_of_automation_is_told_in_diracs_words(viewed: Viewed) -> None:
    said = row(CE, Status.DEGRADED, reasons=because("Space is short.", "Jobs fail."), since="2026-01-01T00:00")
    await viewed.keep(holding(CE, said))
    assert await viewed.rows() == [
        {
            "Name": "ce",
            "StatusType": "all",
            "VO": "all",
            "Status": "Degraded",
            "ElementType": "ComputingElement",
            "Reason": "Space is short. ###Jobs fail.",
            "TokenOwner": "rs_svc",
            "TokenExpiration": FOREVER,
            "DateEffective": SINCE,
            "LastCheckTime": SINCE,
        }
    ]


async def test_a_token_is_told_with_its_owners_name_cut_as_dirac_does(viewed: Viewed) -> None:
    held = row(CE, token=Token("averyveryverylongname", LATER))
    await viewed.keep(holding(CE, held))
    said = await viewed.row("ce")
    assert (said["TokenOwner"], said["TokenExpiration"]) == ("averyveryverylon", NAIVE)


async def test_a_reason_is_cut_where_diracs_column_ends_and_is_never_empty(viewed: Viewed) -> None:
    long = row(CE, reasons=because("é" * 300, "ß" * 300))
    await viewed.keep(holding(CE, long), holding(element("b"), row(element("b"))))
    assert [(await viewed.row(name))["Reason"] for name in ("ce", "b")] == ["é" * 300 + " ###" + "ß" * 208, "Unspecified"]


async def test_a_reason_with_any_character_does_not_spoil_the_view(viewed: Viewed) -> None:
    texts = ('quoted "so"', "back\\slash \\u0000", "new\nline", "nothing\0here", "100 %s", "😀")
    await viewed.keep(*(holding(element(f"e{n}"), row(element(f"e{n}"), reasons=because(t))) for n, t in enumerate(texts)))
    told = {said["Name"]: said["Reason"] for said in await viewed.rows()}
    odd = {"e1", "e3"} if viewed.database.engine.dialect.name == "postgresql" else set()
    assert {name: reason for name, reason in told.items() if name not in odd} == {
        f"e{n}": text for n, text in enumerate(texts) if f"e{n}" not in odd
    }
    assert len(told) == len(texts)


async def test_a_sweep_is_when_rows_were_last_checked(viewed: Viewed) -> None:
    await viewed.keep(holding(CE, row(CE)))
    await write(viewed, insert(sweeps).values(at=LATER, checked=1, changed=0, policy_revision="p"))
    assert (await viewed.row("ce"))["LastCheckTime"] == NAIVE


async def test_all_status_types_are_told_for_a_vo_once_one_is(viewed: Viewed) -> None:
    general = [row(SE, status_type=aspect) for aspect in ACCESS]
    await viewed.keep(holding(SE, *general, row(SE, Status.BANNED, vo="cms", status_type="WriteAccess")))
    told = {said["StatusType"]: said["Status"] for said in await viewed.rows(VO="cms")}
    assert told == {aspect: "Banned" if aspect == "WriteAccess" else "Active" for aspect in ACCESS}


async def test_a_binding_row_is_told_in_place_of_every_vos(viewed: Viewed) -> None:
    ban = row(CE, Status.BANNED, binding=True, reasons=because("A security ban."), revision=2)
    await viewed.keep(holding(CE, ban, row(CE, vo="cms", revision=1)))
    signed = {"actor": "anna", "actor_kind": "person", "action": "set", "comment": ""}
    await write(viewed, insert(audit).values(at=LATER, revision=2, **signed))
    said = await viewed.row("ce", "cms")
    # from when on it binds, which may be later than since when it is: readers look for the latest time
    assert (said["Status"], said["Reason"], said["DateEffective"]) == ("Banned", "A security ban.", NAIVE)


async def test_what_is_out_of_service_is_banned_from_the_edit_on(viewed: Viewed) -> None:
    await viewed.keep(holding(element("ce", in_service=False), row(CE)))
    async with viewed.database.reading() as connection:
        number = await connection.scalar(elements.select().with_only_columns(elements.c.id))
    edit = {"revision": 1, "element_id": number, "status_type": "", "vo": "", "kind": "saved", "reasons": ()}
    await write(viewed, insert(changes).values(**edit, binding=False, actor="a", at=LATER))
    said = await viewed.row("ce")
    assert (said["Status"], said["Reason"]) == ("Banned", "Its inventory says that it is out of service.")
    assert said["DateEffective"] == NAIVE


async def test_what_left_the_inventory_is_not_told(viewed: Viewed) -> None:
    await viewed.keep(holding(CE, row(CE)))
    await write(viewed, update(elements).values(taken_out_at=datetime(2026, 2, 1, tzinfo=UTC)))
    assert await viewed.rows() == []


async def test_what_is_not_offered_to_a_vo_is_banned_for_it(viewed: Viewed) -> None:
    await viewed.keep(holding(element("ce", offered=("cms", "atlas")), row(CE)))
    told = {said["VO"]: (said["Status"], said["Reason"]) for said in await viewed.rows()}
    assert told["all"][0] == "Active"
    assert set(told) == {"all", "lhcb"}
    assert told["lhcb"][0] == "Banned"
    assert told["lhcb"][1].startswith("Not offered to lhcb, only to ")


async def test_names_that_dirac_has_no_room_for_are_left_out(viewed: Viewed) -> None:
    fits, long = element("n" * 64), element("n" * 65)
    typed = element("t", "T" * 33)
    await viewed.keep(*(holding(one, row(one)) for one in (fits, long, typed)))
    assert [said["Name"] for said in await viewed.rows()] == ["n" * 64]


async def test_types_that_share_a_name_are_told_apart_and_diracs_keep_it(viewed: Viewed) -> None:
    alike = (element("x", "Squid"), element("x"), element("x", "FTS"), element("x", "StorageElement"))
    status_types = {"StorageElement": ACCESS}
    await viewed.keep(
        *(holding(one, *(row(one, status_type=t) for t in status_types.get(one.key.type, ("all",)))) for one in alike)
    )
    told = {(said["Name"], said["ElementType"]) for said in await viewed.rows()}
    assert told == {("x", "ComputingElement"), ("x", "StorageElement"), ("x@FTS", "FTS"), ("x@Squid", "Squid")}
    assert [said["ElementType"] for said in await viewed.rows(Name="x@FTS")] == ["FTS"]


async def test_a_search_by_name_uses_the_index(viewed: Viewed) -> None:
    await viewed.keep(*(holding(element(f"e{n}"), row(element(f"e{n}"))) for n in range(300)))
    wanted = f"SELECT * FROM {viewed.schema}.{{}}ResourceStatus{{}} WHERE {{}}Name{{}} = 'e7'"
    quote = '"' if viewed.database.engine.dialect.name == "postgresql" else "`"
    async with viewed.database.engine.begin() as connection:
        await connection.exec_driver_sql("ANALYZE" if quote == '"' else "ANALYZE TABLE elements, statuses")
        plan = await connection.exec_driver_sql("EXPLAIN " + wanted.format(quote, quote, quote, quote))
        lines = [" ".join(map(str, line)) for line in plan]
    assert any("ix_elements_name" in line and ("const" in line or "Index Scan" in line) for line in lines)
