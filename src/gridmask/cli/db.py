"""``gridmask db``."""

from __future__ import annotations

import typer

from gridmask.cli import db_stats
from gridmask.cli.command import command
from gridmask.cli.session import Session

app = typer.Typer()
db_stats.register(app)


@command(app, "upgrade")
async def upgrade(session: Session) -> None:
    """Bring the database's schema to this program's revision; what is in it stays."""
    from gridmask.store.database import Database

    async with Database(session.settings.database) as database:
        before = await database.schema() if database.exists else None
        await database.upgrade()
        after = await database.schema()
    text = f"The schema is at revision {after}" + (", as before." if before == after else f"; it was at {before or 'none'}.")
    session.out.show(lambda: {"before": before, "after": after}, text)


@command(app, "check")
async def check(session: Session) -> int:
    """Check the database: its schema, and whether what is in it is consistent. Changes nothing."""
    from gridmask.service.in_force import require_something
    from gridmask.store.check import check as check_store
    from gridmask.store.database import Database

    async with Database(session.settings.database) as database:
        require_something(database, session.settings.database)
        findings = await check_store(database)
    told = {"findings": [{"check": one.check, "text": one.text} for one in findings]}
    session.out.show(lambda: told, *([f"{one.check}: {one.text}" for one in findings] or ["The database is as it should be."]))
    return 1 if findings else 0
