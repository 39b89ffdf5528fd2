"""URLs as they may be shown, stored and logged: without what opens doors."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote_plus, urlsplit, urlunsplit

_SECRET_KEY = re.compile(r"token|secret|passw|pwd|passphrase|key|sig|auth|cred|session|jwt|proxy|ticket", re.IGNORECASE)
_HIDDEN = "***"


def redacted(url: str) -> str:
    """``url`` without user, password and fragment, and with ``***`` for the query values whose name sounds secret.

    Rather too much is hidden than too little: of what is no proper URL only the scheme is shown, since a password may
    be anywhere in it.
    """
    parts = _split(url)
    if parts is None:
        return f"{url.partition('://')[0]}://{_HIDDEN}" if "://" in url else _HIDDEN
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(_shown(pair) for pair in parts.query.split("&"))
    return urlunsplit((parts.scheme, host, parts.path, query, ""))


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # which raises where it is no number: there is a password in its place
    except ValueError:
        return None
    return parts if parts.netloc or parts.scheme == "file" or "@" not in url else None


def _shown(pair: str) -> str:
    name, given, _ = pair.partition("=")
    return f"{name}={_HIDDEN}" if given and _SECRET_KEY.search(unquote_plus(name)) else pair
