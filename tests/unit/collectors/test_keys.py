from __future__ import annotations

from gridmask.collectors.keys import key_of
from gridmask.domain.naming import HostedService

HERE = HostedService("se01.example.org", "webdav")


def test_a_record_is_called_by_its_parts_and_whom_it_is_for() -> None:
    assert key_of("fts", HERE, "space", "DISK") == ("fts", "space/DISK", HERE)
    assert key_of("fts", HERE, "space", "DISK", vo="all").record == "space/DISK"
    assert key_of("fts", HERE, "space", "DISK", vo="cms").record == "space/DISK/cms"


def test_records_with_long_names_stay_apart() -> None:
    names = {key_of("fts", HERE, "space", "x" * 300, vo=vo).record for vo in ("all", "atlas", "cms")}
    assert len(names) == 3
    assert {len(name) for name in names} == {255}
