"""What a token of DiracX says of whom it was given to. It is not verified here: DiracX does that."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import TYPE_CHECKING

import msgspec

from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from gridmask.http.access import Access


class _Claims(msgspec.Struct):
    """The part of a token's claims that matters here."""

    vo: str


def vo_of(token: str) -> str | None:
    """The VO whose user holds ``token``; None: it does not say."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        return msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)), type=_Claims).vo
    except ValueError:  # msgspec's own errors among them
        return None


def reader(access: Access, named: str | None) -> str:
    """The VO as whose user DiracX is asked: the one that its token names, or that was ``named``.

    Raises:
        InvalidRequest: there is no token; or it is another VO's, or does not say whose.
    """
    token = access.token()
    if token is None:
        raise InvalidRequest("DiracX answers nobody without a token; name a file that has one with --token-file.")
    told = vo_of(token)
    if told is None and named is None:
        raise InvalidRequest("The token does not say of which VO its holder is; say it with --vo.")
    if told is not None and named is not None and told.casefold() != named.strip().casefold():
        raise InvalidRequest(f"The token is of a user of {told}, so DiracX answers as for {told}, and not for {named}.")
    return told or named or ""
