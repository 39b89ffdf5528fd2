"""The configuration that DiracX serves, as JSON.

It has the names of DIRAC's, but for the VOs: each has a section of its own in ``Registry``. What there is of resources in it is
today a table of operating systems; sites and storage are still told by DIRAC alone. An extension may well have them: then they
are read as DIRAC's are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from gridmask.dirac_cfg.syntax import DEEPEST
from gridmask.dirac_cfg.tree import Section
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.dirac import resources
from gridmask.inventory.dirac.address import with_path
from gridmask.inventory.dirac.finds import Finds

if TYPE_CHECKING:
    from gridmask.inventory.publication import Publication

PATH = "/api/config/"

NO_RESOURCES = (
    "DiracX tells of no resources: only the VOs of its Registry are taken, and nothing counts as withdrawn. "
    "Sites, storage and the rest come from DIRAC itself, by a source of the kind dirac-cs or dirac-cfg."
)


def address(url: str) -> str:
    """``url`` with the path that the configuration has in every installation, unless it has a path of its own."""
    return with_path(url, PATH)


def read(body: bytes, source: str) -> Publication:
    """What the document ``body`` publishes.

    Raises:
        MalformedAnswer: it is no configuration of DiracX.
    """
    try:
        document = msgspec.json.decode(body)
    except (ValueError, RecursionError) as error:
        raise MalformedAnswer(source, "is not JSON; is this the address of DiracX's configuration?") from error
    if not isinstance(document, dict) or not isinstance(document.get("Registry"), dict):
        raise MalformedAnswer(source, "has no Registry; is this the address of DiracX's configuration?")
    told = document.get("Resources")
    root = section_of({"Resources": told if isinstance(told, dict) else {}}, source)
    vos = tuple(map(str, document["Registry"]))
    if resources.READ.isdisjoint(root.section("Resources").sections):
        return _vos_alone(vos, source)
    return resources.published(root, source, vos=vos)


def section_of(table: Mapping[str, object], place: str, path: str = "", depth: int = 0) -> Section:
    """``table`` as a section: tables are sections, lists are values with commas, and null is nothing.

    Raises:
        MalformedAnswer: it is nested too deep.
    """
    if depth > DEEPEST:
        raise MalformedAnswer(place, f"{path[:200]}... is nested deeper than {DEEPEST}")
    options = {name: _text(value) for name, value in table.items() if value is not None and not isinstance(value, dict)}
    sections = {
        name: section_of(value, place, f"{path}/{name}".lstrip("/"), depth + 1)
        for name, value in table.items()
        if isinstance(value, dict)
    }
    return Section(options, sections, place, path)


def _text(value: object) -> str:
    items = value if isinstance(value, list) else [value]
    return ", ".join(str(item) for item in items if not isinstance(item, list | dict))


def _vos_alone(vos: tuple[str, ...], source: str) -> Publication:
    finds = Finds(source, problems=[NO_RESOURCES], conclusive=False)
    finds.vos_called(vos)
    return finds.published()
