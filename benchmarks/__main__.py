"""Run with ``./dev bench``: all benchmarks, or those that are named, at sizes from 1,000 to 100,000 rows.

``growth`` has sizes of its own: 1, 10 and 100 VOs, 10 and 100 policies; ``bulk`` has as many VOs, and a million rows where that
is asked for. ``starting`` has 100,000 and 1,000,000 rows. Those of ``past`` are numbers of changes, 100,000 and 1,000,000;
10,000,000 takes a quarter of an hour and 5 GB for each database. ``changes`` is measured with 10,000 and 100,000 rows;
1,000,000 take some minutes. ``doors`` has 300, 3,000 and 10,000 elements, and says what it needs to be beside others.
Sizes of ``replay`` are numbers of downtimes, 2,500, 5,000 and 10,000 in eight years; the first also in eighty.
Sizes of ``streams`` are numbers of readers, 1,000 and 5,000.
Sizes of ``portal`` are numbers of live changes, 1,000; it also measures OSG's topology, if the variable
``GRIDMASK_OSG_TOPOLOGY`` names the file of its resource groups.
"""

from __future__ import annotations

import asyncio
import logging
import os
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import structlog
from rich.console import Console
from rich.table import Table

from benchmarks import (
    bulk,
    changes,
    doors,
    evaluation,
    growth,
    loop,
    past,
    portal,
    probes,
    reads,
    replay,
    replica,
    starting,
    steps,
    streams,
)
from gridmask.memory import relax_collector

SIZES = (1_000, 10_000, 100_000)
PAST = (100_000, 1_000_000)
CHANGES = (10_000, 100_000)
DOORS = (300, 3_000, 10_000)
REPLAY = (2_500, 5_000, 10_000)
STARTING = (100_000, 1_000_000)
STREAMS = (1_000, 5_000)

console = Console(width=max(Console().width, 110))


def main() -> None:
    """Run what was asked for, and print its tables as they come."""
    relax_collector()  # as every installation does
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parser = ArgumentParser(prog="./dev bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHMARKS)}; all without one")
    parser.add_argument("--sizes", nargs="+", type=int, default=SIZES, metavar="ROWS", help="numbers of rows")
    asked = parser.parse_args()
    unknown = [name for name in asked.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]!r}; there are {', '.join(BENCHMARKS)}")
    console.print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; ratios compare within this run", style="dim")
    for name in asked.names or BENCHMARKS:
        BENCHMARKS[name](asked.sizes)


def _evaluation(sizes: Sequence[int]) -> None:
    rows = (
        (f"{f.rows:,}", f.what, f"{f.seconds:.3f} s", f"{f.per_second:,.0f}", f"{f.ratio:.1f}", f.checksum)
        for size in sizes
        for f in evaluation.measure(size)
    )
    title = "Bulk evaluation: processor time of one step; baseline: building one row's value for each"
    _print(title, ("rows", "step", "time", "rows/s", "x baseline", "checksum"), rows)


def _bulk(sizes: Sequence[int]) -> None:
    rows = (
        (
            f"{f.rows:,}",
            f"{f.vos}",
            f.what,
            f"{f.saved:,}",
            f"{f.seconds:.3f} s",
            f"{f.per_second:,.0f}",
            f"{f.ratio:.1f}",
            f.checksum,
        )
        for size in sizes
        for vos in bulk.VOS
        for f in bulk.measure(size, vos)
    )
    title = "Bulk evaluation under ten policies: processor time of one step; baseline: building one row's value for each"
    _print(title, ("rows", "VOs", "step", "saved", "time", "rows/s", "x baseline", "checksum"), rows)


def _steps(_: Sequence[int]) -> None:
    rows = (
        (f.what, f"{f.rows:,}", f"{f.steps:,}", f"{f.each:,.0f} µs", f"{f.alone:,.0f} µs", f"{f.each / f.alone:.2f}")
        for f in steps.measure()
    )
    title = "Small steps on one world, as a replay takes them: each touches an element; baseline: a world of that element alone"
    _print(title, ("step", "rows", "steps", "each", "alone", "x baseline"), rows)


def _starting(sizes: Sequence[int]) -> None:
    rows = (
        (
            f.database,
            f"{f.rows:,}",
            f"{f.seconds:.1f} s",
            f"{f.none:.1f} s",
            f"{f.plain:.1f} s",
            f"{f.mask:.2f} s",
            f"{f.per_row:,.0f}",
            f"{f.per_row_of_state:,.0f}",
        )
        for f in starting.figures(STARTING if sizes is SIZES else sizes)
    )
    title = "Starting: until the masks are there; beside it with no rows, and reading the same columns by the bare driver"
    heads = ("database", "rows", "ready", "without rows", "plain SQL", "first mask", "bytes a row", "of a State")
    _print(title, heads, rows)


def _growth(_: Sequence[int]) -> None:
    rows = (
        (
            f"{f.case.vos} x {f.case.policies}",
            f.what,
            f"{f.rows:,}",
            f"{f.judged:,}",
            f"{f.saved:,}",
            f"{f.seconds:.3f} s",
            f"{f.judged / f.seconds:,.0f}" if f.judged else "",
            f"{f.per_row:.1f}" if f.judged else "",
            f"{f.of_sweep:.1%}",
        )
        for f in growth.measure()
    )
    title = "Growth with VOs and policies: one step; baseline: a row of the sweep under 1 VO and 10 policies"
    _print(title, ("VOs x policies", "step", "rows", "judged", "saved", "time", "rows/s", "x baseline", "of a sweep"), rows)


def _loop(sizes: Sequence[int]) -> None:
    rows = (
        (f"{f.rows:,}", f.what, f"{f.seconds:.3f} s", f"{f.rows / f.seconds:,.0f}", f"{f.seconds / f.baseline:.1f}")
        for size in sizes
        for f in asyncio.run(loop.measure(size))
    )
    title = "The loop on SQLite: from an answer to the mask's bytes; baseline: as many plain inserts"
    _print(title, ("rows", "what happens", "time", "rows/s", "x baseline"), rows)


def _past(sizes: Sequence[int]) -> None:
    rows = (
        (
            f.database,
            f"{f.changes:,}",
            f.what,
            f"{f.took.wall:.3f} s",
            f"{f.took.processor:.3f} s",
            f"{f.took.wall / f.baseline.wall:.1f}",
        )
        for f in past.figures(PAST if sizes is SIZES else sizes)
    )
    title = "The mask at a past moment; baseline: plain SQL that reads as many changes as a question with a ladder at most"
    _print(title, ("database", "changes", "what happens", "time", "of processor", "x baseline"), rows)


def _changes(sizes: Sequence[int]) -> None:
    rows = (
        (f.database, f"{f.rows:,}", f"{f.at_once:,}", f"{f.changes:,.0f}", f"{f.plain:,.0f}", f"{f.plain / f.changes:.1f}")
        for f in changes.figures(CHANGES if sizes is SIZES else sizes)
    )
    title = "Statuses set by a person: changes by second; baseline: plain SQL that writes as much in the same transactions"
    _print(title, ("database", "rows", "in a transaction", "Gridmask", "plain SQL", "x baseline"), rows)


def _probes(_: Sequence[int]) -> None:
    f = probes.figures()
    rows = (
        (f"{f.made:,}", f"{f.hung:,}", f"{f.late_median * 1000:.1f} ms", f"{f.late_most * 1000:.0f} ms", f"{f.processor:.0%}"),
    )
    title = "Probes of one process in a minute: TCP, TLS, HTTP and Redis on loopback, and servers that hang; SQLite"
    _print(title, ("made", "ran out of time", "late, median", "late, most", "of one core"), rows)


def _portal(sizes: Sequence[int]) -> None:
    osg = Path(os.environ.get("GRIDMASK_OSG_TOPOLOGY", "rgsummary.xml"))
    painted = (
        (
            f.what,
            f"{f.size:,} kB",
            f"{f.best:,.0f} ms",
            f"{f.median:,.0f} ms",
            f"{f.plain:,.0f} ms",
            f"{f.best / f.plain:.1f}",
        )
        for f in portal.paints(osg if osg.exists() else None)
    )
    title = "Matrices in chromium: until something is seen; baseline: the same bytes, handed out"
    _print(title, ("answer", "page", "best", "median", "baseline, best", "x baseline"), painted)
    for number in (1_000,) if sizes is SIZES else sizes:
        f = portal.live(number)
        changed = (
            (
                f"{f.changes:,}",
                f"{f.median:.0f} ms",
                f"{f.most:.0f} ms",
                f"{f.shift:.4f}",
                f"{f.heap[0]:.1f}, {f.heap[1]:.1f} MB",
                f"{f.nodes[0]:,}, {f.nodes[1]:,}",
                f"{f.memory[0]:,}, {f.memory[1]:,} MB",
                f"{f.each:.1f} ms",
            ),
        )
        title = (
            f"A matrix of {portal.ROWS:,} x 8 while rows change: until {portal.TABS} tabs show one; then what many leave behind"
        )
        heads = ("changes", "median", "most", "layout shift", "heap", "nodes", "server", "processor, each")
        _print(title, heads, changed)


def _reads(sizes: Sequence[int]) -> None:
    rows = (
        (
            f"{f.rows:,}",
            f"{f.size / 1000:,.0f} kB",
            f.what,
            f"{f.per_second:,.0f}",
            f"{f.bare_per_second:,.0f}",
            f"{f.per_second / f.bare_per_second:.0%}",
        )
        for size in sizes
        for f in reads.measure(size)
    )
    title = "Mask reads: requests by second of the server's processor time; baseline: a bare ASGI app, same bytes"
    _print(title, ("rows", "body", "answer", "Gridmask", "bare", "of bare"), rows)


def _replica(sizes: Sequence[int]) -> None:
    rows = (
        (
            f"{f.rows:,}",
            f.what,
            f"{f.per_second:,.0f}",
            f"{f.bare_per_second:,.0f}",
            f"{f.per_second / f.bare_per_second:.0%}",
            _milliseconds(f.change),
        )
        for size in sizes
        for f in replica.measure(size)
    )
    title = "Lookups in the client's replica, by second of processor time; baseline: a bare dictionary with the same rows"
    _print(title, ("rows", "question", "Mask", "bare", "of bare", "a change, ms"), rows)


def _streams(sizes: Sequence[int]) -> None:
    rows = (
        (
            f"{f.readers:,}",
            f.what,
            *(_milliseconds(f.at(share)) for share in (0.5, 0.99, 1.0)),
            f"{f.missed:,}",
            f"{f.processor * 1e6:,.0f} us",
            f"{f.memory / 1000:,.1f} kB",
            f"{f.joined:,.1f} s",
        )
        for number in (STREAMS if sizes is SIZES else sizes)
        for f in streams.measure(number)
    )
    title = "Streams: ms from a commit to every reader; baseline: a bare ASGI app that writes the same bytes"
    heads = ("readers", "what happens", "p50", "p99", "last", "missed", "processor, each", "memory, each", "all joined in")
    _print(title, heads, rows)


def _replay(sizes: Sequence[int]) -> None:
    rows = (
        (
            f"{f.downtimes:,}",
            f"{f.days:,}",
            f"{f.changes:,}",
            f"{f.seconds:.3f} s",
            f"{f.changes / f.seconds:,.0f}",
            f"{f.seconds / f.reading:.1f}",
        )
        for f in replay.figures(REPLAY if sizes is SIZES else tuple(sizes))
    )
    title = f"Replays of {replay.RESOURCES:,} elements: processor time of one process; baseline: reading the recording"
    _print(title, ("downtimes", "days", "changes", "time", "changes/s", "x baseline"), rows)


def _doors(sizes: Sequence[int]) -> None:
    beside = doors.installed()
    for found in beside.values():
        console.print(found.why if isinstance(found, doors.Missing) else f"beside {found}", style="dim")
    figures = doors.figures(DOORS if sizes is SIZES else sizes, beside)
    rows = (
        (
            f"{f.elements:,}",
            f.door,
            f.what,
            *(f"{cost.size / 1000:,.1f}" if cost else "" for cost in (f.ours, f.theirs)),
            *(_milliseconds(cost.processor) if cost else "" for cost in (f.ours, f.theirs)),
            _milliseconds(f.theirs.database) if f.theirs else "",
            f"{f.theirs.processor / f.ours.processor:,.1f}" if f.theirs else "",
            *(f"{_milliseconds(cost.middle)}, {_milliseconds(cost.late)}" if cost else "" for cost in (f.ours, f.theirs)),
        )
        for f in figures
    )
    heads = (
        "elements",
        "as",
        "question",
        "kB",
        "theirs",
        "processor",
        "theirs",
        "of it MariaDB",
        "x ours",
        "p50, p95",
        "theirs",
    )
    try:
        _print("The doors beside DIRAC and DiracX: milliseconds of a request, asked one at a time", heads, rows)
    except doors.ServerMissing as missing:
        console.print(f"The doors are left out: {missing}")


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.2f}"


def _print(title: str, heads: Iterable[str], rows: Iterable[Sequence[str]]) -> None:
    table = Table(title=title, title_justify="left")
    for head in heads:
        table.add_column(
            head, justify="left" if head in {"step", "what happens", "answer", "question", "as", "checksum"} else "right"
        )
    with console.status(title):
        for row in rows:
            table.add_row(*row)
    console.print(table)


BENCHMARKS: dict[str, Callable[[Sequence[int]], None]] = {
    "bulk": _bulk,
    "changes": _changes,
    "doors": _doors,
    "evaluation": _evaluation,
    "growth": _growth,
    "loop": _loop,
    "past": _past,
    "portal": _portal,
    "probes": _probes,
    "reads": _reads,
    "replay": _replay,
    "replica": _replica,
    "starting": _starting,
    "steps": _steps,
    "streams": _streams,
}

if __name__ == "__main__":
    main()
