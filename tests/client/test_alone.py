"""The client is a distribution of its own, and needs nothing of the server."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement

import gridmask_client

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "distributions" / "client"
NEEDED = ("httpx2", "msgspec")
ALONE = """
import sys

allowed = {allowed} | sys.stdlib_module_names | set(sys.modules)

class Only:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ModuleNotFoundError(name + " is not there", name=name)

sys.meta_path.insert(0, Only())
import gridmask_client
print(gridmask_client.Client("http://127.0.0.1:9"))
"""


def needed(*names: str) -> Iterator[str]:
    """The packages that come with the distributions called so, and with what these need."""
    for name in names:
        yield name.replace("-", "_")
        wanted = (Requirement(line) for line in requires(name) or ())
        yield from needed(*(one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})))


def test_it_can_be_imported_with_what_it_says_it_needs_and_nothing_else() -> None:
    code = ALONE.format(allowed={*needed(*NEEDED), "gridmask_client"})
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("Client('http://127.0.0.1:9')\n", "")


def test_it_says_what_it_needs_as_the_tree_does() -> None:
    ours, trees = (tomllib.loads((place / "pyproject.toml").read_text())["project"] for place in (HOME, ROOT))
    assert [need.partition(">")[0] for need in ours["dependencies"]] == list(NEEDED)
    assert {*ours["dependencies"]} < {*trees["dependencies"]}
    assert (ours["requires-python"], gridmask_client.__version__) == (trees["requires-python"], trees["version"])


def test_its_licence_is_that_of_the_tree() -> None:
    assert (HOME / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_what_is_built_has_the_client_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path], cwd=HOME, check=True, capture_output=True
    )
    (wheel,) = tmp_path.glob("gridmask_client-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    sources = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src" / "gridmask_client").rglob("*.py")}
    assert {name for name in names if ".dist-info/" not in name} == {*sources, "gridmask_client/py.typed"}
    assert any(name.endswith("/licenses/LICENSE") for name in names)
