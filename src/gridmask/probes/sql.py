"""``mysql`` and ``postgresql``: a login, and ``SELECT 1``."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from importlib import import_module
from typing import ClassVar
from urllib.parse import unquote

from gridmask.probes.env import ProbeEnv
from gridmask.probes.finding import Finding, NotMade, Unusable, shown, unusable
from gridmask.probes.target import Target
from gridmask.probes.wire import told

GOOD = Finding("OK", "it answers SELECT 1")


async def _login(env: ProbeEnv, target: Target) -> tuple[str, str]:
    """Who logs in, and with which password.

    Raises:
        NotMade: nobody said who.
    """
    if not target.credentials.user:
        raise NotMade("a database wants to know who asks, and this probe has no user")
    return await env.login(target.credentials)


async def _context(env: ProbeEnv, target: Target, *, tls: bool) -> ssl.SSLContext | None:
    return await env.workshop.identities.context(target.credentials.access) if tls else None


@dataclass(frozen=True, slots=True)
class Mysql:
    """MariaDB or MySQL takes the login, and answers ``SELECT 1``. The path is the database.

    Attributes:
        tls: whether the connection must be within TLS.
    """

    schemes: ClassVar[tuple[str, ...]] = ("mysql",)
    url: ClassVar[str] = "mysql://{host}"

    tls: bool = False

    def __post_init__(self) -> None:
        import_module("asyncmy")  # it takes long to load: not when a service is waiting

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        import asyncmy  # noqa: PLC0415 - few probes need it
        from asyncmy import errors  # noqa: PLC0415 - likewise

        user, password = await _login(env, target)
        context = await _context(env, target, tls=self.tls)
        where = target.address
        [address, *_] = await env.addresses(where.host)
        env.doing = f"logging in at {where.host} port {where.port}"
        given = {"user": user, "password": password, "database": unquote(where.path[1:]) or None, "ssl": context}
        try:
            with told(env.doing):
                connection = await asyncmy.connect(
                    host=where.host if context else address, port=where.port, connect_timeout=env.seconds, **given
                )
            try:
                env.doing = "waiting for the answer to SELECT 1"
                async with connection.cursor() as cursor:
                    await cursor.execute("SELECT 1")
                    row = await cursor.fetchone()
            finally:
                connection.close()
        except errors.MySQLError as error:
            if isinstance(cause := error.__cause__ or error.__context__, OSError):
                with told(env.doing):
                    raise cause from None
            reason = f"{env.doing}: {shown(str(error.args[-1] if error.args else error), 200)}"
            raise Unusable(reason) from error
        return GOOD if row == (1,) else unusable(f"it answers SELECT 1 with {row!r}")


@dataclass(frozen=True, slots=True)
class Postgresql:
    """PostgreSQL takes the login, and answers ``SELECT 1``. The path is the database; without one, that of the user.

    Attributes:
        tls: whether the connection must be within TLS, under a certificate that is trusted.
    """

    schemes: ClassVar[tuple[str, ...]] = ("postgresql",)
    url: ClassVar[str] = "postgresql://{host}"

    tls: bool = False

    def __post_init__(self) -> None:
        import_module("psycopg")  # likewise

    async def probe(self, target: Target, env: ProbeEnv) -> Finding:
        """See :class:`~gridmask.probes.conducting.Kind`."""
        import psycopg  # noqa: PLC0415 - likewise
        from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - likewise

        user, password = await _login(env, target)
        where = target.address
        [address, *_] = await env.addresses(where.host)
        env.doing = f"logging in at {where.host} port {where.port}"
        given = {"user": user, "password": password, "dbname": unquote(where.path[1:]), **self._security(target)}
        place = {"host": where.host, "hostaddr": address, "port": str(where.port), "connect_timeout": "0"}
        conninfo = make_conninfo(**place, **{name: value for name, value in given.items() if value})
        try:
            async with await psycopg.AsyncConnection.connect(conninfo) as connection:
                env.doing = "waiting for the answer to SELECT 1"
                found = await connection.execute("SELECT 1")
                row = await found.fetchone()
        except psycopg.Error as error:
            raise Unusable(f"{env.doing}: {shown(str(error), 200)}") from error
        except asyncio.IncompleteReadError as error:
            raise Unusable(f"{env.doing}: the connection was closed") from error
        return GOOD if row == (1,) else unusable(f"it answers SELECT 1 with {row!r}")

    def _security(self, target: Target) -> dict[str, str]:
        if not self.tls:
            return {"sslmode": "prefer"}
        access = target.credentials.access
        files = {
            "sslcert": access.certificate,
            "sslkey": access.key or access.certificate,
            "sslrootcert": access.ca or "system",
        }
        return {"sslmode": "verify-full", **{name: str(file) for name, file in files.items() if file}}
