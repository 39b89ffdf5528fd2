"""What of an answer can be kept: what no database could is told as a problem of the record that it stands in.

Names have as many characters as their columns, and none has a null character or half of one. Readers refuse what makes no sense
to them, each with its place; this is for what they let through, whoever wrote them, so that one record costs no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from math import isfinite
from operator import gt
from typing import TYPE_CHECKING

import msgspec

from gridmask.collectors.observations import Observations
from gridmask.domain.downtime import Announcement
from gridmask.domain.element import ElementKey
from gridmask.domain.naming import HostedService
from gridmask.inventory.publication import Publication

if TYPE_CHECKING:
    from gridmask.domain.downtime import Downtime
    from gridmask.domain.element import Element, ElementType
    from gridmask.domain.evidence import Evidence
    from gridmask.domain.naming import Target

NAME, WORD, KIND, FAMILY, OWNER, URL, PROSE = 255, 64, 32, 16, 128, 1024, 16_000
"""The most characters that are kept, by column."""

_NULL = b"\\u0000"

Named = tuple[str, str, int]
"""What something is, itself, and how many characters it may have."""


Published = Publication | Announcement | Observations
"""What an answer says."""


def keepable(published: Published) -> Published:
    """What of ``published`` can be kept; what was known of the rest stands, and it is told."""
    if isinstance(published, Publication):
        return _inventory(published)
    return _announcement(published) if isinstance(published, Announcement) else keepable_observations(published)


def flaw_in(named: Iterable[Named]) -> str:
    """Why one of these cannot be kept; empty if all can."""
    return next((f"{what} {flaw}" for what, text, most in named if (flaw := _flaw(text, most))), "")


def _flaw(text: str, most: int) -> str:
    if len(text) > most:
        return f"has {len(text):,} characters, more than the {most:,} that can be kept: {text[:60]!r}..."
    if "\0" in text or not (text.isascii() or _is_text(text)):
        return f"is no text: {text[:60]!r}"
    return ""


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _flaw_of_value(value: object) -> str:
    """Why a ``value``, which is kept as JSON, cannot be."""
    try:
        written = msgspec.json.encode(value)
    except (UnicodeEncodeError, OverflowError, TypeError) as error:
        return f"its value cannot be written: {type(error).__name__}"
    if b"null" in written and _has_no_number(msgspec.to_builtins(value)):
        return "its value has a number in it that is none (NaN, or infinite)"
    # a text that speaks of null characters may be no more than that
    return "its value has a null character in it" if _NULL in written and _has_null(msgspec.to_builtins(value)) else ""


def _has_no_number(value: object) -> bool:
    if isinstance(value, float):
        return not isfinite(value)
    if isinstance(value, dict):
        return any(map(_has_no_number, value.values()))
    return isinstance(value, list | tuple | set | frozenset) and any(map(_has_no_number, value))


def _has_null(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(map(_has_null, (*value, *value.values())))
    return isinstance(value, list | tuple | set | frozenset) and any(map(_has_null, value))


def _target(target: Target) -> Iterator[Named]:
    if isinstance(target, HostedService):
        yield from (("its host", target.host, NAME), ("its service", target.service, WORD))
    else:
        yield from (("its name", target.name, NAME), ("its type", target.type, WORD), ("its family", target.family, FAMILY))


# --- Measurements

_MOST = {ElementKey: (NAME, KIND, WORD, FAMILY, WORD, NAME), HostedService: (NAME, KIND, WORD, NAME, WORD)}
"""How long record, kind, VO, and what it is about may be."""


def keepable_observations(told: Observations) -> Observations:
    """The same of observations."""
    flaws = {item.key: flaw for item in told.evidence if (flaw := _flaw_of_evidence(item))}
    if not flaws:
        return told
    problems = (f"{_shown(key.record)} of {_shown(str(key.about))}: {flaw}" for key, flaw in flaws.items())
    kept = tuple(item for item in told.evidence if item.key not in flaws)
    return replace(told, evidence=kept, conclusive=False, problems=(*told.problems, *problems))


def _flaw_of_evidence(item: Evidence) -> str:
    about = item.key.about
    texts = (item.key.record, item.kind, item.vo, *about)
    # there may be a hundred thousand, and hardly one has anything
    if not any(map(gt, map(len, texts), _MOST[type(about)])) and not _flaw("".join(texts), NAME * len(texts)):
        return _flaw_of_value(item.value)
    names = (("its record", item.key.record, NAME), ("its kind", item.kind, KIND), ("its VO", item.vo, WORD))
    return flaw_in((*_target(item.key.about), *names)) or _flaw_of_value(item.value)


# --- Downtimes


def _announcement(told: Announcement) -> Announcement:
    flaws = {key: flaw for key, one in told.downtimes.items() if (flaw := _flaw_of_downtime(one))}
    flaws |= {key: flaw for key in told.unreadable if (flaw := flaw_in([("its record", key.record, NAME)]))}
    if not flaws:
        return told
    identified = {key for key in flaws if not _flaw(key.record, NAME)}
    return replace(
        told,
        downtimes={key: one for key, one in told.downtimes.items() if key not in flaws},
        unreadable=(told.unreadable - flaws.keys()) | identified,
        conclusive=told.conclusive and len(identified) == len(flaws),
        problems=(*told.problems, *(f"downtime {_shown(key.record)}: {flaw}" for key, flaw in flaws.items())),
    )


def _flaw_of_downtime(one: Downtime) -> str:
    named = (
        ("its record", one.key.record, NAME),
        ("its severity", one.severity, WORD),
        ("its scheduling", one.scheduling, KIND),
        ("its description", one.description, PROSE),
        ("its VO", one.vo, WORD),
        ("its owner", one.owner, OWNER),
        ("its URL", one.url, URL),
    )
    return flaw_in((*named, *(name for target in one.targets for name in _target(target))))


# --- Inventories


def _inventory(told: Publication) -> Publication:
    strange = {type_.name for type_ in told.types if flaw_in(_type(type_))}
    flaws = {key: flaw for key, one in told.elements.items() if (flaw := _flaw_of_element(one, strange))}
    unidentified = {key for key in (*flaws, *told.conflicts) if flaw_in(_target(key))}
    vos = frozenset(vo for vo in told.vos if not _flaw(vo, WORD))
    if not flaws and not unidentified and not strange and vos == told.vos:
        return told
    return replace(
        told,
        elements={key: one for key, one in told.elements.items() if key not in flaws},
        types=tuple(type_ for type_ in told.types if type_.name not in strange),
        vos=vos,
        conflicts=(told.conflicts | flaws.keys()) - unidentified,
        conclusive=told.conclusive and not unidentified,
        problems=(*told.problems, *(f"{_shown(str(key))}: {flaw}" for key, flaw in flaws.items())),
    )


def _type(type_: ElementType) -> Iterator[Named]:
    yield from (("its name", type_.name, WORD), ("its family", type_.family, FAMILY), ("its category", type_.category, WORD))
    yield from (("a status type", name, WORD) for name in type_.status_types)


def _flaw_of_element(one: Element, strange: set[str]) -> str:
    named = (
        ("its site", one.site, NAME),
        ("its category", one.category, WORD),
        ("its identifier", one.identity, NAME),
        *(("a host", host, NAME) for host in one.hosts),
        *(("an alias", alias, NAME) for alias in one.aliases),
        *(("a VO", vo, WORD) for vo in one.offered),
        *(("a tag", tag, NAME) for tag in one.tags),
        *(("a service", service, NAME) for service in one.services),
    )
    if flaw := flaw_in((*_target(one.key), *named)):
        return flaw
    return "its type cannot be kept" if one.key.type in strange else _flaw_of_value(one.facts)


def _shown(text: str) -> str:
    return repr(text[:80])[1:-1]
