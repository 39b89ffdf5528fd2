"""Bearer tokens: where they come from. They are short-lived, so whoever asks takes them anew each time."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from gridmask_client.errors import Unusable

MOST_BYTES = 64 * 1024
"""So long a token may be."""

SHARED = Path("/tmp")  # noqa: S108 - where WLCG's tools put it
GIVEN = "What was given as a token"

Token = str | Path | Callable[[], str]
"""A token itself, a file that holds it, or what gives it."""


def taken(token: Token) -> str:
    """The token, as it is now.

    Raises:
        Unusable: there is none, or none that could be sent. Whatever a function raises that was to give it.
    """
    match token:
        case str():
            return checked(token, "The token")
        case Path():
            return checked(_read(token), f"The token in {token}")
        case _:
            return checked(token(), GIVEN)


def checked(text: object, what: str) -> str:
    """``text``, if it could be a token. It is told in no error.

    Raises:
        Unusable: it could not.
    """
    token = text.strip() if isinstance(text, str) else ""
    if not token or len(token) > MOST_BYTES or not all("!" <= letter <= "~" for letter in token):
        raise Unusable(f"{what} is none: that is one word of printable ASCII.")
    return token


def discovered() -> str:
    """The token of this process, found as WLCG's tools find it.

    That is: what ``BEARER_TOKEN`` says; the file that ``BEARER_TOKEN_FILE`` names; ``bt_u`` and the user's number, in the
    folder ``XDG_RUNTIME_DIR``; the same in ``/tmp`` (WLCG Bearer Token Discovery, 10.5281/zenodo.3937438).

    Raises:
        Unusable: there is none.
    """
    said = os.environ.get("BEARER_TOKEN", "").strip()
    if said:
        return said
    named = os.environ.get("BEARER_TOKEN_FILE", "").strip()
    if named:
        return _read(Path(named))
    ours = f"bt_u{os.geteuid()}"
    own = os.environ.get("XDG_RUNTIME_DIR", "").strip()
    for file in (Path(folder, ours) for folder in (own, SHARED) if folder):
        if file.exists():
            return _own(file) if file.parent == SHARED else _read(file)
    raise Unusable("There is no token: neither in BEARER_TOKEN, BEARER_TOKEN_FILE, nor where WLCG's tools put it.")


def _own(file: Path) -> str:
    """What a file of one's own says. In a folder that everybody shares, somebody else may have put it there."""
    if file.is_symlink() or file.stat().st_uid != os.geteuid():
        raise Unusable(f"The token in {file} is not this user's own.")
    return _read(file)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES + 1).decode("latin-1")
    except OSError as error:
        raise Unusable(f"The token in {file} cannot be read: {error.strerror or type(error).__name__}") from error
