"""The commands of ``gridmask dirac``, put together."""

from __future__ import annotations

import typer

from gridmask.cli.dirac import links, list_status, query_db, query_dtcache, set_status, set_token, sync
from gridmask.cli.dirac.habits import Habits

app = typer.Typer(cls=Habits)
for module in (list_status, set_status, set_token, query_db, query_dtcache, sync, links):
    module.register(app)
