from __future__ import annotations

import ast
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_rpc.door import PATHS, DiracDoor
from gridmask.dirac_rpc.protocol import Errno
from gridmask.dirac_rpc.rights import METHODS
from gridmask.dirac_rpc.tables import CACHES, STATUS_COLUMNS
from tests.dirac_calls import alone
from tests.documentation import reference

if TYPE_CHECKING:
    from gridmask.bootstrap import Installation

PAGE = reference("dirac-rpc")


SERVICES = ("ResourceStatus", "ResourceManagement", "Publisher")
HANDLERS = Path(os.environ.get("GRIDMASK_TEST_DIRAC", "nowhere")) / "DIRAC" / "ResourceStatusSystem" / "Service"


def described(service: str) -> dict[str, tuple[str, ...]]:
    """What is said of each method of a service."""
    return PAGE.section("Methods").section(service).table()


def exported(service: str) -> dict[str, list[str]]:
    """The methods of a service of DIRAC's, and what they call their arguments; none has a default."""
    tree = ast.parse((HANDLERS / f"{service}Handler.py").read_text(encoding="utf-8"))
    methods = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name.startswith("export_")]
    assert not any(one.args.defaults or one.args.kwonlyargs for one in methods)
    of = {one.name.removeprefix("export_"): [arg.arg for arg in one.args.args] for one in methods}
    return {name: [arg for arg in args if arg not in {"self", "cls"}] for name, args in of.items()}


async def test_every_method_takes_the_arguments_that_are_documented(gridmask: Installation) -> None:
    services = DiracDoor(gridmask, alone, alone).services
    for service, path in zip(SERVICES, PATHS, strict=True):
        taken = {method: list(inspect.signature(of).parameters.values())[1:] for method, of in services[path].items()}
        documented = {method: cells[0] for method, cells in described(service).items()}
        assert documented == {method: ", ".join(one.name for one in of) for method, of in taken.items()}
        for method, cells in described(service).items():
            default = None if cells[2] == "clients of 8" else inspect.Parameter.empty
            assert {one.default for one in taken[method]} <= {default}, method


@pytest.mark.skipif(not HANDLERS.is_dir(), reason="DIRAC is not here: GRIDMASK_TEST_DIRAC names no folder with its package")
@pytest.mark.parametrize("service", SERVICES)
def test_every_method_of_diracs_is_documented_with_its_arguments(service: str) -> None:
    release = "9" if "Node" not in (HANDLERS / "PublisherHandler.py").read_text(encoding="utf-8") else "8"
    documented = {
        method: cells[0].split(", ") if cells[0] else []
        for method, cells in described(service).items()
        if release in cells[2].split(", ") and method not in {"ping", "echo", "whoami"}
    }
    assert documented == exported(service)


def test_every_method_is_documented_with_what_it_needs() -> None:
    for service in SERVICES:
        documented = {method: cells[1] for method, cells in described(service).items()}
        assert documented == {method: needs.value for (of, method), needs in METHODS.items() if of == service}


def test_every_table_and_column_is_documented() -> None:
    assert list(PAGE.section("Tables of statuses").table()) == list(STATUS_COLUMNS)
    assert set(PAGE.section("Tables of ResourceManagementDB").table()) == set(CACHES)


def test_every_number_of_an_error_is_documented() -> None:
    assert [number for number in Errno if f"| {number.value} |" not in PAGE.text] == []
