"""``gridmask policy what-if``."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gridmask.cli import words
from gridmask.cli.command import command
from gridmask.cli.output import coloured, table
from gridmask.cli.session import Session
from gridmask.domain.vo import ALL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from gridmask.domain.evidence import Evidence
    from gridmask.service.what_if import Would

SHOWN = 40
"""So many rows are shown to people before the others are only counted; JSON has all of them."""


def register(app: typer.Typer) -> None:
    """Make it a command of ``app``."""
    command(app, "what-if")(what_if)


async def what_if(
    session: Session,
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Policy files to try; else those in force stay.", show_default=False)
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option("--evidence", metavar="FILE", help="A document of measurements to try, beside what is known."),
    ] = None,
) -> None:
    """Tell which rows would be others under other policies or with other evidence. Nothing is changed."""
    from gridmask import bootstrap
    from gridmask.domain.errors import InvalidRequest
    from gridmask.policies import files as policy_files
    from gridmask.service.policy_layers import stored
    from gridmask.service.what_if import what_if as tried

    if directory is None and evidence is None:
        raise InvalidRequest("Name a directory of policy files, or --evidence FILE, to try.")
    session.log("error")
    kept = await stored(session.settings) if directory else ()
    policies, document = policy_files.load(directory, session.settings.managed_by_api(), kept) if directory else (None, None)
    measured = _measured(evidence) if evidence else ()
    async with bootstrap.visit(session.settings, trying=True) as installation:
        found = await tried(installation.inspector, policies, document, measured)
    rows = [_line(would) for would in found[:SHOWN]]
    more = [f"... and {len(found) - SHOWN:,} more; --json has them all"] if len(found) > SHOWN else []
    columns = ("element", "aspect", "row of", "is", "would be", "because")
    parts: list[str | Table] = [table(columns, rows), *more, ""] if found else []
    session.out.show(lambda: {"would": [_told(would) for would in found]}, *parts, _summary(found))


def _measured(path: Path) -> Sequence[Evidence]:
    from gridmask.collectors.measurements import reader
    from gridmask.domain.errors import InvalidRequest

    try:
        body = path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path}: {error.strerror}.") from error
    observed = reader.read(body, "what-if")
    if observed.problems:
        raise InvalidRequest(f"{path}: {'; '.join(observed.problems[:5])}.")
    return observed.evidence


def _line(would: Would) -> tuple[Any, ...]:
    key, after = would.key, would.after
    was = coloured(would.before.status) if would.before else "-"
    becomes = f"held, {after.opinion.label} is asked for" if would.held else coloured(after.status)
    becomes = f"{becomes}, as for {ALL}" if would.ends else becomes
    reasons = next((v.reasons for v in after.verdicts if v.status is after.opinion), after.reasons)
    return str(key.element), key.status_type, key.vo, was, becomes, reasons[0].text if reasons else ""


def _summary(found: Sequence[Would]) -> str:
    if not found:
        return "Nothing would change."
    counted = Counter("held" if would.held else would.after.status.label for would in found)
    told = ", ".join(f"{count:,} {what}" for what, count in sorted(counted.items()))
    return f"{words.rows(len(found))} would be others: {told}. Nothing was changed."


def _told(would: Would) -> dict[str, Any]:
    key, before = would.key, would.before
    return {
        **key.element._asdict(),
        "status_type": key.status_type,
        "vo": key.vo,
        "status": before.status.label if before else None,
        "would_be": would.after.status.label,
        "opinion": would.after.opinion.label,
        "held": would.held,
        "ends": would.ends,
        "reasons": [reason.text for reason in would.after.reasons],
    }
