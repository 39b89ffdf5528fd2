"""What there is, as JSON tells it. The keys are stable: programs rely on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gridmask.domain.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Row as Record

    from gridmask.domain.decision import Reason, Verdict
    from gridmask.domain.downtime import Downtime
    from gridmask.domain.element import RowKey
    from gridmask.domain.token import Token
    from gridmask.service.sources import Health
    from gridmask.service.statuses import Explanation, Seen
    from gridmask.store.downtimes import Version


def row_key(key: RowKey) -> dict[str, Any]:
    """The identity of a row."""
    return {**key.element._asdict(), "status_type": key.status_type, "vo": key.vo}


def seen(one: Seen) -> dict[str, Any]:
    """A row as a reader gets it; ``row_vo`` tells whose it is."""
    row = one.row
    return {
        **row_key(row.key),
        "vo": one.vo,
        "row_vo": row.key.vo,
        "site": one.element.site,
        "status": row.status.label,
        "since": row.standing.since,
        "reasons": [reason(each) for each in row.reasons],
        "token": token(row.token),
        "binding": row.binding,
        "revision": row.revision,
        "absence": one.absence,
    }


def explanation(one: Explanation) -> dict[str, Any]:
    """Why a row is what it is."""
    row = one.seen.row
    return {
        **seen(one.seen),
        "owes_probing": row.standing.owes_probing,
        "opinion": row.opinion.label,
        "verdicts": [verdict(each) for each in row.verdicts],
        "decided_at": one.decided_at,
        "due": row.due,
        "policies": one.policies,
        "sources": dict(one.sources),
    }


def reason(one: Reason) -> dict[str, Any]:
    """A reason; what it does not know is left out."""
    known = {"source": one.source, "record": one.record, "url": one.url, "since": one.since, "until": one.until}
    return {"kind": one.kind, "text": one.text, **{key: value for key, value in known.items() if value}}


def verdict(one: Verdict) -> dict[str, Any]:
    """What a policy said."""
    return {
        "policy": one.policy,
        "layer": one.layer,
        "status": one.status.label,
        "advisory": one.advisory,
        "held": one.held,
        "reasons": [reason(each) for each in one.reasons],
    }


def token(one: Token | None) -> dict[str, Any] | None:
    """Whose a row is."""
    return {"owner": one.owner, "until": one.expires_at} if one else None


def change(record: Record[Any]) -> dict[str, Any]:
    """An entry of a row's history."""
    held = {"owner": record.token_owner, "until": record.token_expires_at} if record.token_owner is not None else None
    return {
        "revision": record.revision,
        "at": record.at,
        "actor": record.actor,
        "family": record.family,
        "type": record.type,
        "name": record.name,
        "status_type": record.status_type,
        "vo": record.vo,
        "kind": record.kind,
        "old": label(record.old),
        "new": label(record.new),
        "reasons": [reason(each) for each in record.reasons],
        "token": held,
        "binding": record.binding,
        "id": record.id,
    }


def label(status: int | None) -> str | None:
    """The name of a status that may not be."""
    return None if status is None else Status(status).label


def downtime(one: Downtime) -> dict[str, Any]:
    """A downtime."""
    return {
        "id": one.key.record,
        "source": one.key.source,
        "elements": [target._asdict() for target in sorted(one.targets)],
        "start": one.interval.start,
        "end": one.interval.end,
        "severity": one.severity,
        "scheduling": one.scheduling,
        "description": one.description,
        "vo": one.vo,
        "owner": one.owner,
        "url": one.url,
        "created_at": one.created_at,
    }


def version(one: Version) -> dict[str, Any]:
    """A downtime as it was known for some time."""
    return {**downtime(one.downtime), "known_from": one.known_from, "known_to": one.known_to, "ended_by": one.ended_by}


def source(one: Health) -> dict[str, Any]:
    """How a source fares."""
    noted = one.noted
    return {
        "name": noted.name,
        "kind": noted.kind,
        "evidence": noted.evidence or None,
        "url": noted.url,
        "state": one.state,
        "attempted_at": noted.attempted_at,
        "answered_at": noted.answered_at,
        "valid_until": noted.valid_until,
        "records": noted.records,
        "failures": noted.failures,
        "failure": noted.failure,
        "problems": noted.problems,
    }


def rows_set(keys: Iterable[RowKey], revision: int | None, status: Status | None = None, until: datetime | None = None) -> dict[str, Any]:
    """What was set or released."""
    done = {"rows": [row_key(key) for key in keys], "revision": revision}
    return done if status is None else {**done, "status": status.label, "until": until}
