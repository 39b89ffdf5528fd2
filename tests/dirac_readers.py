"""Those who read DIRAC's tables, as they are: DIRAC's own class, and DiracX's. Each in a process of its own.

DIRAC's lies, unpacked and not installed, in the folder that ``GRIDMASK_TEST_DIRAC`` names. DiracX's belongs to the Python that
``GRIDMASK_TEST_DIRACX`` names, which has ``diracx-db`` and ``diracx-logic`` installed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_DIRAC = """
import asyncio, importlib.util, json, sys, types
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import sessionmaker

class Anything(types.ModuleType):
    __path__ = []
    def __getattr__(self, name):
        return type(name, (), {"__init__": lambda self, *_, **__: None})

class Log:
    def __getattr__(self, name):
        return lambda *said, **_: sys.stderr.write(f"{name}: {said}")

for name in ("DIRAC", "DIRAC.Core", "DIRAC.Core.Base", "DIRAC.Core.Base.DIRACDB", "DIRAC.Core.Utilities",
             "DIRAC.Core.Utilities.ObjectLoader", "DIRAC.Core.Utilities.TimeUtilities", "DIRAC.Core.Utilities.Decorators",
             "DIRAC.ConfigurationSystem", "DIRAC.ConfigurationSystem.Client", "DIRAC.ConfigurationSystem.Client.Utilities",
             "DIRAC.ResourceStatusSystem", "DIRAC.ResourceStatusSystem.Utilities"):
    sys.modules[name] = Anything(name)
sys.modules["DIRAC"].S_OK = lambda value=None: {"OK": True, "Value": value}
sys.modules["DIRAC"].S_ERROR = lambda message="": {"OK": False, "Message": str(message)}

def load(name, path):
    spec = importlib.util.spec_from_file_location(name, f"{sys.argv[1]}/{path}")
    sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]

load("DIRAC.Core.Base.SQLAlchemyDB", "DIRAC/Core/Base/SQLAlchemyDB.py")
own = load("DIRAC.ResourceStatusSystem.DB.ResourceStatusDB", "DIRAC/ResourceStatusSystem/DB/ResourceStatusDB.py")

class Loader:
    def loadObject(self, module, name=None):
        return {"OK": True, "Value": getattr(own, name)}

def ask(connection):
    # its constructor would make tables
    database = own.ResourceStatusDB.__new__(own.ResourceStatusDB)
    database.log, database.objectLoader, database.extensions = Log(), Loader(), []
    database.sessionMaker_o = sessionmaker(bind=connection)
    return [database.select(table, params) for table, params in json.loads(sys.argv[3])]

async def main():
    engine = create_async_engine(sys.argv[2])
    async with engine.connect() as connection:
        answers = await connection.run_sync(ask)
    await engine.dispose()
    print(json.dumps(answers, default=str))

asyncio.run(main())
"""

_DIRACX = """
import asyncio, json, sys
from diracx.db.sql import ResourceStatusDB
from diracx.logic.rss import query

async def main():
    database = ResourceStatusDB(sys.argv[1])
    async with database.engine_context(), database:
        told = {}
        for name in ("storage", "compute", "fts", "site"):
            found = await getattr(query, f"get_{name}_statuses")(database)
            told[name] = {vo: {key: one.model_dump() for key, one in names.items()} for vo, names in found.items()}
        told["date"] = await database.get_resource_status_date(["all"], element_type="ComputeElement")
        told["site date"] = await database.get_site_status_date()
    print(json.dumps(told, default=str))

asyncio.run(main())
"""


def dirac(url: str, *questions: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """What DIRAC's own class answers when asked to select these parameters of these tables."""
    folder = os.environ.get("GRIDMASK_TEST_DIRAC")
    if not folder:
        pytest.skip("there is no DIRAC here: GRIDMASK_TEST_DIRAC names no folder with its package")
    found: list[dict[str, Any]] = _said([sys.executable, "-W", "ignore", "-c", _DIRAC, folder, url, json.dumps(questions)])
    return found


def diracx(url: str) -> dict[str, Any]:
    """What DiracX makes of the tables."""
    python = os.environ.get("GRIDMASK_TEST_DIRACX")
    if not python:
        pytest.skip("there is no DiracX here: GRIDMASK_TEST_DIRACX names no Python with diracx-db and diracx-logic")
    found: dict[str, Any] = _said([str(Path(python)), "-W", "ignore", "-c", _DIRACX, url.replace("asyncmy", "aiomysql")])
    return found


def _said(command: list[str]) -> Any:  # noqa: ANN401 - what JSON holds
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])
