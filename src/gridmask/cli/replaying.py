"""How ``gridmask replay`` is carried out: where it is worked, what is replayed, how it is stopped, and what is told of it."""

from __future__ import annotations

import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gridmask.cli import words
from gridmask.cli.output import table
from gridmask.domain.errors import InvalidRequest, NotKnown

if TYPE_CHECKING:
    from gridmask.cli.session import Session
    from gridmask.replay.running.plan import Plan
    from gridmask.replay.running.sums import Sums

INTERRUPTED = 130
RECORDED = "recording.gz"


@dataclass(frozen=True, slots=True)
class History:
    """What the options say of a history that others have."""

    downtimes: Path | None
    inventory: Path | None
    named: bool
    early: str
    early_until: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be told in the end."""

    changes: Path | None
    mask: str | None
    at: datetime | None

    def check(self) -> None:
        """Check that it can be.

        Raises:
            BadParameter: it cannot.
        """
        if self.at is not None and self.mask is None:
            raise typer.BadParameter("--at is the moment of a mask: name its VO with --mask")
        if self.changes is not None and self.changes.suffix not in {".jsonl", ".csv"}:
            raise typer.BadParameter("--changes FILE ends with .jsonl, or with .csv")


@dataclass(frozen=True, slots=True)
class Period:
    """What is to be replayed of it, and by which policies."""

    since: datetime | None
    until: datetime | None
    policies: Path | None


@dataclass(slots=True)
class Workplace:
    """A folder; whether it is to be ``kept``."""

    path: Path
    kept: bool = False


PASSING = "passing"
"""The file that tells that a folder goes once all is done."""


@contextmanager
def workplace(named: Path | None) -> Iterator[Workplace]:
    """Where it is worked: the folder that is ``named``, or one that goes in the end, unless what was done is to be kept."""
    place = Workplace(named or Path(tempfile.mkdtemp(prefix="gridmask-replay-")))
    if named is None:
        (place.path / PASSING).touch()
    try:
        place.path.mkdir(parents=True, exist_ok=True)
        yield place
    except OSError as error:
        raise InvalidRequest(f"{place.path} cannot be worked in: {error.strerror or error}") from error
    finally:
        if not place.kept and (place.path / PASSING).exists():
            shutil.rmtree(place.path, ignore_errors=True)


async def recording(session: Session, file: Path | None, told: History, place: Path, asked: Period) -> Path:
    """The recording that is to be replayed, as a file: as it is named, or made of what the options or the database tell.

    Raises:
        InvalidRequest, InvalidConfiguration: there is none, or something is wrong with it.
    """
    if file is not None and told.downtimes is not None:
        raise typer.BadParameter("a recording and --downtimes are two things to replay: name one of them")
    if file is not None:
        return file
    made = place / RECORDED
    if told.downtimes is not None:
        from gridmask.cli.histories import history
        from gridmask.recording import file as files

        spread = (told.downtimes, told.inventory, told.named, told.early, told.early_until)
        files.write(made, history(session, *spread, asked.since, asked.until, asked.policies))
        return made
    from gridmask.clock import system_clock
    from gridmask.service.recording_files import RecordingFiles

    async with session.visit() as installation:
        files_ = RecordingFiles(installation.database)
        await files_.export(session.actor, made, asked.since, asked.until or system_clock())
    return made


def planned(path: Path, place: Path, asked: Period, processes: int | None, *, decisions: bool) -> Plan:
    """The plan for the recording at ``path``, kept in ``place``.

    Raises:
        InvalidRequest, InvalidConfiguration: something about it is wrong.
    """
    from gridmask.policies import files as policy_files
    from gridmask.replay.running import plan as plans
    from gridmask.replay.running import planning

    document = None if asked.policies is None else policy_files.load(asked.policies)[1]
    made = planning.planned(
        path, policies=document, since=asked.since, until=asked.until, decisions=decisions, processes=processes
    )
    for left in place.glob("part-*"):
        left.unlink()
    plans.save(made, place)
    return made


def run(session: Session, plan: Plan, place: Workplace, asked: Asked) -> int:
    """Replay it, tell what is asked for, and give the exit code."""
    from gridmask.replay.running import together

    with stopping() as stopped, progress(plan) as heard:
        sums = together.run(place.path, plan, stopped, heard)
    if sums is None:
        place.kept = True
        session.out.note(f"Interrupted. Go on with: gridmask replay --resume {place.path}")
        return INTERRUPTED
    if asked.changes is not None:
        from gridmask.replay.output import write

        write(asked.changes, plan, together.lines(place.path, plan))
    if asked.mask is not None:
        _show_mask(session, plan, place.path, asked.mask, asked.at)
    else:
        session.out.show(lambda: told(plan, sums), *shown(plan, sums))
    return 1 if sums.differing else 0


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Whether somebody pressed Ctrl-C, or told it to end, since then."""
    asked: list[int] = []
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda number, _: asked.append(number)) for one in signals]
    try:
        yield lambda: bool(asked)
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)


@contextmanager
def progress(plan: Plan) -> Iterator[Callable[[int], None]]:
    """Shows on a terminal how far it is; where there is none, nothing."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True, disable=not sys.stderr.isatty()) as bars:
        task = bars.add_task("events", total=plan.events)
        yield lambda done: bars.update(task, completed=done)


def _show_mask(session: Session, plan: Plan, place: Path, vo: str, at: datetime | None) -> None:
    from gridmask.domain.vo import ALL, canonical
    from gridmask.feeds import mask_json, mask_text
    from gridmask.recording import file as files
    from gridmask.recording.recording import vos
    from gridmask.replay.masks import masks_at
    from gridmask.replay.running import together

    moment = plan.until if at is None else at
    if not plan.since <= moment <= plan.until:
        raise InvalidRequest(f"--at is not within {plan.since:%FT%TZ} and {plan.until:%FT%TZ}, which was replayed.")
    name = vo if vo == ALL else canonical(vo)
    known = vos(files.read(Path(plan.recording)))
    if name not in known:
        raise NotKnown("VO", vo, known)
    mask = masks_at(together.lines(place, plan), moment).of(name)
    session.out.write((mask_json if session.out.as_json else mask_text).encode(mask))


def told(plan: Plan, sums: Sums) -> dict[str, Any]:
    """What it came to, as JSON."""
    return {
        "since": plan.since,
        "until": plan.until,
        "as_it_was": plan.policies is None,
        "events": sums.happened,
        "changes": sums.lines,
        "into": sums.into,
        "refused": sums.refused,
        "first_refused": sums.first_refused,
        "differing": sums.differing,
        "first_differing": sums.first_differing,
        "processes": plan.parts,
    }


def shown(plan: Plan, sums: Sums) -> Iterator[Any]:
    """What it came to, for people."""
    how = "as it was" if plan.policies is None else "decided by the given policies"
    yield f"{sums.happened:,} events, {how}, from {words.utc(plan.since)} to {words.utc(plan.until)}."
    yield ""
    kinds = [(kind, f"{number:,}") for kind, number in sorted(sums.lines.items())]
    kinds += [(f"to {status}", f"{number:,}") for status, number in sorted(sums.into.items())]
    yield table(("changes", "number"), kinds, right=("number",))
    if sums.first_refused is not None:
        one = sums.first_refused
        where = f"first number {one.number:,}, {one.event} at {words.utc(one.at)}"
        yield f"{sums.refused:,} events could not happen in this world; {where}: {one.text}"
    if sums.first_differing is not None:
        one = sums.first_differing
        yield (
            f"{sums.differing:,} events came to something else than then; first number {one.number:,}, {one.event} at "
            f"{words.utc(one.at)}: it {one.text}."
        )
    elif plan.policies is None:
        yield "Each made a revision if it did then."
