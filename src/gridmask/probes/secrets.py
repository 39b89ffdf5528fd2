"""Tokens and passwords, read from their files when they are needed; whether a token still counts."""

from __future__ import annotations

import asyncio
import base64
import binascii
import json
from datetime import UTC, datetime
from pathlib import Path

from gridmask.domain.errors import InvalidConfiguration
from gridmask.http import Access
from gridmask.http.files import unblocked
from gridmask.probes.finding import NotMade

_LONGEST = 4096


async def token_of(access: Access, now: datetime) -> tuple[str, str] | None:
    """The header with the token of ``access``; None if it has none.

    Raises:
        NotMade: it cannot be read, or has expired.
    """
    if not access.token_place:
        return None
    try:
        header = await asyncio.to_thread(access.credential)
    except InvalidConfiguration as error:
        raise NotMade(str(error)) from error
    if header is not None and (expired := expiry(header[1].rpartition(" ")[2])) and expired <= now:
        raise NotMade(f"{access.token_place}: the token expired at {expired:%Y-%m-%d %H:%M} UTC")
    return header


def expiry(token: str) -> datetime | None:
    """Until when ``token`` counts, if it is a JSON Web Token that says so. Nobody checks here whether it is true."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        said = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        return datetime.fromtimestamp(said["exp"], UTC)
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, OSError):
        return None


async def password_in(file: Path | None) -> str:
    """The password in ``file``; empty where there is no file.

    Raises:
        NotMade: it cannot be read, or is none.
    """
    return await asyncio.to_thread(_read, file) if file else ""


def _read(file: Path) -> str:
    try:
        with open(file, "rb", opener=unblocked) as opened:
            written = opened.read(_LONGEST + 1)
        password = written.decode().rstrip("\r\n")
    except OSError as error:
        raise NotMade(f"password_file {file}: cannot be read: {error.strerror or type(error).__name__}") from error
    except UnicodeDecodeError:
        raise NotMade(f"password_file {file}: is no UTF-8 text") from None
    if not password or len(written) > _LONGEST or "\n" in password:
        raise NotMade(f"password_file {file}: holds no password: that is one line")
    return password
