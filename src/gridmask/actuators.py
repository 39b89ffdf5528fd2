"""The actuators of the settings, put together: a function for each kind."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gridmask.actions.action import Subscription
from gridmask.actions.actuating.actuator import Actuator, Terms
from gridmask.actions.actuating.usability import Reader
from gridmask.actions.conditions import Condition
from gridmask.actions.feed.places import Address, File
from gridmask.actions.feed.publication import Publication, Subject
from gridmask.actions.fts3.bans import Bans, Way
from gridmask.actions.fts3.wishes import Rules
from gridmask.actions.rucio.access import TOKEN_AS, Pass
from gridmask.actions.rucio.rses import Rses
from gridmask.actions.rucio.wishes import Rules as AvailabilityRules
from gridmask.actions.secrets import Secret
from gridmask.domain.errors import InvalidConfiguration
from gridmask.domain.news import Topic
from gridmask.domain.status import Purpose
from gridmask.http import Access, Network, redacted
from gridmask.http.line import Line

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.actions.actuating.settings import Actuator as Table
    from gridmask.actions.actuating.settings import OfElements
    from gridmask.actions.actuating.side import OtherSide, Outlook
    from gridmask.actions.feed.places import Place
    from gridmask.actions.feed.settings import Feed
    from gridmask.actions.fts3.settings import Fts3
    from gridmask.actions.rucio.settings import Rucio
    from gridmask.clock import Clock
    from gridmask.settings import Settings
    from gridmask.store.database import Database

TOLD = Condition(topics=frozenset({Topic.CHANGES}))
"""What actuators are told of."""


def actuators(settings: Settings, database: Database, clock: Clock, outlook: Outlook) -> list[Actuator]:
    """All of them.

    Raises:
        InvalidConfiguration: one cannot be made.
    """
    bundle, aliases = settings.http.ca_bundle, settings.vo_registry().aliases
    made: list[Actuator] = []
    for kind, table, side in _sides(settings, bundle):
        terms = Terms(table.name, kind, aliases.get(table.vo, table.vo), table.dry_run, table.every, table.limits.limits())
        made.append(Actuator(side, terms, outlook, database, clock))
    return made


def subscribed(made: Iterable[Actuator]) -> Iterator[Subscription]:
    """Them, as they are told of changes."""
    for actuator in made:
        yield Subscription(actuator.name, actuator.terms.kind, actuator, TOLD)


def _sides(settings: Settings, bundle: Path | None) -> Iterator[tuple[str, Table, OtherSide]]:
    for rucio in settings.rucio:
        yield "rucio", rucio, _rses(rucio, bundle)
    for fts3 in settings.fts3:
        yield "fts3", fts3, _bans(fts3, bundle)
    for feed in settings.feed:
        subject = Subject(feed.vo, feed.form, Purpose(feed.purpose) if feed.purpose else None, feed.allow_empty)
        yield "feed", feed, Publication(subject, _place(feed, bundle))


def _rses(table: Rucio, bundle: Path | None) -> Rses:
    # where a token may not be sent, a password may not be either
    secret = table.token_file or table.password_file
    checked = _line(table, table.url, Access(token_file=secret, token_as=TOKEN_AS, ca=table.ca_file), bundle)
    access = Access(token_file=table.token_file, token_as=TOKEN_AS, ca=table.ca_file)
    line = Line(checked.url, access, checked.network, checked.timeout)
    entry = Pass(table.account, table.user, table.rucio_vo, Secret(file=table.password_file)) if table.account else Pass()
    return Rses(
        line, entry, table.vo, AvailabilityRules(_reader(table), table.names, table.touch), own_alone=table.lift == "own"
    )


def _bans(table: Fts3, bundle: Path | None) -> Bans:
    access = Access(table.certificate, table.key, table.token_file, table.ca_file)
    rules = Rules(_reader(table), table.access, table.banned_when == "any", table.schemes, table.names)
    line = _line(table, table.url, access, bundle)
    way = Way(table.name, table.fts_vo or table.vo, table.status, table.allow_submit)
    return Bans(line, table.vo, rules, way)


def _place(table: Feed, bundle: Path | None) -> Place:
    if table.file is not None:
        return File(table.file, int(table.mode, 8))
    access = Access(token_file=table.token_file, token_as=table.token_as, ca=table.ca_file)
    return Address(redacted(table.url), _line(table, table.url, access, bundle, is_whole=True))


def _line(table: Table, url: str, access: Access, bundle: Path | None, *, is_whole: bool = False) -> Line:
    try:
        return Line(url if is_whole else url.rstrip("/"), access, Network(ca_bundle=bundle), table.timeout.total_seconds())
    except InvalidConfiguration as error:
        raise InvalidConfiguration(f"actuator {table.name}", str(error)) from error


def _reader(table: OfElements) -> Reader:
    return Reader(table.matching(), Purpose(table.purpose), table.unknown == "off")
