"""Facts: what an inventory tells of an element beside what decides, of whatever shape, put so that people can read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gridmask.portal.frame.addresses import web

_NAMES = {
    "official_name": "Official name",
    "description": "",
    "service_description": "Service",
    "facility": "",
    "osg_site": "OSG site",
    "certification": "",
    "infrastructure": "",
    "production": "In production",
    "grid_type": "",
    "tier": "",
    "country": "",
    "country_code": "",
    "roc": "Operations centre",
    "support_center": "Support centre",
    "home_url": "Home page",
    "name": "",
    "service": "",
    "id": "Identifier",
    "interface": "",
    "url": "Address",
    "group_id": "Group's identifier",
    "resource_id": "Resource's identifier",
    "ce": "CE",
    "ce_type": "Type of CE",
    "se_type": "Type of SE",
    "mq_type": "Type of broker",
    "catalog_type": "Type of catalog",
    "os": "Operating system",
    "max_cpu_time": "Longest CPU time",
    "endpoint_url": "Endpoint",
    "giis_url": "GIIS address",
    "legacy_access": "Access said in the CS",
    "beta": "Beta",
    "monitored": "",
}
"""In this order; an empty name is the key's own. What is not among them comes after, by name."""

_FREE = frozenset({"extensions", "legacy_access", "ownership"})
"""Facts whose own facts have names that are data, and stay as they are."""

_LONG = 24
"""More characters than these need room."""

_PLACES = {key: place for place, key in enumerate(_NAMES)}


@dataclass(frozen=True, slots=True)
class Text:
    """Something told in a line; ``link`` is where it leads, if anywhere."""

    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that is told under a ``name``.

    Attributes:
        name: what it is, for people.
        texts: what can be told in a line.
        records: what has facts of its own.
        listed: whether there may be several records.
    """

    name: str
    texts: tuple[Text, ...] = ()
    records: tuple[tuple[Fact, ...], ...] = ()
    listed: bool = False

    @property
    def is_long(self) -> bool:
        """Whether it needs room to be read."""
        return sum(len(text.text) for text in self.texts) > _LONG

    @property
    def columns(self) -> tuple[str, ...]:
        """What is told in a line of some record, in order."""
        return tuple(dict.fromkeys(fact.name for record in self.records for fact in record if not fact.records))


def facts(told: Mapping[str, object]) -> tuple[Fact, ...]:
    """What is ``told``, in order; an address beside an identifier is where the identifier leads."""
    shown = {key: told[key] for key in sorted(told, key=_place)}
    link = web(str(told.get("url", ""))) if "id" in told else None
    if link:
        del shown["url"]
    made = [_fact(key, value, link if key == "id" else None) for key, value in shown.items()]
    return tuple(fact for fact in made if fact.texts or fact.records)


def worded(key: str) -> str:
    """A key as people write it."""
    return _NAMES.get(key) or key[:1].upper() + key[1:].replace("_", " ")


def _place(key: str) -> tuple[int, str]:
    return _PLACES.get(key, len(_PLACES)), key


def _fact(key: str, value: object, link: str | None) -> Fact:
    parts = list(_parts(value))
    texts = (part for part in parts if not isinstance(part, Mapping))
    records = (_record(part, free=key in _FREE) for part in parts if isinstance(part, Mapping))
    return Fact(worded(key), tuple(_texts(texts, link)), tuple(filter(None, records)), not isinstance(value, Mapping))


def _record(told: Mapping[str, object], *, free: bool) -> tuple[Fact, ...]:
    if free:
        return tuple(replace(_fact("", value, None), name=str(key)) for key, value in told.items())
    return facts({str(key): value for key, value in told.items()})


def _parts(value: object) -> Iterator[object]:
    """Whatever lists in ``value`` hold, however deep."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        for part in value:
            yield from _parts(part)
    else:
        yield value


def _named(told: Mapping[str, object]) -> tuple[Fact, ...]:
    return facts({str(key): value for key, value in told.items()})


def _texts(values: Iterable[object], link: str | None) -> Iterator[Text]:
    for value in values:
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        if value is not None and text:
            yield Text(text, link or web(text))
