"""A collector of traces for tests: takes what is sent by OTLP over HTTP, and decodes it."""

from __future__ import annotations

import gzip
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1 import trace_pb2

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from opentelemetry.proto.common.v1.common_pb2 import KeyValue


@dataclass(frozen=True, slots=True)
class Span:
    """A span that was sent. The ids are in hexadecimal digits; ``kind`` is OTLP's number, ``error`` whether it failed."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    error: bool
    facts: dict[str, str]


@dataclass(slots=True)
class Collector:
    """What was sent: ``spans``, what is said of who sent them, and the ``bodies`` as they came."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)
    resource: dict[str, str] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def called(self, name: str) -> list[Span]:
        """The spans with this name, in the order in which they ended."""
        return [span for span in self.spans if span.name == name]

    def take(self, body: bytes, headers: dict[str, str]) -> None:
        """Take in one request."""
        self.bodies.append(body)
        self.headers = headers
        for sender in ExportTraceServiceRequest.FromString(body).resource_spans:
            self.resource = _facts(sender.resource.attributes)
            self.spans.extend(_span(one) for scope in sender.scope_spans for one in scope.spans)


def _span(one: trace_pb2.Span) -> Span:
    facts, failed = _facts(one.attributes), one.status.code == trace_pb2.Status.STATUS_CODE_ERROR
    return Span(one.name, one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex(), one.kind, failed, facts)


def _facts(pairs: Iterable[KeyValue]) -> dict[str, str]:
    return {pair.key: str(getattr(pair.value, pair.value.WhichOneof("value") or "string_value")) for pair in pairs}


@contextmanager
def collector() -> Iterator[Collector]:
    """A collector on loopback, until this ends."""
    made = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.take(gzip.decompress(body) if self.headers["Content-Encoding"] == "gzip" else body, dict(self.headers))
            answer = ExportTraceServiceResponse().SerializeToString()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        try:
            yield made
        finally:
            server.shutdown()
