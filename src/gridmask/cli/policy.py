"""``gridmask policy``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from gridmask.domain.policy import Policy

app = typer.Typer()


@command(app, "list")
async def list_(session: Session) -> None:
    """List the policies in force: whose they are, what they match, whether they are on."""
    async with session.visit() as installation:
        policies = installation.inspector.policies
    lines = [
        (
            p.layer,
            p.name,
            _type(p),
            ", ".join(f"{key}={'|'.join(values)}" for key, values in p.match.patterns) or "all",
            _state(p),
        )
        for p in policies.policies
    ]
    told = {"revision": policies.revision, "policies": [_told(policy) for policy in policies.policies]}
    session.out.show(lambda: told, table(("layer", "policy", "type", "match", "state"), lines))


def _type(policy: Policy) -> str:
    from gridmask.rules import BUILT_IN

    return next((name for name, rule in BUILT_IN.items() if isinstance(policy.rule, rule)), "?")


def _state(policy: Policy) -> str:
    return "off" if not policy.enabled else "advisory" if policy.advisory else "on"


def _told(policy: Policy) -> dict[str, Any]:
    return {
        "layer": policy.layer,
        "name": policy.name,
        "type": _type(policy),
        "match": dict(policy.match.patterns),
        "advisory": policy.advisory,
        "enabled": policy.enabled,
        "on_missing": policy.on_missing,
    }
