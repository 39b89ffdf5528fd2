"""Forwarding: what a proxy in front says of those for whom it asks, and when that is believed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING

from gridmask.access.doorkeeper import within
from gridmask.domain.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

    from gridmask.access.doorkeeper import Network

HEADER = b"gridmask-proxy-secret"

SHORTEST, LONGEST = 32, 512
"""Characters of a secret."""

MOST_SECRETS = 8


@dataclass(frozen=True, slots=True)
class Forwarding:
    """Whom to believe: who connects from one of ``proxies``, and knows one of ``secrets``, if there are any."""

    proxies: Sequence[Network] = ()
    secrets: Collection[bytes] = ()

    def believes(self, peer: str, headers: Mapping[bytes, bytes]) -> bool:
        """Whether what ``peer`` says in ``headers`` of those for whom it asks is believed."""
        if not within(peer, self.proxies):
            return False
        shown = headers.get(HEADER, b"")
        # every one is compared, so that how long it takes tells nothing
        same = [compare_digest(shown, secret) for secret in self.secrets]
        return any(same) or not self.secrets


def secrets_in(path: Path) -> tuple[bytes, ...]:
    """The secrets in the file at ``path``, one a line.

    Raises:
        InvalidConfiguration: it cannot be read, or has none that is long enough.
    """
    place = f"access.proxy_secret_file {path}"
    try:
        found = tuple(path.read_bytes().split())
    except OSError as error:
        raise InvalidConfiguration(place, f"cannot be read: {error.strerror or type(error).__name__}") from error
    fit = all(SHORTEST <= len(secret) <= LONGEST and secret.isascii() for secret in found)
    if not 0 < len(found) <= MOST_SECRETS or not fit:
        wanted = f"{MOST_SECRETS} at most, of {SHORTEST} to {LONGEST} characters of ASCII, as 'openssl rand -hex 32' makes them"
        raise InvalidConfiguration(place, f"should have a secret a line, {wanted}")
    return found
