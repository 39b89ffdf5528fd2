"""The portal's routes: a line for every page."""

from __future__ import annotations

from gridmask.portal.audit import page as audit
from gridmask.portal.deeds import page as deeds
from gridmask.portal.downtimes import page as downtimes
from gridmask.portal.element import page as element
from gridmask.portal.frame import assets, search
from gridmask.portal.guard import page as guard
from gridmask.portal.login import pages as login
from gridmask.portal.matrix import compare, exports
from gridmask.portal.matrix import page as matrix
from gridmask.portal.overview import landing, vo
from gridmask.portal.policies import page as policies
from gridmask.portal.policies import versions, workbench
from gridmask.portal.reports import beside
from gridmask.portal.reports import page as reports
from gridmask.portal.sources import pages as sources

PAGES = tuple(
    page.router
    for page in (
        landing,
        vo,
        search,
        matrix,
        compare,
        exports,
        element,
        deeds,
        downtimes,
        workbench,
        versions,
        policies,
        guard,
        sources,
        reports,
        beside,
        audit,
    )
)
"""What answers only addresses of which it knows every parameter."""

OPEN = tuple(page.router for page in (login, assets))
"""What must answer whatever it is asked with: an issuer may send people back with more than we know of."""
