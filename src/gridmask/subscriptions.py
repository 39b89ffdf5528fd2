"""Who is told what, put together from the settings: a function for each kind of action."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from gridmask.actions.action import Subscription
from gridmask.actions.cloud_events import HERE
from gridmask.actions.notify import gathering
from gridmask.actions.notify.gathering import Gatherer, Sender
from gridmask.actions.notify.layout import Layout
from gridmask.actions.notify.mail import Mail
from gridmask.actions.notify.plans import Plan, Plans
from gridmask.actions.notify.services import Service
from gridmask.actions.notify.settings import Address
from gridmask.actions.signing import Signing
from gridmask.actions.webhook import WebhookAction
from gridmask.actuators import subscribed
from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Access, Network
from gridmask.http.files import is_everybodys
from gridmask.http.line import Line
from gridmask.inspection.telling import Rules
from gridmask.plugins import action_of
from gridmask.store import deliveries

if TYPE_CHECKING:
    from gridmask.actions.actuating.actuator import Actuator
    from gridmask.actions.notify.channel import Channel
    from gridmask.clock import Clock
    from gridmask.settings import Settings
    from gridmask.store.database import Database


log = structlog.get_logger()

SECRETS = ("secret_file", "password_file", "url_file", "token_file", "key")
"""What files with secrets are called in the settings."""


def subscriptions(
    settings: Settings, database: Database, clock: Clock, portal: str = "", actuators: Sequence[Actuator] = ()
) -> list[Subscription]:
    """All actions of the settings, and what they are told of; ``actuators``: those that were made of them.

    Raises:
        InvalidConfiguration: two have the same name, or one cannot be made.
    """
    found: dict[str, Subscription] = {}
    notifications = _notifications(settings, gatherer(settings, database, clock, portal))
    for to in (*_webhooks(settings, clock, portal), *_plugged(settings), *subscribed(actuators), *notifications):
        if to.name in found:
            problem = f"is the name of a {found[to.name].kind} already; how far each action is goes by its name"
            raise InvalidConfiguration(f"{to.kind} {to.name}", f"name: {to.name!r} {problem}")
        found[to.name] = to
    return list(found.values())


def check(settings: Settings) -> None:
    """Make sure that what notifications are written by is there.

    Raises:
        InvalidConfiguration: it is not.
    """
    folder = settings.notifications.templates
    if folder is not None and not folder.is_dir():
        raise InvalidConfiguration("notifications", f"templates: there is no folder {folder}")


def remark_on_secrets(settings: Settings) -> None:
    """Say in the log which secrets that the outside is told with everybody on this machine can read."""
    told: list[tuple[str, object]] = [("mail", settings.mail)]
    told += [(f"address {name}", table) for name, table in settings.address.items()]
    told += [(hook.name, hook) for hook in settings.webhook]
    told += [(actuator.name, actuator) for actuator in (*settings.rucio, *settings.fts3, *settings.feed)]
    for name, table in told:
        for option in SECRETS:
            path = getattr(table, option, None)
            if path is not None and is_everybodys(path):
                log.warning("a secret can be read by everybody on this machine", action=name, option=option, file=str(path))


def rules(settings: Settings) -> Rules:
    """What couriers go by."""
    return Rules(settings.delivery.timeout, settings.delivery.patience())


def plans(settings: Settings) -> Plans:
    """Who is notified of what, and when."""
    mailboxes = _mailboxes(settings)
    made = tuple(_to_each_once(table.plan(), mailboxes) for table in settings.notify)
    addresses = {to: settings.address.get(to) or Address(mail=to) for plan in made for to in plan.to}
    return Plans(made, {name: address.cap(settings.notifications) for name, address in addresses.items()})


def _mailboxes(settings: Settings) -> dict[str, str]:
    """By mail address, what it is called: by the first table that has it, else as it is written first."""
    named = [(table.mail, name) for name, table in settings.address.items() if table.mail]
    written = [(to, to) for table in settings.notify for to in table.to if to not in settings.address]
    found: dict[str, str] = {}
    for mail, name in (*named, *written):
        found.setdefault(mail.casefold(), name)
    return found


def _to_each_once(plan: Plan, mailboxes: Mapping[str, str]) -> Plan:
    """``plan`` with one name for a mailbox, however it is written: nobody is told the same twice, nor twice as often."""
    return replace(plan, to=tuple(dict.fromkeys(mailboxes.get(to.casefold(), to) for to in plan.to)))


def gatherer(settings: Settings, database: Database, clock: Clock, portal: str = "") -> Gatherer:
    """What gathers news into messages; ``portal``: where people find that."""
    return Gatherer(database, clock, plans(settings), Layout(settings.notifications.templates), portal)


def channel(settings: Settings, name: str) -> Channel:
    """The way to the address called ``name``, which a table names: one of the settings, or a mail address."""
    address = settings.address.get(name) or Address(mail=name)
    if not address.mail:
        return Service(name, address.secret())
    assert settings.mail is not None  # the settings were checked for that
    return Mail(settings.mail.server(), address.mail)


def _webhooks(settings: Settings, clock: Clock, portal: str) -> Iterator[Subscription]:
    for hook in settings.webhook:
        signing = Signing(hook.secret_file) if hook.secret_file else None
        source = hook.source or portal or HERE
        access, network = Access(ca=hook.ca_file), Network(ca_bundle=settings.http.ca_bundle)
        try:
            line = Line(hook.url, access, network, settings.http.timeout.total_seconds())
        except InvalidConfiguration as error:
            raise InvalidConfiguration(f"webhook {hook.name}", str(error)) from error
        action = WebhookAction(hook.name, line, hook.form, source, signing, clock, hook.traced)
        yield Subscription(hook.name, "webhook", action, hook.on.condition())


def _plugged(settings: Settings) -> Iterator[Subscription]:
    for declared in settings.action:
        yield Subscription(declared.name, declared.kind, action_of(declared), declared.on.condition())


def _notifications(settings: Settings, gatherer_: Gatherer) -> Iterator[Subscription]:
    """One action gathers, and one for each address sends: who cannot be reached keeps nothing from anybody else."""
    if not settings.notify:
        return
    yield Subscription(gathering.NAME, "notify", gatherer_)
    for name in sorted(gatherer_.plans.addresses):
        yield Subscription(name, deliveries.ADDRESS, Sender(channel(settings, name)), alone=True)
