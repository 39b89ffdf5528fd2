"""``Resources/Sites/<domain>/<site>``: the sites, with the computing that they offer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gridmask.domain.element import SITE, Element
from gridmask.inventory.dirac.computing import read_computing
from gridmask.inventory.dirac.finds import TYPES, key_of, told

if TYPE_CHECKING:
    from gridmask.dirac_cfg.tree import Section
    from gridmask.inventory.dirac.finds import Finds


def read_sites(resources: Section, finds: Finds) -> None:
    """Take the sites of ``resources``, and what is at them."""
    for domain, sites in resources.section("Sites"):
        for name, section in sites:
            finds.take(section, key_of(SITE, name), partial(_site, section, name, domain, finds))
            read_computing(section, name, finds)


def _site(section: Section, name: str, domain: str, finds: Finds) -> Element:
    known_as = section.value("Name")
    return Element(
        key_of(SITE, name),
        site=name,
        offered=finds.offered(section),
        category=TYPES.get(SITE).category,
        aliases=(known_as,) if known_as not in ("", name) else (),
        tags=frozenset({domain}),
        facts=told(
            domain=domain,
            country=_country(name),
            tier=_number(section.value("MoUTierLevel")),
            coordinates=section.value("Coordinates"),
            description=section.value("Description"),
        ),
        source=finds.source,
    )


def _country(site: str) -> str:
    """The last part of a site's name, ``DOMAIN.Name.country``, is its country."""
    parts = site.split(".")
    return parts[-1].lower() if len(parts) > 2 else ""


def _number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
