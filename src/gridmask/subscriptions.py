"""Who is told what, put together from the settings: one line for each kind of action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gridmask.actions.action import Subscription
from gridmask.actions.webhook import WebhookAction
from gridmask.domain.errors import InvalidConfiguration
from gridmask.inspection.courier import Rules
from gridmask.plugins import action_of

if TYPE_CHECKING:
    from gridmask.settings import Settings


def subscriptions(settings: Settings) -> list[Subscription]:
    """All actions of the settings, and what they are told of.

    Raises:
        InvalidConfiguration: two have the same name, or one cannot be made.
    """
    found: dict[str, Subscription] = {}
    for to in (*_webhooks(settings), *_plugged(settings)):
        if to.name in found:
            problem = f"is the name of a {found[to.name].kind} already; how far each action is goes by its name"
            raise InvalidConfiguration(f"{to.kind} {to.name}", f"name: {to.name!r} {problem}")
        found[to.name] = to
    return list(found.values())


def rules(settings: Settings) -> Rules:
    """What couriers go by."""
    return Rules(settings.delivery.timeout, settings.delivery.patience())


def _webhooks(settings: Settings) -> Iterator[Subscription]:
    for hook in settings.webhook:
        action = WebhookAction(hook.name, hook.url, settings.http.timeout)
        yield Subscription(hook.name, "webhook", action, hook.on.condition())


def _plugged(settings: Settings) -> Iterator[Subscription]:
    for declared in settings.action:
        yield Subscription(declared.name, declared.kind, action_of(declared), declared.on.condition())
