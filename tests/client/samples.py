"""Everything that can be asked, each with every argument that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gridmask_client import (
    Call,
    ElementName,
    Matching,
    Named,
    access,
    actions,
    actuators,
    audit,
    automation,
    availability,
    batches,
    downtimes,
    elements,
    evidence,
    health,
    masks,
    policies,
    probes,
    service_tokens,
    sources,
    statuses,
    timelines,
    tokens,
)

AT = datetime(2026, 8, 21, 17, tzinfo=UTC)
ROWS: list[Named | Matching] = [
    Named("ce01", "cms", "ComputingElement", "Resource", "all"),
    Matching({"site": "A*", "tags": ["tier1"]}, "cms", "ComputingElement", "Resource", "all"),
]
WHERE: Any = {"family": "Resource", "type": "ComputingElement", "name": "ce01", "site": "A"}
WHICH: Any = {"vo": "cms", "type": "ComputingElement", "family": "Resource", "status_type": "all"}
TERM: Any = {"until": AT, "lasting": True, "agreed": True, "review_at": AT, "seen": 1, "if_match": 2}
PERIOD: Any = {**WHERE, "status_type": "all", "limit": 5}
CE01 = ElementName("ce01", "ComputingElement", "Resource")
REPORT = availability.report("cms", AT, AT, by="day", per="site", **PERIOD)
ABOUT = evidence.About("ComputingElement", "ce01", "Resource", "ce01.example.org", "ce")
PROBE = evidence.Measurement("probe", ABOUT, {"metric": "submit"}, AT, "cms", "1", "2h", AT)

SAMPLES: Mapping[str, Call[Any]] = {
    "access.whoami": access.whoami(),
    "actions.drop": actions.drop("mail", "why", ["1"]),
    "actions.failed": actions.failed("mail"),
    "actions.list": actions.list(),
    "actions.retry": actions.retry("mail", "why", ["1"]),
    "actuators.drift": actuators.drift("ours"),
    "actuators.list": actuators.list(),
    "actuators.plan": actuators.plan("ours"),
    "actuators.run": actuators.run("ours", "why", everything=True),
    "audit.list": audit.list(vo="cms", actor="a", action="b", since=AT, until=AT, request="c", limit=5),
    "automation.list": automation.list("cms"),
    "automation.rule": automation.rule("off", "why", elements=[CE01], match={"site": "A"}, vo="cms"),
    "availability.csv": availability.csv(REPORT),
    "availability.report": REPORT,
    "batches.confirm": batches.confirm("b", "why"),
    "batches.drop": batches.drop("b", "why"),
    "batches.list": batches.list(waiting=False),
    "batches.show": batches.show("b"),
    "downtimes.calendar": downtimes.calendar("cms", site="A", have='"1"'),
    "downtimes.cancel": downtimes.cancel("r", "why"),
    "downtimes.declare": downtimes.declare("why", elements=[CE01], sites=["A"], start=AT, end=AT, severity="WARNING", vo="cms"),
    "downtimes.list": downtimes.list("all", source="manual", name="ce01", versions=True, limit=5),
    "elements.list": elements.list(**WHERE, category="compute", source="osg", vo="cms", limit=5),
    "evidence.report": evidence.report("probes", [PROBE], [evidence.Gone(ABOUT, "1")]),
    "health.alive": health.alive(),
    "health.ready": health.ready(),
    "masks.about": masks.about("cms", ["ce01"], purpose="use"),
    "masks.delta": masks.delta("cms", "42-3f9a0c5be1d27846", have='"1"'),
    "masks.document": masks.document("cms", "text", purpose="use", at=AT, have='"1"'),
    "masks.hindsight": masks.hindsight("cms", AT, known=AT, policies="now", differences=True),
    "masks.list": masks.list(),
    "masks.read": masks.read("cms", purpose="use", at=AT, have='"1"'),
    "probes.believe": probes.believe(AT, "why"),
    "probes.doubt": probes.doubt("why"),
    "probes.list": probes.list(),
    "policies.check": policies.check("cms", "# none"),
    "policies.put": policies.put("cms", "# none", "why", if_match='"1"'),
    "policies.read": policies.read("cms", version=1, have='"1"'),
    "policies.versions": policies.versions("cms", limit=5),
    "service_tokens.issue": service_tokens.issue("probes", [("reader", "cms")], 1, "why"),
    "service_tokens.list": service_tokens.list(),
    "service_tokens.revoke": service_tokens.revoke("t", "why"),
    "sources.accept": sources.accept("osg", "0" * 12, "why"),
    "sources.drop": sources.drop("osg", "0" * 12, "why"),
    "sources.list": sources.list(),
    "sources.quarantine": sources.quarantine("osg"),
    "sources.sync": sources.sync("osg", force=True),
    "statuses.history": statuses.history("ce01", **WHICH, limit=5),
    "statuses.list": statuses.list(**WHERE, vo="cms", status_type="all", status="Banned", limit=5),
    "statuses.review": statuses.review("cms", every=True),
    "statuses.set": statuses.set(ROWS, "Banned", "why", binding=True, **TERM),
    "statuses.why": statuses.why("ce01", **WHICH),
    "timelines.list": timelines.list("cms", AT, AT, **PERIOD),
    "tokens.extend": tokens.extend(ROWS, "why", **TERM),
    "tokens.list": tokens.list(vo="cms", owner="me", before=AT),
    "tokens.release": tokens.release(ROWS, "why", seen=1, if_match=2),
    "tokens.take": tokens.take(ROWS, "why", **TERM),
}
