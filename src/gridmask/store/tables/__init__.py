"""The schema. A status is kept once, its changes are kept once, and both by the same three words: element, status type, VO."""

from __future__ import annotations

from gridmask.store.tables.access import audit, audit_vos, idempotency_keys, service_tokens
from gridmask.store.tables.answers import quarantine, quarantine_parts, sources
from gridmask.store.tables.automation import batches, rulings, sweeps
from gridmask.store.tables.dirac import dirac_records
from gridmask.store.tables.inventory import element_handles, element_types, element_versions, elements, vos
from gridmask.store.tables.looking import beliefs, leases
from gridmask.store.tables.observations import downtime_targets, downtimes, evidence
from gridmask.store.tables.outside import action_states, actions, deliveries, outbox
from gridmask.store.tables.policies import policy_layers, policy_revisions
from gridmask.store.tables.recording import recorded_events, recorded_parts
from gridmask.store.tables.revisions import counter, snapshots
from gridmask.store.tables.rows import changes, decisions, statuses
from gridmask.store.tables.vocabulary import metadata
from gridmask.store.tables.working import tickets, work, workers

__all__ = [
    "action_states",
    "actions",
    "audit",
    "audit_vos",
    "batches",
    "beliefs",
    "changes",
    "counter",
    "decisions",
    "deliveries",
    "dirac_records",
    "downtime_targets",
    "downtimes",
    "element_handles",
    "element_types",
    "element_versions",
    "elements",
    "evidence",
    "idempotency_keys",
    "leases",
    "metadata",
    "outbox",
    "policy_layers",
    "policy_revisions",
    "quarantine",
    "quarantine_parts",
    "recorded_events",
    "recorded_parts",
    "rulings",
    "service_tokens",
    "snapshots",
    "sources",
    "statuses",
    "sweeps",
    "tickets",
    "vos",
    "work",
    "workers",
]
