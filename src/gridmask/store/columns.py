"""Column types that mean the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, get_origin

import msgspec
from sqlalchemy import DateTime, Dialect, LargeBinary, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from gridmask.domain.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Callable


MOST_PROSE = 16_000
"""So many characters a text of a person may have: in any script, they fit into what MySQL calls a text."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware, at microsecond resolution (promise K5)."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type; those of MySQL drop fractions of a second unless told otherwise."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.DATETIME(fsp=6))
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise InvalidRequest(f"{value!r} has no time zone; times are aware and in UTC.")
        in_utc = value.astimezone(UTC)
        return in_utc if dialect.name == "postgresql" else in_utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is given
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class AsRead(TypeDecorator[Any]):
    """A moment as the driver reads it, which :func:`moment_of` makes one of: for those who read many and need few."""

    impl = NullType
    cache_ok = True


def moment_of(read: datetime | str) -> datetime:
    """The moment that a driver has read."""
    moment = datetime.fromisoformat(read) if isinstance(read, str) else read
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Name(TypeDecorator[str]):
    """A text of limited length. One that is too long is an error on every database, never cut."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type, compared by nothing but its characters."""
        return String(self.length, collation=_collation(dialect))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is given
        """To the database."""
        return None if value is None else _fitting(value, self.length)


class Prose(TypeDecorator[str]):
    """What a person wrote. More than a few pages are an error on every database, never cut."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type, compared by nothing but its characters."""
        return Text(collation=_collation(dialect))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is given
        """To the database."""
        return None if value is None else _fitting(value, MOST_PROSE)


class LongText(TypeDecorator[str]):
    """What a program wrote, however long."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type; that of MySQL ends at 64 KiB unless told otherwise."""
        return _long_text(dialect)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the signature is given
        """To the database."""
        return None if value is None else _written(value)


_SHARED = 8192
"""So many values of a column are remembered by their text."""


class Encoded(TypeDecorator[Any]):
    """A value of a given Python type, kept as JSON text. What is the same in several records is one object."""

    impl = Text
    cache_ok = True

    def __init__(self, of: Any) -> None:  # noqa: ANN401 - any type annotation
        super().__init__()
        self.of = of
        decode: Callable[[str], Any] = msgspec.json.Decoder(of).decode
        # what many rows say is kept once; what can be changed is each row's own
        self._decode = decode if get_origin(of) is dict else lru_cache(_SHARED)(decode)
        self._encode = msgspec.json.Encoder().encode

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type; that of MySQL ends at 64 KiB unless told otherwise."""
        return _long_text(dialect)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401, ARG002 - the signature is given
        """To the database."""
        return None if value is None else self._encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401, ARG002 - the signature is given
        """From the database."""
        return None if value is None else self._decode(value)


class Packed(TypeDecorator[bytes]):
    """Bytes of a program, up to 16 MB."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own type; that of MySQL ends at 64 KiB unless told otherwise."""
        if dialect.name in {"mysql", "mariadb"}:
            return dialect.type_descriptor(mysql.MEDIUMBLOB())
        return LargeBinary()


def exact_collation(*, is_mariadb: bool) -> str:
    """MySQL and MariaDB: by this collation, texts are the same if all their characters are, spaces at the end included."""
    return "utf8mb4_nopad_bin" if is_mariadb else "utf8mb4_0900_bin"


def _long_text(dialect: Dialect) -> TypeEngine[Any]:
    if dialect.name in {"mysql", "mariadb"}:
        return dialect.type_descriptor(mysql.LONGTEXT())
    return Text(collation=_collation(dialect))


def _collation(dialect: Dialect) -> str | None:
    # PostgreSQL sorts as its database was told to, which differs between installations; by characters, all databases agree
    return "C" if dialect.name == "postgresql" else None


def _fitting(text: str, length: int) -> str:
    if len(text) > length:
        raise InvalidRequest(f"{text[:60]!r}... has {len(text):,} characters; {length:,} are allowed.")
    return _written(text)


def _written(text: str) -> str:
    if "\0" in text:
        raise InvalidRequest(f"{text[:60]!r} is no text: what is at character {text.index(chr(0)) + 1} is a null character.")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest(f"{text[:60]!r} is no text: what is at character {error.start + 1} cannot be written.") from None
    return text
