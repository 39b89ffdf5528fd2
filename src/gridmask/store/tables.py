"""The schema. A status is kept once, its changes are kept once, and both by the same three words: element, status type, VO."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    UniqueConstraint,
    false,
)

from gridmask.domain.damping import Penalty
from gridmask.domain.decision import Reason, Verdict
from gridmask.domain.evidence import Used
from gridmask.domain.guard import Because, Hold
from gridmask.domain.rights import Grant
from gridmask.domain.transition import GoodRun
from gridmask.domain.upheaval import Upheaval
from gridmask.store.columns import Encoded, LongText, Name, Packed, Prose, UtcDateTime
from gridmask.store.vocabulary import (
    ACTION,
    ACTOR,
    BATCH,
    FAMILY,
    HASH,
    ID,
    NAME,
    NAMING,
    OPTIONS,
    SOURCE,
    TYPE,
    VO,
    row_identity,
)

metadata = MetaData(naming_convention=NAMING)
_AGREED = "whether the token ends once automation agrees"

counter = Table(
    "counter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    comment="One row: the last revision. Whoever changes anything locks it first, so revisions become visible in order.",
    **OPTIONS,
)

vos = Table(
    "vos",
    metadata,
    Column("name", VO, primary_key=True),
    Column("known_since", UtcDateTime, nullable=False),
    Column("retired_at", UtcDateTime, comment="when it left for good; null while it is there"),
    Column("mask_revision", BigInteger, nullable=False, comment="the last revision that changed this VO's mask"),
    Column("policies_by_api", Boolean, nullable=False, server_default=false(), comment="whether its policies are kept here"),
    comment="The VOs that exist, and the one called all, which stands for the installation's own view.",
    **OPTIONS,
)

elements = Table(
    "elements",
    metadata,
    Column("id", ID, primary_key=True),
    Column("family", FAMILY, nullable=False),
    Column("type", TYPE, nullable=False),
    Column("name", NAME, nullable=False),
    Column("site", NAME, nullable=False),
    Column("category", TYPE, nullable=False),
    Column("in_service", Boolean, nullable=False),
    Column("offered", Encoded(frozenset[str]), nullable=False),
    Column("hosts", Encoded(tuple[str, ...]), nullable=False),
    Column("aliases", Encoded(tuple[str, ...]), nullable=False),
    Column("tags", Encoded(frozenset[str]), nullable=False),
    Column("facts", Encoded(dict[str, Any]), nullable=False),
    Column("source", SOURCE, nullable=False),
    Column("services", Encoded(frozenset[str]), nullable=False),
    Column("identity", NAME, nullable=False, comment="its identifier in its source, which stays when its name changes"),
    Column("elsewhere", Encoded(frozenset[tuple[str, str]]), nullable=False),
    Column("known_since", UtcDateTime, nullable=False),
    Column("renamed_to", ID, index=True, comment="the id of what it is now; null unless it was renamed"),
    Column("taken_out_at", UtcDateTime, comment="when its inventory stopped listing it; null while it does"),
    UniqueConstraint("family", "type", "name"),
    Index(None, "name"),
    comment="The inventory, and what was once in it.",
    **OPTIONS,
)

element_versions = Table(
    "element_versions",
    metadata,
    Column("element_id", ID, ForeignKey("elements.id"), primary_key=True, autoincrement=False),
    Column("revision", BigInteger, primary_key=True, autoincrement=False, index=True, comment="from which on it was so"),
    Column("listed", Boolean, nullable=False, comment="whether it was in the inventory"),
    Column("site", NAME, nullable=False),
    Column("category", TYPE, nullable=False),
    Column("in_service", Boolean, nullable=False),
    Column("offered", Encoded(frozenset[str]), nullable=False),
    Column("basis", Name(16), nullable=False, comment="kept, latest or guess"),
    comment="What masks depend on of each element, and from which revision on.",
    **OPTIONS,
)

element_handles = Table(
    "element_handles",
    metadata,
    Column("element_id", ID, ForeignKey("elements.id"), primary_key=True, autoincrement=False),
    Column("handle", NAME, primary_key=True),
    Index(None, "handle"),
    comment="What else than its name an element goes by: aliases and hosts.",
    **OPTIONS,
)

element_types = Table(
    "element_types",
    metadata,
    Column("name", TYPE, primary_key=True),
    Column("declared", Boolean, primary_key=True, comment="whether the settings say it, who have the last word"),
    Column("family", FAMILY, nullable=False),
    Column("category", TYPE, nullable=False),
    Column("status_types", Encoded(tuple[str, ...]), nullable=False),
    comment="Element types: those of the settings in force, and those that inventories publish.",
    **OPTIONS,
)

statuses = Table(
    "statuses",
    metadata,
    *row_identity(is_key=True),
    Column("status", SmallInteger, nullable=False, comment="0 Error, 1 Banned, 2 Probing, 3 Degraded, 4 Active, 5 Unknown"),
    Column("since", UtcDateTime, nullable=False),
    Column("owes_probing", Boolean, nullable=False),
    Column("run", Encoded(GoodRun)),
    Column("reasons", Encoded(tuple[Reason, ...]), nullable=False),
    Column("verdicts", Encoded(tuple[Verdict, ...]), nullable=False),
    Column("opinion", SmallInteger, nullable=False, comment="what automation would set"),
    Column("token_owner", ACTOR, index=True),
    Column("token_expires_at", UtcDateTime),
    Column("binding", Boolean, nullable=False),
    Column("due", UtcDateTime, index=True, comment="when it may become another by itself"),
    Column("policy_revision", HASH, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("hold", Encoded(Hold)),
    Column("hold_batch", BATCH, index=True, comment="the batch that the hold belongs to"),
    Column("penalty", Encoded(Penalty), comment="what the row has gathered by flapping"),
    Column("token_agreed", Boolean, nullable=False, server_default=false(), comment=_AGREED),
    Column("token_review_at", UtcDateTime, comment="when to look at it again"),
    Column("token_notice_at", UtcDateTime, comment="when to remind its owner; null: done"),
    comment="What every row is now.",
    **OPTIONS,
)

changes = Table(
    "changes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("revision", BigInteger, nullable=False, index=True),
    *row_identity(),
    Column("kind", Name(16), nullable=False),
    Column("old", SmallInteger),
    Column("new", SmallInteger),
    Column("reasons", Encoded(tuple[Reason, ...]), nullable=False),
    Column("token_owner", ACTOR),
    Column("token_expires_at", UtcDateTime),
    Column("binding", Boolean, nullable=False),
    Column("actor", ACTOR, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("taken", Encoded(Because), comment="why automation took it; null if it did not"),
    Column("token_agreed", Boolean, nullable=False, server_default=false(), comment=_AGREED),
    Column("token_from", ACTOR, comment="whose the row was, if another's"),
    Index(None, "element_id", "status_type", "vo", "id"),
    comment="Every change of a row, ever. A change of the element itself has an empty status type and VO.",
    **OPTIONS,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False, comment="when the revision was made"),
    Column("seen", BigInteger, nullable=False, comment="how many changes there were up to it"),
    Column("rows", Integer, nullable=False, comment="how many rows it holds"),
    Column("body", Packed, nullable=False),
    comment="What there was after some revisions, worked out from changes and element versions: nothing is lost with them.",
    **OPTIONS,
)

batches = Table(
    "batches",
    metadata,
    Column("id", BATCH, primary_key=True),
    Column("cause_kind", Name(16), nullable=False),
    Column("cause_name", NAME, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Column("rows", Integer, nullable=False, comment="how many rows were held in it, ever"),
    Column("vos", Encoded(frozenset[str]), nullable=False, comment="from whom too much would have been taken"),
    Column("state", Name(16), nullable=False, comment="held, confirmed or dropped"),
    Column("decided_at", UtcDateTime),
    Column("decided_by", ACTOR, nullable=False),
    Column("comment", Prose, nullable=False),
    comment="Takings that are held, and what people decided about them.",
    **OPTIONS,
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", ID, primary_key=True),
    *row_identity(),
    Column("at", UtcDateTime, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("opinion", SmallInteger, nullable=False),
    Column("verdicts", Encoded(tuple[Verdict, ...]), nullable=False),
    Column("policy_revision", HASH, nullable=False),
    Column("revision", BigInteger, comment="the revision that it led to; null if it changed no status"),
    Column("evidence", Encoded(tuple[Used, ...]), comment="what the verdicts rest on"),
    Column("hold", Encoded(Hold), comment="what the guard made of it"),
    Column("penalty", Encoded(Penalty), comment="what the row had gathered by flapping"),
    Column("due", UtcDateTime, comment="when the row was to be looked at again"),
    Index(None, "element_id", "status_type", "vo", "id"),
    Index(None, "revision", "at"),
    comment="What the policies said each time that they said something else.",
    **OPTIONS,
)

rulings = Table(
    "rulings",
    metadata,
    Column("element_id", ID, ForeignKey("elements.id"), primary_key=True, autoincrement=False),
    Column("vo", VO, primary_key=True),
    Column("mode", Name(16), nullable=False, comment="full, exclude-only, observe-only or off"),
    Column("by", ACTOR, nullable=False),
    Column("reason", Prose, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    comment="How far automation goes with elements, by what people decided.",
    **OPTIONS,
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("policy_revision", HASH, nullable=False),
    comment="One mark for each time that every row was checked.",
    **OPTIONS,
)

policy_revisions = Table(
    "policy_revisions",
    metadata,
    Column("revision", HASH, primary_key=True),
    Column("loaded_at", UtcDateTime, nullable=False),
    Column("document", Encoded(dict[str, Any]), nullable=False),
    Column("author", ACTOR, nullable=False, comment="whose the file was that had changed last"),
    comment="What the policies were that decisions refer to.",
    **OPTIONS,
)

downtimes = Table(
    "downtimes",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", SOURCE, nullable=False),
    Column("record", NAME, nullable=False),
    Column("known_from", UtcDateTime, nullable=False),
    Column("known_to", UtcDateTime, comment="when another version replaced it, or it was withdrawn; null while it stands"),
    Column("ended_by", Name(16), comment="edit or withdrawal"),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, comment="null is without an announced end"),
    Column("severity", Name(64), nullable=False),
    Column("scheduling", Name(32), nullable=False),
    Column("description", Prose, nullable=False),
    Column("vo", VO, nullable=False),
    Column("owner", ACTOR, nullable=False),
    Column("url", Name(1024), nullable=False),
    Column("created_at", UtcDateTime),
    Index(None, "source", "record"),
    Index(None, "known_to", "ends_at"),
    comment="Every version of every downtime, with when it was known.",
    **OPTIONS,
)

downtime_targets = Table(
    "downtime_targets",
    metadata,
    Column("downtime_id", ID, ForeignKey("downtimes.id"), primary_key=True, autoincrement=False),
    Column("family", FAMILY, primary_key=True),
    Column("type", TYPE, primary_key=True),
    Column("name", NAME, primary_key=True),
    Index(None, "name"),
    comment="The elements that a downtime names, whether or not the inventory has them.",
    **OPTIONS,
)

evidence = Table(
    "evidence",
    metadata,
    Column("id", ID, primary_key=True),
    Column("source", SOURCE, nullable=False),
    Column("record", NAME, nullable=False),
    Column("family", FAMILY, nullable=False),
    Column("type", TYPE, nullable=False),
    Column("name", NAME, nullable=False),
    Column("kind", Name(32), nullable=False),
    Column("vo", VO, nullable=False),
    Column("value", Encoded(dict[str, Any]), nullable=False),
    Column("observed_at", UtcDateTime, nullable=False),
    Column("valid_until", UtcDateTime, index=True),
    UniqueConstraint("source", "record", "family", "type", "name"),
    Index(None, "name"),
    comment="What was measured last, of each record of each source.",
    **OPTIONS,
)

sources = Table(
    "sources",
    metadata,
    Column("name", SOURCE, primary_key=True),
    Column("kind", Name(64), nullable=False),
    Column("evidence", Name(32), nullable=False, comment="the kind of evidence that it gives; empty for an inventory"),
    Column("configured", Boolean, nullable=False, comment="whether the settings name it; the silence of others says nothing"),
    Column("url", Name(1024), nullable=False, comment="without credentials"),
    Column("attempted_at", UtcDateTime),
    Column("answered_at", UtcDateTime, comment="when it last gave a usable answer"),
    Column("valid_until", UtcDateTime, comment="until when that answer counts"),
    Column("inventories", Encoded(frozenset[str]), nullable=False),
    Column("failures", Integer, nullable=False, comment="since the last usable answer"),
    Column("failure", LongText, comment="why the last attempt failed; null if it did not"),
    Column("problems", Encoded(tuple[str, ...]), nullable=False, comment="what could not be read in the last usable answer"),
    Column("records", Integer, nullable=False),
    Column("etag", Name(1024)),
    Column("last_modified", Name(1024)),
    Column("sha256", Name(64)),
    Column("size", BigInteger),
    Column("every", BigInteger, comment="seconds between two questions, more or less"),
    Column("fetched_at", UtcDateTime, comment="when its last usable answer had come"),
    Column("elapsed", BigInteger, comment="milliseconds that this took"),
    Column("previous_at", UtcDateTime, comment="when the usable answer before that had come"),
    Column("failing_since", UtcDateTime, comment="when the first attempt failed that no usable answer followed"),
    Column("failed_at", UtcDateTime, comment="when an attempt last failed"),
    Column("last_failure", LongText, comment="why that was"),
    Column("unwell_since", UtcDateTime, comment="when operators were told that it fails; null: they need not know"),
    Column("trusted_at", UtcDateTime, comment="when a person last said that an answer is right, whatever it takes back"),
    comment="How each source fares.",
    **OPTIONS,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("source", SOURCE, primary_key=True),
    Column("state", Name(16), nullable=False, comment="held or dropped"),
    Column("since", UtcDateTime, nullable=False, comment="since when its answers would change too much"),
    Column("url", Name(1024), nullable=False, comment="without credentials"),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("elapsed", BigInteger, nullable=False, comment="milliseconds that it took to come"),
    Column("sha256", HASH, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("etag", Name(1024)),
    Column("last_modified", Name(1024)),
    Column("repeated_at", UtcDateTime, nullable=False, comment="when the source last said what would change the same"),
    Column("times", Integer, nullable=False, comment="how often it said so"),
    Column("upheaval", Encoded(Upheaval), nullable=False, comment="what it would change"),
    Column("decided_at", UtcDateTime),
    Column("decided_by", ACTOR, nullable=False),
    Column("reason", Prose, nullable=False),
    comment="The answer of each source that would change too much, until somebody decides, or a better one comes.",
    **OPTIONS,
)

quarantine_parts = Table(
    "quarantine_parts",
    metadata,
    Column("source", SOURCE, ForeignKey("quarantine.source"), primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("body", Packed, nullable=False),
    comment="These answers themselves, packed, in parts.",
    **OPTIONS,
)

audit = Table(
    "audit",
    metadata,
    Column("id", ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", ACTOR, nullable=False),
    Column("actor_kind", Name(16), nullable=False),
    Column("action", Name(64), nullable=False),
    Column("comment", Prose, nullable=False),
    Column("revision", BigInteger, unique=True, comment="the revision that it made; null if it changed no status"),
    Column("issuer", NAME, nullable=False, server_default="", comment="who vouched for the actor; empty: nobody had to"),
    Column("address", Name(64), nullable=False, server_default="", comment="whence it was asked for; empty: from here"),
    Column("request", Name(64), nullable=False, server_default="", comment="the identifier of the request"),
    Column("details", Encoded(dict[str, Any]), comment="what changes tell nothing of: before, and after"),
    Index(None, "action", "at"),
    Index(None, "actor", "id"),
    Index(None, "request"),
    comment="Who did what.",
    **OPTIONS,
)

audit_vos = Table(
    "audit_vos",
    metadata,
    Column("audit_id", ID, ForeignKey("audit.id"), primary_key=True, autoincrement=False),
    Column("vo", VO, primary_key=True),
    Index(None, "vo", "audit_id"),
    comment="The VOs whose something was done to; all, if it belongs to the installation.",
    **OPTIONS,
)

service_tokens = Table(
    "service_tokens",
    metadata,
    Column("id", Name(16), primary_key=True),
    Column("name", ACTOR, nullable=False),
    Column("digest", HASH, nullable=False, comment="of the secret, which is kept nowhere"),
    Column("grants", Encoded(frozenset[Grant]), nullable=False),
    Column("issued_by", ACTOR, nullable=False),
    Column("issued_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime, comment="when it ceased to count before its time; null: it did not"),
    Column("reason", Prose, nullable=False),
    comment="Tokens for scripts and probes.",
    **OPTIONS,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("id", ID, primary_key=True),
    Column("actor", ACTOR, nullable=False),
    Column("key", Name(255), nullable=False),
    Column("fingerprint", HASH, nullable=False, comment="of all that was asked for"),
    Column("request", Name(64), nullable=False, comment="the identifier of the request that did it"),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("status", Integer, comment="of the answer; null: it is not there, or not yet"),
    Column("headers", Encoded(dict[str, str])),
    Column("body", Packed, comment="packed; null: it must not be kept"),
    UniqueConstraint("actor", "key"),
    comment="What was asked for with a key, done, and answered: to be repeated and not done again.",
    **OPTIONS,
)

dirac_records = Table(
    "dirac_records",
    metadata,
    Column("id", ID, primary_key=True),
    Column("cache", Name(64), nullable=False, comment="what DIRAC calls the table"),
    Column("key", HASH, nullable=False, comment="of what tells it apart there"),
    Column("about", HASH, nullable=False, comment="of what it is about"),
    Column("body", LongText, nullable=False),
    Column("size", Integer, nullable=False, comment="in characters"),
    Column("written_at", UtcDateTime, nullable=False, index=True),
    UniqueConstraint("cache", "key"),
    Index(None, "cache", "about"),
    comment="What clients of DIRAC keep in its caches, and nothing here follows from.",
    **OPTIONS,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", ID, primary_key=True),
    Column("key", Name(128), nullable=False, unique=True, comment="the same however often it is sent"),
    Column("topic", Name(64), nullable=False),
    Column("payload", Encoded(dict[str, Any]), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index(None, "topic", "id"),
    comment="What the outside must be told, at least once.",
    **OPTIONS,
)

actions = Table(
    "actions",
    metadata,
    Column("name", ACTION, primary_key=True),
    Column("kind", Name(64), nullable=False),
    Column("configured", Boolean, nullable=False, comment="whether the settings name it; others hold nothing up"),
    Column("since", UtcDateTime, nullable=False, comment="when it began"),
    Column("position", BigInteger, nullable=False, comment="the entry of the outbox that it is through with, and all before"),
    Column("told_at", UtcDateTime, comment="when it last told the outside something"),
    Column("wake_at", UtcDateTime, comment="when it wants to be woken, news or not"),
    Column("leased_by", Name(64), comment="the process that works on it"),
    Column("leased_until", UtcDateTime),
    comment="Effects on the outside, and how far each is through the outbox.",
    **OPTIONS,
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", ID, primary_key=True),
    Column("action", ACTION, ForeignKey("actions.name"), nullable=False),
    Column("entry_id", ID, ForeignKey("outbox.id"), nullable=False),
    Column("state", Name(16), nullable=False, comment="waiting, recalled or dead"),
    Column("attempts", Integer, nullable=False),
    Column("first_failed_at", UtcDateTime, nullable=False),
    Column("failed_at", UtcDateTime, nullable=False),
    Column("next_at", UtcDateTime, comment="when it is tried again; null: not by itself"),
    Column("trouble", Name(16), nullable=False, comment="unreachable, deferred, fault or refused"),
    Column("failure", LongText, nullable=False),
    UniqueConstraint("action", "entry_id"),
    Index(None, "entry_id"),
    comment="What an action could not tell, and is tried again, or was given up: dead letters.",
    **OPTIONS,
)

action_states = Table(
    "action_states",
    metadata,
    Column("name", ACTION, primary_key=True),
    Column("body", Packed, nullable=False, comment="packed; what is in it, the action knows"),
    comment="What actions remember: which notifications wait, and for what.",
    **OPTIONS,
)

policy_layers = Table(
    "policy_layers",
    metadata,
    Column("id", ID, primary_key=True),
    Column("vo", VO, nullable=False),
    Column("version", Integer, nullable=False),
    Column("revision", HASH, nullable=False, comment="a hash of the text"),
    Column("text", LongText, nullable=False),
    Column("author", ACTOR, nullable=False),
    Column("put_at", UtcDateTime, nullable=False),
    Column("reason", Prose, nullable=False),
    UniqueConstraint("vo", "version"),
    comment="Every version of the policies of VOs that keep them by the API. The last one counts, while it does.",
    **OPTIONS,
)
