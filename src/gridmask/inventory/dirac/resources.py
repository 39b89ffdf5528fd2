"""A publication of a whole configuration: what is under ``Resources``, and the VOs of ``Registry``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.dirac_cfg import syntax
from gridmask.domain.errors import MalformedAnswer
from gridmask.inventory.dirac.finds import Finds
from gridmask.inventory.dirac.others import read_catalogs, read_fts, read_message_queues
from gridmask.inventory.dirac.sites import read_sites
from gridmask.inventory.dirac.storage import read_storage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gridmask.dirac_cfg.tree import Section
    from gridmask.inventory.publication import Publication

READERS = (read_sites, read_storage, read_fts, read_catalogs, read_message_queues)
READ = frozenset(
    {
        *("Sites", "StorageElements", "StorageElementBases", "StorageElementGroups"),
        *("FTSEndpoints", "FileCatalogs", "MQServices"),
    }
)
"""The sections of ``Resources`` that are read."""

PROVIDERS = frozenset({"IdProviders", "ProxyProviders"})
"""Sections of which each holds something, but no element."""

SETTINGS = frozenset({"Computing", "Countries", "LogBackends", "LogFilters", "Shares"})
"""Sections that tell how DIRAC itself works."""


def read(body: bytes, source: str) -> Publication:
    """What the text ``body`` publishes.

    Raises:
        MalformedAnswer: it is no configuration, or holds no resources.
    """
    document = syntax.parse(body, source)
    if "Resources" not in document.root.sections:
        raise MalformedAnswer(source, "there is no section Resources in this configuration")
    return published(document.root, source, vos=vos_of(document.root), remarks=document.remarks)


def published(root: Section, source: str, *, vos: Iterable[str] = (), remarks: Iterable[str] = ()) -> Publication:
    """What the configuration ``root`` publishes.

    Args:
        root: the section that holds everything.
        source: the inventory source that the elements belong to.
        vos: names of VOs that are registered there.
        remarks: problems that are known already.

    Raises:
        MalformedAnswer: there is an option where a section should be.
    """
    finds = Finds(source, problems=list(remarks))
    resources = root.section("Resources")
    for reader in READERS:
        reader(resources, finds)
    finds.vos_called(vos)
    finds.problems.extend(_unread(resources))
    return finds.published()


def vos_of(root: Section) -> Iterator[str]:
    """The names of VOs that a configuration of DIRAC registers; one may come twice."""
    registry = root.section("Registry")
    yield from registry.section("VO").sections
    for _, group in registry.section("Groups"):
        yield from group.list("VO")
    yield from root.section("DIRAC").list("VirtualOrganization")


def _unread(resources: Section) -> Iterator[str]:
    held = {name: len(section.sections) for name, section in resources if name in PROVIDERS and section.sections}
    if held:
        told = " and ".join(f"{count:,} of {name}" for name, count in sorted(held.items()))
        yield f"{told} are passed over: they are no elements."
    for name, section in resources:
        if name not in READ | PROVIDERS | SETTINGS:
            yield f"{section.path}{resources.where(name)} is not known: nothing of it is read."
