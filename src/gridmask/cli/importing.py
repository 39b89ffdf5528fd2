"""What became of an imported configuration, for people and for programs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from gridmask.cli.output import table
from gridmask.policy_import.report import Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.table import Table

    from gridmask.cli.placing import Placing
    from gridmask.policy_import.dirac import Import
    from gridmask.policy_import.report import Entry


def shown(made: Import, remarks: Sequence[str], placing: Placing, *, dry_run: bool) -> Iterator[str | Table]:
    """The report: a table, what there is to know about its lines, and what was written."""
    lines = [(str(entry.line or "-"), entry.path or "-", entry.outcome, entry.policy or "-") for entry in made.all_entries]
    yield table(("line", "section", "became", "policy"), lines, right=("line",))
    yield from (line for entry in made.all_entries if entry.remarks for line in _remarked(entry))
    yield from ("", *remarks) if remarks else ()
    yield ""
    yield _summary(made.all_entries)
    yield from _placed(placing, dry_run=dry_run)


def told(made: Import, remarks: Sequence[str], placing: Placing) -> dict[str, Any]:
    """The same as JSON, with the policies."""
    return {
        "layers": [
            {
                "vo": layer.vo,
                "from": layer.paths,
                "file": layer.file if layer.tables else None,
                "policies": layer.tables,
                "entries": list(map(_entry, layer.entries)),
            }
            for layer in made.layers
        ],
        "entries": list(map(_entry, made.entries)),
        "remarks": remarks,
        "written": list(placing.due) if placing.is_done else [],
        "unchanged": list(placing.unchanged),
        "overwritten" if placing.is_done else "in_the_way": list(placing.differing),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "section": entry.path,
        "line": entry.line,
        "became": entry.outcome,
        "policy": entry.policy,
        "needs_review": entry.needs_review,
        "remarks": [{"about": remark.weight, "text": remark.text} for remark in entry.remarks],
    }


def _remarked(entry: Entry) -> Iterator[str]:
    yield ""
    yield entry.path or str(entry.policy)
    for remark in entry.remarks:
        yield f"  {'!' if remark.weight is Weight.REVIEW else '-'} {remark.weight}: {remark.text}"


def _summary(entries: Iterable[Entry]) -> str:
    entries = tuple(entries)
    counts = Counter(str(entry.outcome) for entry in entries)
    became = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(counts.items()))
    return f"{len(entries):,} sections and options: {became}. Marked with ! is what needs review: {_in_need(entries):,}."


def _in_need(entries: Iterable[Entry]) -> int:
    return sum(entry.needs_review for entry in entries)


def _placed(placing: Placing, *, dry_run: bool) -> Iterator[str]:
    directory = placing.directory
    if not placing.texts:
        yield "There is no policy to write."
    elif directory is None:
        yield f"Nothing was written. With --into DIR, it would be {', '.join(placing.texts)}."
    else:
        said = "Would write" if dry_run else "Wrote"
        yield from (f"{said} {directory / name}{_over(name, placing)}." for name in placing.due)
        yield from (f"{directory / name} is there already, and the same." for name in placing.unchanged)


def _over(name: str, placing: Placing) -> str:
    return ", over another one" if name in placing.differing else ""
