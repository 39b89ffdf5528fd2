"""Small documents such as GOCDB answers with, made up, and how it divides them into pages."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape, quoteattr

from gridmask.http import Answer, Provenance, Validators

BASE = "https://gocdb.example.org/gocdbpi/public/"
ELSEWHERE = "https://other.example.net/private/"
START, END, CREATED = 1785826800, 1785859200, 1785398400
"""2026-08-04 07:00, 2026-08-04 16:00 and 2026-07-30 08:00, all UTC."""


def results(*records: str, meta: str = "") -> bytes:
    """A ``<results>`` document."""
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<results>{meta}{"".join(records)}</results>'.encode()


def meta(count: int | str, following: object = None) -> str:
    """What is said about a page; ``following`` is the cursor of the next. The links name another host, as real ones may."""
    link = f'<link rel="next" href="{ELSEWHERE}?method=x&amp;scope=&amp;next_cursor={following}"/>'
    return f"<meta>{'' if following is None else link}<count>{count}</count><max_page_size>100</max_page_size></meta>"


def site(
    name: str = "EXAMPLE", key: str = "1G0", scopes: Iterable[str] = ("EGI",), extra: str = "", **fields: str | None
) -> str:
    """A site; ``fields`` replace or, where None, leave out elements of it by name."""
    told = {"PRIMARY_KEY": key, "SHORT_NAME": name, "COUNTRY": "Switzerland", "CERTIFICATION_STATUS": "Certified"}
    return f'<SITE ID="1" PRIMARY_KEY="{key}" NAME={quoteattr(name)}>{_fields(told | fields)}{_scopes(scopes)}{extra}</SITE>'


def service(
    host: str = "ce.example.org",
    kind: str = "ARC-CE",
    key: str = "10G0",
    *,
    scopes: Iterable[str] = ("EGI",),
    urls: Iterable[str] = (),
    extra: str = "",
    **fields: str | None,
) -> str:
    """A service at the site EXAMPLE; ``fields`` replace or, where None, leave out elements of it by name."""
    told = {"PRIMARY_KEY": key, "HOSTNAME": host, "SERVICE_TYPE": kind, "IN_PRODUCTION": "Y", "SITENAME": "EXAMPLE"}
    inside = f"{_fields(told | fields)}{_endpoints('ENDPOINTS', urls)}{_scopes(scopes)}{extra}"
    return f'<SERVICE_ENDPOINT PRIMARY_KEY="{key}">{inside}</SERVICE_ENDPOINT>'


def concerned(host: str | None = "ce.example.org", kind: str | None = "ARC-CE", *urls: str, **fields: str | None) -> str:
    """A service as a downtime names it: what stands in ``<SERVICE>``, or in a record of the flat list."""
    told = {"HOSTNAME": host, "SERVICE_TYPE": kind, "HOSTED_BY": "EXAMPLE"}
    return _fields(told | fields) + _endpoints("AFFECTED_ENDPOINTS", urls)


def downtime(key: str = "7G0", *services: str, **fields: str | None) -> str:
    """A downtime with its services in it, or with what the flat list has instead, given as ``flat``."""
    flat = fields.pop("flat", None)
    told = {
        "SEVERITY": "OUTAGE",
        "DESCRIPTION": "Power work",
        "INSERT_DATE": str(CREATED),
        "START_DATE": str(START),
        "END_DATE": str(END),
        "GOCDB_PORTAL_URL": f"https://gocdb.example.org/portal/?id={key}",
    }
    nested = "".join(f"<SERVICE>{service}</SERVICE>" for service in services or (concerned(),))
    inside = _fields(told | fields) + (f"<SERVICES>{nested}</SERVICES>" if flat is None else flat)
    return f'<DOWNTIME ID="{key.removesuffix("G0")}" PRIMARY_KEY="{key}" CLASSIFICATION="SCHEDULED">{inside}</DOWNTIME>'


def error(words: str) -> bytes:
    """How GOCDB refuses."""
    return f"<error>{escape(words)}</error>".encode()


def page(records: Sequence[str], cursor: int, size: int) -> bytes:
    """The page of ``records``, whose identifiers count from 1, that comes after ``cursor``."""
    shown = records[cursor : cursor + size]
    return results(*shown, meta=meta(len(shown), cursor + len(shown) if shown else None))


@dataclass
class Gocdb:
    """Answers questions by their methods, page by page, in memory; an ``Ask``.

    Attributes:
        records: What it has, by method.
        size: How many records are on a page.
        asked: The URLs that it was asked for.
    """

    records: dict[str, Sequence[str]]
    size: int = 2
    asked: list[str] = field(default_factory=list)

    async def __call__(self, url: str) -> Answer:
        self.asked.append(url)
        return answer(url, self.body(url))

    def body(self, url: str) -> bytes:
        """What is answered to ``url``."""
        query = parse_qs(urlsplit(url).query, keep_blank_values=True)
        records = self.records.get(query["method"][0])
        return error("Unable to find method") if records is None else page(records, int(query["next_cursor"][0]), self.size)


def answer(url: str, body: bytes, size: int | None = None) -> Answer:
    """The answer that has ``body``; ``size`` is a lie about its length."""
    digest = hashlib.sha256(body).hexdigest()
    now = datetime(2026, 8, 4, tzinfo=UTC)
    length = len(body) if size is None else size
    return Answer(body, Provenance(url, now, 200, digest, length, Validators(), timedelta()))


def _fields(fields: dict[str, str] | dict[str, str | None]) -> str:
    return "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items() if text is not None)


def _scopes(scopes: Iterable[str]) -> str:
    return f"<SCOPES>{''.join(f'<SCOPE>{escape(scope)}</SCOPE>' for scope in scopes)}</SCOPES>"


def _endpoints(name: str, urls: Iterable[str]) -> str:
    made = "".join(f"<ENDPOINT><NAME>e</NAME><URL>{escape(url)}</URL></ENDPOINT>" for url in urls)
    return f"<{name}>{made}</{name}>"
