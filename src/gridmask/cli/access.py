"""``gridmask access``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session
from gridmask.cli.times import length

if TYPE_CHECKING:
    from gridmask.domain.rights import Grant
    from gridmask.domain.service_token import ServiceToken

app = typer.Typer()

Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
]


@command(app, "list")
async def list_(session: Session) -> None:
    """List the service tokens that there ever were, the last first."""
    async with session.visit() as installation:
        tokens = await installation.service_tokens.list(session.actor)
    now = installation.clock()
    lines = [
        (
            token.id,
            token.name,
            ", ".join(map(str, sorted(token.grants))),
            words.moment(token.expires_at),
            "yes" if token.counts(now) else "revoked" if token.revoked_at else "expired",
            token.issued_by,
            token.reason,
        )
        for token in tokens
    ]
    columns = ("id", "name", "may act as", "expires (UTC)", "counts", "issued by", "reason")
    session.out.show(lambda: {"tokens": list(map(_told, tokens))}, table(columns, lines))


@command(app, "issue")
async def issue(
    session: Session,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What who shows the token is to be called, before @gridmask.")],
    grant: Annotated[
        list[str],
        typer.Option("--grant", metavar="ROLE:VO", help="What it may do, such as reporter:cms. Can be repeated."),
    ],
    reason: Reason,
    lasts: Annotated[
        str, typer.Option("--for", metavar="LENGTH", help="How long it counts, such as 90d; at most 366d.")
    ] = "90d",
) -> None:
    """Issue a token for a script or a probe, and print it: it can be had this once only."""
    grants = [_grant(text) for text in grant]
    async with session.visit() as installation:
        token, shown = await installation.service_tokens.issue(session.actor, name, grants, length(lasts), reason)
    may = ", ".join(map(str, sorted(token.grants)))
    until = words.moment(token.expires_at)
    said = f"Issued {token.id} for {token.name} ({may}), until {until} UTC. Keep it, it is shown once:"
    session.out.show(lambda: {**_told(token), "token": shown}, said, shown)


@command(app, "revoke")
async def revoke(
    session: Session,
    token: Annotated[str, typer.Argument(metavar="ID", help="The token, by its id.")],
    reason: Reason,
) -> None:
    """Have a service token count no more, within seconds."""
    async with session.visit() as installation:
        revoked = await installation.service_tokens.revoke(session.actor, token, reason)
    said = f"Revoked {revoked.id} of {revoked.name}: servers let nobody in with it any more, within five seconds."
    session.out.show(lambda: {"id": revoked.id, "name": revoked.name}, said)


def _grant(text: str) -> Grant:
    from gridmask.domain.rights import Grant, Role

    role, colon, vo = text.partition(":")
    if not colon or not vo or role not in set(Role):
        raise typer.BadParameter(f"{text!r} is no grant; write ROLE:VO, with one of {', '.join(Role)}")
    return Grant(Role(role), vo)


def _told(token: ServiceToken) -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "grants": [{"role": grant.role, "vo": grant.vo} for grant in sorted(token.grants)],
        "issued_by": token.issued_by,
        "issued_at": token.issued_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        "reason": token.reason,
    }
