"""What rows are in DIRAC now, as far as they can go on here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from gridmask.dirac_db import translate
from gridmask.dirac_db.report import About, Report
from gridmask.dirac_db.timeline import reason_of
from gridmask.domain.decision import ReasonKind
from gridmask.domain.element import RowKey, TypeRegistry
from gridmask.domain.status import Status
from gridmask.domain.takeover import Former
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from gridmask.dirac_db.naming import Naming
    from gridmask.dirac_db.record import Record


def formers(records: Iterable[Record], naming: Naming, types: TypeRegistry, now: datetime, report: Report) -> list[Former]:
    """The rows that ``records`` of the present mean, each once: what changed last counts."""
    found: dict[RowKey, Former] = {}
    for former in _each(records, naming, types, now, report):
        before = found.get(former.key)
        if before is None or before.since <= former.since:
            found[former.key] = former
    general = {(key.element, key.status_type) for key in found if key.vo == ALL}
    for key in found:
        if (key.element, key.status_type) not in general:
            report.remark(About.ORPHANED, str(key))
    return list(found.values())


def _each(records: Iterable[Record], naming: Naming, types: TypeRegistry, now: datetime, report: Report) -> Iterator[Former]:
    for record in records:
        key = key_of(record, naming, types, report)
        if key is not None:
            yield _former(record, key, naming, now, report)


def _former(record: Record, key: RowKey, naming: Naming, now: datetime, report: Report) -> Former:
    since = translate.effective(record.effective, record.checked)
    status = translate.status(record.status) if record.status.strip() else None
    if not record.status.strip():
        report.remark(About.BLANK_STATUS, str(key))
    elif status is None:
        report.remark(About.UNKNOWN_STATUS, record.status)
    owner, until = translate.owner(record.owner, naming.owners), translate.moment(record.expires)
    # without a time, it is as it is, since whenever
    reason = replace(reason_of(record), since=since)
    former = Former(key, Status.UNKNOWN if status is None else status, min(since or now, now), reason)
    if owner is None:
        return former
    if until is not None and until <= now:
        report.remark(About.EXPIRED_TOKEN, f"{key}, of {owner}")
        return former
    told = replace(former.reason, kind=ReasonKind.PERSON, source=owner, until=until)
    return replace(former, reason=told, owner=owner, until=until)


def key_of(record: Record, naming: Naming, types: TypeRegistry, report: Report) -> RowKey | None:
    """The row that a record means; None: there cannot be one here."""
    element, vo, status_type = naming.element(record), naming.vo(record.vo), translate.status_type(record.status_type)
    if element is None or status_type is None:
        # the timeline tells of these
        return None
    if status_type not in types.status_types(element):
        report.remark(About.UNKNOWN_STATUS_TYPE, f"{element} {status_type}")
        return None
    if vo is None or not naming.knows(vo):
        report.remark(About.UNKNOWN_VO, record.vo)
        return None
    return RowKey(element, status_type, vo)
