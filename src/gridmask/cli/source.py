"""``gridmask source``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gridmask.cli import told, words
from gridmask.cli.command import command
from gridmask.cli.output import table
from gridmask.cli.session import Session

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from gridmask.service.sources import Health
    from gridmask.store.quarantine import HeldAnswer

app = typer.Typer()

Name = Annotated[str, typer.Argument(metavar="SOURCE", help="The source.")]
Hash = Annotated[str, typer.Argument(metavar="HASH", help="The answer, as `gridmask source quarantine` calls it.")]
Reason = Annotated[
    str, typer.Option("--reason", "-r", metavar="TEXT", help="Why, for those who come after.", show_default=False)
]

_SHORT = 12
_SHOWN = 40


@command(app, "list")
async def list_(session: Session) -> None:
    """List the sources in force, and how each fares; below, what is wrong with them."""
    async with session.visit() as installation:
        sources = await installation.sources.health()
    columns = ("source", "kind", "state", "last answer", "next", "in force", "problems")
    lines = table(columns, map(_line, sources), right=("in force", "problems"))
    session.out.show(lambda: told.sources(sources), lines, *_troubles(sources))


@command(app, "quarantine")
async def quarantine(
    session: Session,
    name: Annotated[str | None, typer.Argument(metavar="SOURCE", help="The source whose answer to look at; else all.")] = None,
) -> None:
    """Show the answers in quarantine: what each would change, which is too much to be believed unseen.

    Of one source, what would be removed, changed and added is told by name.
    """
    async with session.visit() as installation:
        if name is not None:
            held = await installation.sources.quarantined(name)
            session.out.show(lambda: told.held_answer(held), *_shown(held))
            return
        found = [one.held for one in await installation.sources.health() if one.held is not None]
    columns = ("source", "answer", "state", "since (UTC)", "said", "removes", "changes", "adds")
    lines = table(columns, map(_held, found), right=("said", "removes", "changes", "adds"))
    session.out.show(lambda: told.quarantine(found), lines if found else "Nothing is in quarantine.")


@command(app, "accept")
async def accept(session: Session, name: Name, answer: Hash, reason: Reason) -> None:
    """Take in an answer that is in quarantine: exactly this one, and not what the source says by now.

    It is read with the settings that are in force, as the source itself is.
    """
    session.require_sources()
    await session.check_agreement()
    async with session.operate() as installation:
        report = await installation.sources.accept(session.actor, name, answer, reason)
    counts = f"{report.added:,} new, {report.edited:,} other, {report.removed:,} gone"
    said = f"Accepted {answer[:_SHORT]} of {name}: {counts}; {words.rows(report.rows)} changed."
    session.out.show(lambda: told.report(report), said)


@command(app, "drop")
async def drop(session: Session, name: Name, answer: Hash, reason: Reason) -> None:
    """Drop an answer that is in quarantine: it waits for nobody, as long as the source says what would change the same."""
    async with session.visit() as installation:
        held = await installation.sources.drop(session.actor, name, answer, reason)
    said = f"Dropped {held.sha256[:_SHORT]} of {name}: what it said before stays in force."
    session.out.show(lambda: told.held_answer(held), said)


def _line(one: Health) -> tuple[str, ...]:
    noted = one.noted
    answered = words.distance(noted.answered_at, one.now) if noted.answered_at else "never"
    following = "-" if one.next_at is None else words.distance(one.next_at, one.now) if one.next_at > one.now else "due"
    return noted.name, noted.kind, one.state, answered, following, f"{one.in_force:,}", f"{len(noted.problems):,}"


def _troubles(sources: list[Health]) -> list[str]:
    troubles = []
    for noted in (one.noted for one in sources):
        times = f"; failed {noted.failures:,} times in a row" if noted.failures > 1 else ""
        since = f" since {words.moment(noted.failing_since)}" if noted.failures > 1 and noted.failing_since else ""
        troubles += (
            [f"{noted.name} failed {words.moment(noted.attempted_at)}{times}{since}: {noted.failure}"] if noted.failure else []
        )
        troubles += [f"{noted.name}: {problem}" for problem in noted.problems]
    return ["", *troubles] if troubles else []


def _held(held: HeldAnswer) -> tuple[str, ...]:
    counts = (held.times, held.upheaval.removed, held.upheaval.changed, held.upheaval.added)
    return held.source, held.sha256[:_SHORT], held.state, words.moment(held.since), *(f"{count:,}" for count in counts)


def _shown(held: HeldAnswer) -> Iterator[RenderableType]:
    short, upheaval = held.sha256[:_SHORT], held.upheaval
    yield f"The answer {short} of {held.source} would {upheaval.problem}."
    yield f"It came {words.utc(held.fetched_at)} from {held.url}: {held.size:,} bytes, SHA-256 {held.sha256}."
    again = f", {held.times:,} times so far, last {words.utc(held.repeated_at)}" if held.times > 1 else ""
    yield f"What the source says is too much since {words.utc(held.since)}{again}."
    for deed, count in (("remove", upheaval.removed), ("change", upheaval.changed), ("add", upheaval.added)):
        items = [item for item in upheaval.items if item.deed == deed]
        if items:
            rows = [(item.name, item.before, item.after) for item in items[:_SHOWN]]
            yield ""
            yield f"It would {deed} {count:,}:"
            yield table(("what", "is", "would be"), rows)
        if count > min(len(items), _SHOWN):
            yield f"... and {count - min(len(items), _SHOWN):,} more" + (
                "; --json tells more of them" if items[_SHOWN:] else ""
            )
    yield ""
    if held.waits:
        yield f"Take it in:  gridmask source accept {held.source} {short} --reason ..."
        yield f"Or leave it: gridmask source drop {held.source} {short} --reason ..."
    else:
        yield f"{held.decided_by} dropped it {words.moment(held.decided_at)}: {held.reason}"
