"""DIRAC's own table classes, where DIRAC is: in a folder that ``GRIDMASK_TEST_DIRAC`` names, unpacked and not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

_TOLD = """
import importlib.util, sys, types
from sqlalchemy.dialects import mysql
from sqlalchemy.schema import CreateTable

class Anything(types.ModuleType):
    # what the tables need of the rest of DIRAC is nothing but that it can be imported
    __path__ = []
    def __getattr__(self, name):
        return type(name, (), {})

for name in ("DIRAC", "DIRAC.Core", "DIRAC.Core.Base", "DIRAC.Core.Base.SQLAlchemyDB", "DIRAC.Core.Utilities",
             "DIRAC.Core.Utilities.ObjectLoader", "DIRAC.Core.Utilities.TimeUtilities", "DIRAC.Core.Utilities.Decorators",
             "DIRAC.ResourceStatusSystem", "DIRAC.ResourceStatusSystem.Utilities"):
    sys.modules[name] = Anything(name)
spec = importlib.util.spec_from_file_location("own", sys.argv[1])
own = importlib.util.module_from_spec(spec)
spec.loader.exec_module(own)
base = getattr(own, "rssBase", None) or own.rmsBase
for table in base.metadata.sorted_tables:
    print(str(CreateTable(table).compile(dialect=mysql.dialect())).strip() + ";")
"""


def tables(database: str) -> list[str]:
    """The statements by which DIRAC makes ``database``; where there is no DIRAC, the test is skipped."""
    folder = os.environ.get("GRIDMASK_TEST_DIRAC")
    if not folder:
        pytest.skip("there is no DIRAC here: GRIDMASK_TEST_DIRAC names no folder with its package")
    file = Path(folder) / "DIRAC" / "ResourceStatusSystem" / "DB" / f"{database}.py"
    command = [sys.executable, "-W", "ignore", "-c", _TOLD, str(file)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [statement.strip() for statement in said.split(";\n") if statement.strip()]
