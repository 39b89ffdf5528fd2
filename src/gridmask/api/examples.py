"""Examples of what is sent and answered, for who reads the description of the API. A test holds each against its schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_AT = "2026-08-21T17:00:00Z"
_TOMORROW = "2026-08-22T17:00:00Z"
_CE: dict[str, Any] = {"family": "Resource", "type": "ComputingElement", "name": "ce01.example.org"}
_TOKEN: dict[str, Any] = {"owner": "alice@iam", "until": _TOMORROW, "agreed": False, "review_at": _TOMORROW}
_REASON: dict[str, Any] = {
    "kind": "person",
    "text": "Jobs vanish.",
    "source": "alice@iam",
    "record": None,
    "url": None,
    "since": _AT,
    "until": _TOMORROW,
}
_ROW: dict[str, Any] = {
    **_CE,
    "site": "EXAMPLE-T2",
    "status_type": "all",
    "vo": "cms",
    "row": "cms",
    "status": "Banned",
    "since": _AT,
    "opinion": "Active",
    "token": _TOKEN,
    "binding": False,
    "reasons": [_REASON],
    "revision": 43,
}
_DOWNTIME: dict[str, Any] = {
    "source": "manual",
    "record": "1f0c2a7e",
    "elements": [_CE],
    "hosts": [],
    "start": _AT,
    "end": _TOMORROW,
    "severity": "OUTAGE",
    "scheduling": "UNSCHEDULED",
    "description": "The cooling failed.",
    "vo": "all",
    "owner": "alice@iam",
    "url": None,
    "created_at": _AT,
}
_POLICIES = '[policy.declared-downtimes]\narguments = { lead = { default = "2h" } }\n'
_VERSION: dict[str, Any] = {
    "vo": "cms",
    "version": 3,
    "revision": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "author": "bob@iam",
    "at": _AT,
    "reason": "Stop sending jobs two hours before.",
}
_SERVICE: dict[str, Any] = {
    "id": "7k2m9q4xd0aw",
    "name": "probes",
    "grants": [{"role": "reporter", "vo": "cms"}],
    "issued_by": "carol@iam",
    "issued_at": _AT,
    "expires_at": "2026-11-19T17:00:00Z",
    "revoked_at": None,
    "reason": "The probes of the storage team.",
}
_BODIES: dict[str, Any] = {
    "Setting": {"rows": [{"name": "ce01.example.org", "vo": "cms"}], "status": "Banned", "reason": "Jobs vanish."},
    "Taking": {"rows": [{"match": {"site": "EXAMPLE-T2"}, "vo": "cms"}], "reason": "Moving racks.", "until": _TOMORROW},
    "Extension": {"rows": [{"name": "ce01.example.org", "vo": "cms"}], "lasting": True, "reason": "It takes longer."},
    "Release": {"rows": [{"name": "ce01.example.org", "vo": "cms"}], "reason": "All is well again."},
    "RulingAsked": {"elements": [{"name": "ce01.example.org"}], "vo": "cms", "mode": "observe-only", "reason": "It is new."},
    "DecisionAsked": {"reason": "The whole region has no power."},
    "BeliefAsked": {"until": _TOMORROW, "reason": "The provider confirms that the backbone is cut."},
    "DoubtAsked": {"reason": "It is mended."},
    "QuarantineDecisionAsked": {"sha256": "9f86d081884c", "reason": "The registry has closed these sites indeed."},
    "DeclarationAsked": {
        "elements": [{"name": "ce01.example.org"}],
        "end": _TOMORROW,
        "severity": "OUTAGE",
        "description": "The cooling failed.",
    },
    "EvidenceAsked": {
        "source": "probes",
        "measurements": [
            {
                "kind": "probe",
                "record": "submit-ce01",
                "about": {"type": "ComputingElement", "name": "ce01.example.org"},
                "vo": "cms",
                "observed_at": _AT,
                "value": {"metric": "submit", "result": "OK"},
            }
        ],
        "gone": [{"about": {"type": "ComputingElement", "name": "ce02.example.org"}}],
    },
    "AlertsAsked": {
        "version": "4",
        "alerts": [
            {
                "status": "firing",
                "labels": {"alertname": "StorageDown", "instance": "se01.example.org:443", "severity": "critical"},
                "annotations": {"summary": "WebDAV does not answer."},
                "startsAt": _AT,
                "endsAt": "0001-01-01T00:00:00Z",
                "fingerprint": "a1b2c3d4e5f60718",
            }
        ],
        "truncatedAlerts": 0,
    },
    "PolicyTextAsked": {"text": _POLICIES},
    "PolicyLayerAsked": {"text": _POLICIES, "reason": "Stop sending jobs two hours before."},
    "ServiceTokenAsked": {
        "name": "probes",
        "grants": [{"role": "reporter", "vo": "cms"}],
        "days": 90,
        "reason": "The probes of the storage team.",
    },
    "Revocation": {"reason": "It was in a public log."},
    "LettersAsked": {"action": "ours", "keys": ["revision-42"], "reason": "The receiver is mended."},
    "RunAsked": {"all": True, "reason": "The plan was read, and is right."},
}
_ACTUATOR = {
    "name": "rucio-cms",
    "kind": "rucio",
    "vo": "cms",
    "dry_run": False,
    "state": "drifting",
    "things": 120,
    "in_line": 119,
    "held": 1,
    "revision": 42,
    "compared_at": _AT,
    "changed_at": _AT,
    "problem": None,
    "problem_since": None,
}
_ANSWERS: dict[str, Any] = {
    "ActionsSaid": {
        "actions": [
            {
                "name": "ours",
                "kind": "webhook",
                "state": "failing",
                "since": _AT,
                "told_at": _AT,
                "waiting": 3,
                "oldest_at": _AT,
                "failing": "https://hook.example.org/told: answered with HTTP status 503",
                "attempts": 4,
                "next_at": _TOMORROW,
                "dead": 1,
            }
        ]
    },
    "FailuresSaid": {
        "failures": [
            {
                "action": "ours",
                "key": "revision-42",
                "about": "revision 42",
                "made_at": _AT,
                "state": "dead",
                "attempts": 1,
                "first_failed_at": _AT,
                "failed_at": _AT,
                "next_at": None,
                "trouble": "refused",
                "failure": "https://hook.example.org/told: answered with HTTP status 404",
            }
        ]
    },
    "ActuatorsSaid": {"actuators": [_ACTUATOR]},
    "DriftReport": {
        "actuator": _ACTUATOR,
        "drift": [
            {
                "thing": "EXAMPLE_DISK",
                "state": "held",
                "found": {"write": True},
                "wished": {"write": False},
                "since": _AT,
                "touched_by": "others",
                "written_at": _AT,
                "detail": "ReadAccess Active, WriteAccess Banned",
            }
        ],
    },
    "LettersSaid": {"keys": ["revision-42"]},
    "Changed": {"revision": 43, "statuses": [{**_ROW, "changed": True}]},
    "RowsSaid": {"statuses": [_ROW], "next": 1207},
    "TokensSaid": {
        "tokens": [
            {
                **_CE,
                "status_type": "all",
                "vo": "cms",
                "status": "Banned",
                "opinion": "Active",
                "binding": False,
                "token": _TOKEN,
            }
        ]
    },
    "MasksSaid": {"masks": [{"vo": "all", "revision": 41}, {"vo": "cms", "revision": 43}], "checked_at": _AT},
    "Ruling": {"elements": 1, "revision": None, "changed": 0},
    "BatchDecidedSaid": {"revision": 44, "changed": 212},
    "DowntimeChanged": {"revision": 45, "downtime": _DOWNTIME},
    "DowntimesSaid": {
        "downtimes": [{**_DOWNTIME, "known_from": _AT, "known_to": None, "ended_by": None}],
        "next": None,
    },
    "EvidenceTaken": {"taken": 1, "revision": None, "unheard": [], "outdated": [], "gone": 1},
    "AlertsTaken": {"taken": 1, "passed_over": 0, "problems": [], "revision": 44, "unheard": []},
    "PolicyLayerSaid": {**_VERSION, "text": _POLICIES},
    "PolicyVersionsSaid": {"versions": [_VERSION], "next": None},
    "PolicyPutSaid": {"layer": {**_VERSION, "text": _POLICIES}, "revision": 46, "changed": 3},
    "PolicyCheckSaid": {
        "ok": False,
        "revision": None,
        "errors": [
            {
                "file": "vo/cms.toml",
                "line": 2,
                "key": "policy.declared-downtimes.arguments.leed",
                "text": "there is no argument 'leed'; did you mean 'lead'?",
            }
        ],
        "warnings": [],
    },
    "ReportSaid": {
        "source": "gocdb-downtimes",
        "unchanged": False,
        "records": 312,
        "added": 4,
        "edited": 1,
        "removed": 2,
        "problems": [],
        "revision": 47,
    },
    "HeldAnswerSaid": {
        "source": "osg",
        "state": "held",
        "since": _AT,
        "url": "https://topology.example.org/rgsummary/xml",
        "fetched_at": _AT,
        "elapsed": 1.3,
        "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "size": 741562,
        "repeated_at": _AT,
        "times": 3,
        "problem": "take out 612 of 1,215 (50%), more than the 20% allowed",
        "added": 0,
        "changed": 0,
        "removed": 612,
        "decided_at": None,
        "decided_by": None,
        "reason": None,
        "items": [{"deed": "remove", "name": "ComputingElement ce01.example.org", "before": "at EXAMPLE-T2", "after": None}],
        "untold": 412,
    },
    "BeliefSaid": {
        "since": _AT,
        "until": _TOMORROW,
        "actor": "carol@iam",
        "reason": "The provider confirms that the backbone is cut.",
    },
    "Whoami": {
        "name": "alice@iam",
        "kind": "person",
        "issuer": "https://iam.example.org/",
        "grants": [{"role": "operator", "vo": "cms"}],
    },
    "ServiceTokensSaid": {"tokens": [_SERVICE]},
    "ServiceTokenSaid": _SERVICE,
    "ServiceTokenIssued": {**_SERVICE, "token": "a text that is told this once only"},
    "Alive": {"status": "alive"},
    "Ready": {"status": "ready", "revision": 47, "checked_at": _AT},
    "Problem": {
        "type": "urn:gridmask:problem:not-known",
        "title": "There is no such thing",
        "status": 404,
        "detail": "There is no VO called 'atlsa'. Did you mean 'atlas'?",
        "kind": "VO",
        "name": "atlsa",
        "suggestion": "atlas",
    },
}

EXAMPLES: Mapping[str, Any] = {**_BODIES, **_ANSWERS}
"""By the name of the schema."""
