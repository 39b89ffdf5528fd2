"""Both doors beside those for whose clients they are: the services of DIRAC and the routes of DiracX, as they are released.

All tell of the same rows, in databases of one private MariaDB, and are asked the same, in turn, by one client over one
connection, in one run. DIRAC and Gridmask speak TLS with it, Gridmask by an nginx in front, and know it by the proxy of a
certificate; DiracX and Gridmask know it by a token. Each answer is compared before anything is measured. What counts is the
processor time of everything that has a part in an answer: the server, what is in front, the database.

What is not installed is left out, and said.
"""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from benchmarks import doors_dirac, doors_diracx
from benchmarks.doors_asking import Cost, Question, Server, in_turn
from benchmarks.doors_foreign import Found, Missing
from benchmarks.doors_grid import VOS, copy, elements, fill
from benchmarks.doors_ours import behind_nginx, gridmask
from benchmarks.doors_processes import started
from benchmarks.doors_questions import of_dirac, of_diracx, wake
from gridmask.domain.element import Element
from tests.diracx_client import stub_of_diracx
from tests.issuer import ED, Signer
from tests.pki import Pki
from tests.proxies import Holder, Span, proxy
from tests.servers import MariaDB, ServerMissing, mariadb

DATABASE = "gridmask"


@dataclass(frozen=True, slots=True)
class Beside:
    """What a question costs at our door, and at the other, where that is installed."""

    door: str
    elements: int
    what: str
    ours: Cost
    theirs: Cost | None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a run keeps what it needs."""

    folder: Path
    server: MariaDB
    processes: tuple[int, ...]
    pki: Pki
    signer: Signer

    @property
    def url(self) -> str:
        return f"{self.server.url.replace('+asyncmy', '')}/{DATABASE}"


def installed() -> dict[str, Found | Missing]:
    """Whom our doors can be measured beside, by the door."""
    return {"DIRAC": doors_dirac.DIRAC.found(), "DiracX": doors_diracx.DIRACX.found()}


def figures(sizes: Sequence[int], beside: dict[str, Found | Missing]) -> Iterator[Beside]:
    """All figures with so many elements."""
    for size in sizes:
        yield from measure(size, beside)


def measure(size: int, beside: dict[str, Found | Missing]) -> Iterator[Beside]:
    """All figures with so many elements.

    Raises:
        ServerMissing: MariaDB or nginx is not installed.
    """
    made_of = elements(size)
    with ExitStack() as stack:
        place = stack.enter_context(_place())
        place.server.execute(f"CREATE DATABASE {DATABASE}")
        asyncio.run(fill(place.url, made_of))
        ours = stack.enter_context(gridmask(place.folder, place.url, place.signer.url))
        yield from _dirac(stack, place, replace(ours, database=place.processes), beside["DIRAC"], made_of)
        yield from _diracx(stack, place, replace(ours, database=place.processes), beside["DiracX"], made_of)


@contextmanager
def _place() -> Iterator[_Place]:
    before = started()
    with tempfile.TemporaryDirectory(prefix="gridmask-doors-") as name, mariadb() as server, stub_of_diracx() as issuer:
        folder = Path(name)
        yield _Place(folder, server, tuple(started() - before), Pki.made(folder), issuer.signer)


def _dirac(
    stack: ExitStack, place: _Place, ours: Server, found: Found | Missing, made_of: Sequence[Element]
) -> Iterator[Beside]:
    tls = _shows_proxy(place)
    servers = [replace(stack.enter_context(behind_nginx(ours, place.pki)), tls=tls)]
    if isinstance(found, Found):
        theirs = stack.enter_context(doors_dirac.services(found, place.folder, place.server, place.pki, made_of))
        servers.append(replace(theirs, tls=tls, database=place.processes))
        wake(servers[1])
        copy(place.server, "as_dirac", doors_dirac.DATABASE)
    yield from _compared("DIRAC", servers, of_dirac(made_of), len(made_of))


def _diracx(
    stack: ExitStack, place: _Place, ours: Server, found: Found | Missing, made_of: Sequence[Element]
) -> Iterator[Beside]:
    servers = [ours]
    if isinstance(found, Found):
        theirs = stack.enter_context(doors_diracx.routes(found, place.folder, place.server, place.signer.url))
        servers.append(replace(theirs, database=place.processes))
        copy(place.server, "as_diracx", doors_diracx.DATABASE)
    token = place.signer.token(datetime.now(UTC), ED, **_CLAIMS)
    yield from _compared("DiracX", servers, of_diracx(servers, token), len(made_of))


def _compared(door: str, servers: Sequence[Server], asked: Sequence[Sequence[Question]], size: int) -> Iterator[Beside]:
    """``asked``: each question, as it is put to each of ``servers``."""
    for questions in asked:
        ours, *theirs = in_turn(servers, questions[: len(servers)])
        yield Beside(door, size, questions[0].what, ours, theirs[0] if theirs else None)


def _shows_proxy(place: _Place) -> ssl.SSLContext:
    """How a client of DIRAC comes in: with the proxy of a user's certificate, in which a group is claimed."""
    pki = place.pki
    key = load_pem_private_key(pki.key("client").read_bytes(), None)
    assert isinstance(key, EllipticCurvePrivateKey)
    user = Holder(x509.load_pem_x509_certificate(pki.certificate("client").read_bytes()), key)
    shown = proxy(user, Span.around(), group="users").file(place.folder / "proxy.pem")
    context = ssl.create_default_context(cafile=str(pki.ca))
    context.load_cert_chain(shown)
    return context


_CLAIMS: dict[str, Any] = {
    "sub": f"{VOS[0]}:1234",
    "vo": VOS[0],
    "dirac_properties": ["NormalUser"],
    "dirac_group": "users",
    "dirac_policies": {},
    "preferred_username": "user",
    "jti": "0197f6f0-0000-7000-8000-000000000000",
}
"""What DiracX writes into its tokens."""

__all__ = ["Beside", "Missing", "ServerMissing", "figures", "installed", "measure"]
