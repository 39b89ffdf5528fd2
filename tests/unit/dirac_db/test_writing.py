from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from gridmask.dirac_db.tables import Part, Table
from gridmask.dirac_db.writing import Entry, quoted, script
from gridmask.domain.status import Status

NOW = datetime(2026, 6, 1, 12, 0, 0, 5, tzinfo=UTC)
STATUS = Table("Resource", Part.STATUS)
ENTRY = Entry(STATUS, "CE1", "all", "lhcb", "ComputingElement", Status.BANNED, "It's down", NOW - timedelta(hours=1))


def test_a_row_is_written_and_the_log_told_in_one_transaction() -> None:
    names, begin, update, log, commit = script([ENTRY], NOW)

    assert [names, begin, commit] == ["SET NAMES utf8mb4;", "START TRANSACTION;", "COMMIT;"]
    assert update == (
        "UPDATE ResourceStatus SET Status = 'Banned', Reason = 'It''s down', DateEffective = '2026-06-01 11:00:00', "
        "LastCheckTime = '2026-06-01 12:00:00', TokenOwner = 'rs_svc', TokenExpiration = '9999-12-31 23:59:59' "
        "WHERE Name = 'CE1' AND StatusType = 'all' AND VO = 'lhcb';"
    )
    assert log.startswith("INSERT INTO ResourceLog (Name, StatusType, VO, ")


def test_a_row_that_is_not_there_is_inserted() -> None:
    assert list(script([replace(ENTRY, is_new=True)], NOW))[2].startswith("INSERT INTO ResourceStatus (")


def test_before_the_vo_column_there_is_none() -> None:
    assert "VO" not in "".join(script([replace(ENTRY, table=replace(STATUS, has_vo=False))], NOW))


def test_an_owner_is_cut_as_dirac_does_and_times_are_utc() -> None:
    until = datetime(2026, 7, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    columns = replace(ENTRY, owner="averyveryverylongname", until=until).columns(NOW)

    assert (columns["TokenOwner"], columns["TokenExpiration"]) == ("averyveryverylon", "2026-07-01 00:00:00")


def test_a_reason_is_cut_to_what_fits() -> None:
    assert len(replace(ENTRY, reason="x" * 600).columns(NOW)["Reason"]) == 512


def test_no_text_breaks_out_of_its_quotes_or_its_line() -> None:
    assert quoted("\\'; DROP TABLE x; --\n\x00\x1a😀é") == "'\\\\''; DROP TABLE x; --   ?é'"
