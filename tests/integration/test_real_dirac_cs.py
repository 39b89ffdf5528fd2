"""A whole configuration of DIRAC, where a developer has it, counted a second time by its lines alone."""

from __future__ import annotations

from collections import Counter, defaultdict
from time import process_time
from typing import TYPE_CHECKING

import pytest

from gridmask.dirac_cfg import syntax
from gridmask.inventory.dirac.resources import read
from gridmask.inventory.reconcile import reconcile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gridmask.inventory.publication import Publication

Path_ = tuple[str, ...]


@pytest.fixture(scope="module")
def body(shared_data: Path) -> bytes:
    return (shared_data / "dirac-cs" / "resources.cfg").read_bytes()


@pytest.fixture(scope="module")
def found(body: bytes) -> Publication:
    return read(body, "cs")


@pytest.fixture(scope="module")
def sections(body: bytes) -> list[Path_]:
    """The path of each section, by indentation: two blanks for each level, the brace below the name."""
    return [path for path, line in _lines(body) if "=" not in line]


def _lines(body: bytes) -> Iterator[tuple[Path_, str]]:
    way: list[str] = []
    for line in body.decode().splitlines():
        name = line.strip()
        if name not in {"{", "}", ""}:
            del way[(len(line) - len(line.lstrip())) // 2 :]
            way.append(name)
            yield tuple(way), line


def named(sections: list[Path_], length: int, *steps: str) -> list[Path_]:
    """The sections of this depth on whose way these names stand."""
    return [path for path in sections if len(path) == length and all(step in path for step in steps)]


def test_every_section_is_accounted_for(sections: list[Path_], found: Publication) -> None:
    sites = named(sections, 4, "Sites")
    ces = named(sections, 6, "Sites", "CEs")
    queues = named(sections, 8, "Sites", "CEs", "Queues")
    ses = named(sections, 3, "StorageElements")
    assert [len(each) for each in (sites, ces, queues, ses)] == [124, 345, 499, 163]
    listed = Counter(key.type for key in (*found.elements, *found.conflicts))
    assert listed == {
        "Site": len(sites),
        "ComputingElement": len({path[5] for path in ces}),
        "Queue": len({(path[7], path[5]) for path in queues}),
        "StorageElement": len(ses),
        "FTS": 3,
    }
    assert (listed["ComputingElement"], listed["Queue"]) == (316, 474)


def test_what_is_at_several_sites_is_a_conflict_and_nothing_else_is(sections: list[Path_], found: Publication) -> None:
    at: dict[tuple[str, str], set[str]] = defaultdict(set)
    for path in named(sections, 6, "Sites", "CEs"):
        at["ComputingElement", path[5]].add(path[3])
    for path in named(sections, 8, "Sites", "CEs", "Queues"):
        at["Queue", f"{path[7]}@{path[5]}"].add(path[3])
    assert {key[1:] for key in found.conflicts} == {named for named, sites in at.items() if len(sites) > 1}
    assert Counter(key.type for key in found.conflicts) == {"ComputingElement": 19, "Queue": 25}
    for key in found.conflicts:
        (line,) = (problem for problem in found.problems if problem.startswith(f"{key} is listed"))
        assert all(site in line for site in at[key[1:]])


def test_the_problems_are_the_conflicts_and_that_no_ses_site_is_known(found: Publication) -> None:
    assert len(found.problems) == 44 + 1
    assert "163 of 163 SEs are in no site's option SE" in found.problems[0]
    assert found.conclusive


def test_its_vos_are_all_there(body: bytes, found: Publication) -> None:
    said = {vo.strip() for _, line in _lines(body) if line.strip().startswith("VO = ") for vo in line.split("=")[1].split(",")}
    assert found.vos == said == {"atlas", "cms", "osg"}
    assert {vo for element in found.elements.values() for vo in element.offered} == said


def test_every_se_has_its_host_and_what_is_announced_about_it_finds_it(found: Publication) -> None:
    ses = [element for key, element in found.elements.items() if key.type == "StorageElement"]
    assert all(se.hosts for se in ses)
    served = Counter(service for se in ses for service in se.services or {"any"})
    assert served == {"srm": 131, "webdav": 11, "globus-gridftp": 12, "gridftp": 12, "xrootd": 8, "any": 1}


def test_a_site_goes_by_its_name_in_gocdb(found: Publication) -> None:
    sites = [element for key, element in found.elements.items() if key.type == "Site"]
    assert all(len(site.aliases) == 1 and site.key.name.split(".", 1)[1].startswith(site.aliases[0]) for site in sites)


def test_reading_it_twice_changes_nothing(body: bytes, found: Publication) -> None:
    assert not reconcile(found.elements, read(body, "cs"), "cs")


def test_reading_it_takes_well_under_a_second(body: bytes) -> None:
    started = process_time()
    read(body, "cs")
    assert process_time() - started < 1


def test_it_is_written_as_it_was(body: bytes) -> None:
    root = syntax.parse(body, "cs").root
    assert syntax.parse(syntax.written(root).encode(), "cs").root == root
