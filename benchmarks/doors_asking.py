"""Asking servers the same in turn, over one connection at a time: what that costs them, and how long it takes."""

from __future__ import annotations

import gzip
import ssl
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, perf_counter
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.doors_processes import spent
from tests.servers import start

if TYPE_CHECKING:
    from tests.servers import Process

HOST = "127.0.0.1"
SECONDS, FEWEST, ROUNDS = 0.8, 3, 3
"""So long a server is asked in a turn, so many times at least, and so many turns it has."""

_TURN = count(1)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that is asked.

    Attributes:
        port: where it listens.
        processes: those that answer, with all that they started.
        database: those of its database.
        tls: how a client comes in; None: without TLS.
    """

    port: int
    processes: tuple[int, ...]
    database: tuple[int, ...]
    tls: ssl.SSLContext | None = None

    def connection(self) -> HTTPConnection:
        """A new connection to it."""
        return HTTPSConnection("localhost", self.port, context=self.tls) if self.tls else HTTPConnection(HOST, self.port)


@dataclass(frozen=True, slots=True)
class Listening:
    """Whatever listens on a port."""

    port: int

    def answers(self) -> bool:
        """Whether a client gets through."""
        connection = HTTPConnection(HOST, self.port, timeout=1)
        try:
            connection.connect()
        except OSError:
            return False
        connection.close()
        return True


def listening(launch: Callable[[int], Process], log: Path) -> tuple[int, Process]:
    """The port and the process of what ``launch`` starts, once it listens."""
    made, process = start(Listening, launch, log)
    return made.port, process


@dataclass(frozen=True, slots=True)
class Question:
    """Something that is asked.

    Attributes:
        what: what it is called.
        path: where it is asked.
        body: what is posted, by the number of the time that it is asked; None: nothing is.
        headers: what goes with it.
        alike: what of an answer must be the same, whoever gives it.
        connects: whether each is asked over a connection of its own.
        status: what the answer must have.
    """

    what: str
    path: str
    alike: Callable[[bytes], object]
    body: Callable[[int], bytes] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    connects: bool = False
    status: int = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request costs: seconds of processor time, those of the database apart; and how long it takes.

    Attributes:
        service: processor time of whoever answers.
        database: processor time of its database.
        middle: the median of the time from asking to the end of the answer.
        late: what 95 of 100 requests do not take.
        size: bytes of the answer.
    """

    service: float
    database: float
    middle: float
    late: float
    size: int

    @property
    def processor(self) -> float:
        """Processor time of all that has to do with it."""
        return self.service + self.database


@dataclass
class _Turns:
    """What was measured of a server so far."""

    server: Server
    walls: list[float] = field(default_factory=list)
    service: float = 0.0
    database: float = 0.0
    size: int = 0

    def cost(self) -> Cost:
        asked = len(self.walls)
        late = quantiles(self.walls, n=20, method="inclusive")[-1]
        return Cost(self.service / asked, self.database / asked, median(self.walls), late, self.size)


def in_turn(servers: Sequence[Server], questions: Sequence[Question]) -> list[Cost]:
    """What its question costs each of ``servers``, asked in turn, so that what disturbs the machine disturbs all."""
    alike = [question.alike(once(server, question).text) for server, question in zip(servers, questions, strict=True)]
    for other in alike[1:]:
        if other != alike[0]:
            raise AnswersDiffer(questions[0].what, alike[0], other)
    turns = [_Turns(server) for server in servers]
    for _ in range(ROUNDS):
        for turn, question in zip(turns, questions, strict=True):
            _take(turn, question)
    return [turn.cost() for turn in turns]


class AnswersDiffer(Exception):
    """Two servers say different things: there is nothing to compare."""

    def __init__(self, what: str, one: object, other: object) -> None:
        super().__init__(f"{what}: the answers differ.\n{str(one)[:1000]}\n{str(other)[:1000]}")


def _take(turn: _Turns, question: Question) -> None:
    connection = turn.server.connection()
    _ask(connection, question, next(_TURN))
    before = spent(turn.server.processes), spent(turn.server.database)
    end, fewest = monotonic() + SECONDS, len(turn.walls) + FEWEST
    while monotonic() < end or len(turn.walls) < fewest:
        started = perf_counter()
        if question.connects:
            connection.close()
            connection = turn.server.connection()
        answer = _ask(connection, question, next(_TURN))
        turn.walls.append(perf_counter() - started)
        turn.size = len(answer.body)
    connection.close()
    turn.service += spent(turn.server.processes) - before[0]
    turn.database += spent(turn.server.database) - before[1]


class Answer(NamedTuple):
    """An answer: its bytes as they came, perhaps packed, and their validator."""

    body: bytes
    packed: bool
    etag: str

    @property
    def text(self) -> bytes:
        """What it says."""
        return gzip.decompress(self.body) if self.packed else self.body


def once(server: Server, question: Question) -> Answer:
    """The answer of ``server``."""
    with closing(server.connection()) as connection:
        return _ask(connection, question, 0)


def _ask(connection: HTTPConnection, question: Question, number: int) -> Answer:
    if question.body is None:
        connection.request("GET", question.path, headers=dict(question.headers))
    else:
        connection.request("POST", question.path, question.body(number), dict(question.headers))
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != question.status:
        raise AnswersDiffer(question.what, question.status, f"{answer.status} {body.decode(errors='replace')}")
    return Answer(body, answer.getheader("Content-Encoding") == "gzip", answer.getheader("ETag", ""))
