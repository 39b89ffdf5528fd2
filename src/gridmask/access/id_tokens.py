"""ID tokens: what an issuer says to us of who just logged in (OpenID Connect Core 1.0, section 3.1.3.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authlib.oidc.core import CodeIDToken

from gridmask.access.signed import LEEWAY, Unchecked, refusing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gridmask.access.identity import Claims
    from gridmask.access.keys import PublishedKeys

_HASHED = ("256", "384", "512")
"""How the names of algorithms end that tell by which hash ``at_hash`` is made."""


async def checked(
    answer: Mapping[str, object], url: str, keys: PublishedKeys, *, client_id: str, nonce: str, now: int
) -> Claims:
    """What the ID token in ``answer``, which came with an access token, says of somebody.

    Signed with a key of the issuer at ``url``, for ``client_id`` and nobody else, to be used now, and made for this log-in.

    Raises:
        Unauthenticated: it is not so. KeysUnavailable: nobody can tell, for now.
    """
    shown = Unchecked.of(str(answer.get("id_token") or ""))
    claims = await shown.checked(url, keys)
    params = {"client_id": client_id, "nonce": nonce}
    if str(shown.header["alg"]).endswith(_HASHED):
        params["access_token"] = str(answer.get("access_token") or "")
    # of authlib's options, whatever is in `values` will do: for others as well is decided by azp, which it asks for then
    options = {"iss": {"essential": True, "value": url}, "aud": {"essential": True, "values": [client_id]}}
    with refusing():
        CodeIDToken(dict(claims), dict(shown.header), options, params).validate(now, LEEWAY)
    return claims
