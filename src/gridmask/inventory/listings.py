"""From what a registry's answer lists to a publication."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gridmask.inventory.publication import Publication

if TYPE_CHECKING:
    from gridmask.collectors.listing import Listing


def published(listing: Listing) -> Publication:
    """The publication of ``listing``; what is in it several times, and differs, is in conflict."""
    return Publication.of(
        listing.elements,
        types=listing.types,
        vos=listing.vos,
        unreadable=listing.unreadable,
        conclusive=listing.conclusive,
        problems=listing.problems,
    )
