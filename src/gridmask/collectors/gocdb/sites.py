"""The sites of GOCDB's inventory."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gridmask.collectors.gocdb.extensions import extensions
from gridmask.collectors.gocdb.record import LINK_LIMIT
from gridmask.collectors.gocdb.scopes import offered, scopes
from gridmask.collectors.record import TEXT_LIMIT, WORD_LIMIT, told
from gridmask.collectors.service_names import BUILT_IN
from gridmask.domain.element import SITE, Element, ElementKey

if TYPE_CHECKING:
    from gridmask.collectors.gocdb.record import GocdbRecord

TYPE = BUILT_IN[SITE]

CERTIFIED = "Certified"
CERTIFICATIONS = ("Candidate", "Uncertified", CERTIFIED, "Suspended", "Closed")
"""The stages of a site's life in GOCDB. Only what is certified is in service."""


def key_of(name: str) -> ElementKey:
    """The identity of the site called ``name``."""
    return ElementKey(TYPE.family, TYPE.name, name)


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """A record of a site, by its name."""

    record: GocdbRecord
    name: str

    @property
    def key(self) -> ElementKey:
        """The site's identity."""
        return key_of(self.name)

    def element(self, source: str, vo_scopes: frozenset[str]) -> Element:
        """The site.

        Raises:
            MalformedAnswer: the record says something that cannot be.
        """
        identifier = self.record.text("PRIMARY_KEY", WORD_LIMIT)
        return Element(
            self.key,
            site=self.name,
            offered=offered(self.record, vo_scopes),
            in_service=self.in_service(),
            category=TYPE.category,
            tags=scopes(self.record),
            facts=self.facts(),
            source=source,
            identity=f"site:{identifier}" if identifier else "",
        )

    def in_service(self) -> bool:
        """Whether the site, and with it all that is in it, may be used; so it is where its certification is not told.

        Raises:
            MalformedAnswer: its certification is none that there is.
        """
        status = self.record.text("CERTIFICATION_STATUS")
        if status and status.casefold() not in map(str.casefold, CERTIFICATIONS):
            known = ", ".join(CERTIFICATIONS)
            raise self.record.malformed(f"CERTIFICATION_STATUS is {status!r}; it must be one of {known}.")
        return not status or status.casefold() == CERTIFIED.casefold()

    def facts(self) -> dict[str, object]:
        """What else is told of the site. How to reach its people is not kept."""
        cut = self.record.cut
        return told(
            official_name=cut("OFFICIAL_NAME"),
            description=cut("SITE_DESCRIPTION", TEXT_LIMIT),
            country=cut("COUNTRY"),
            country_code=cut("COUNTRY_CODE"),
            roc=cut("ROC"),
            tier=cut("TIER"),
            certification=cut("CERTIFICATION_STATUS"),
            infrastructure=cut("PRODUCTION_INFRASTRUCTURE"),
            timezone=cut("TIMEZONE"),
            latitude=_degrees(cut("LATITUDE")),
            longitude=_degrees(cut("LONGITUDE")),
            url=self.record.link("GOCDB_PORTAL_URL"),
            home_url=self.record.link("HOME_URL"),
            giis_url=cut("GIIS_URL", LINK_LIMIT),
            extensions=extensions(self.record),
        )


def _degrees(text: str) -> float | None:
    return float(text) if re.fullmatch(r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?", text) else None
