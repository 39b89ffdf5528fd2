"""OpenTelemetry: has steps exported as spans, to where the variables ``OTEL_...`` say.

The only module that knows OpenTelemetry. It takes ``gridmask[otel]``, and is loaded where traces are wanted.
"""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from gridmask import __version__, tracing
from gridmask.domain.errors import InvalidConfiguration
from gridmask.tracing import Facts, Side

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

PATIENCE = 2.0
"""Seconds that the last spans may take to be sent once the process is told to end."""

EXPORTERS = ("otlp", "console", "none")

_KINDS = {Side.INTERNAL: SpanKind.INTERNAL, Side.SERVER: SpanKind.SERVER, Side.CLIENT: SpanKind.CLIENT}
_W3C = TraceContextTextMapPropagator()


class SpanStep:
    """A step that is a span. Of an error, its class is told: its text may have been written by anybody."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._is_over = False

    def __enter__(self) -> Self:
        self._used = trace.use_span(self._span, record_exception=False, set_status_on_exception=False)
        self._used.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # what a caller gave up is no failure of what it had begun
        if error is not None and isinstance(error, Exception):
            self.fail(type(error).__name__)
        self._used.__exit__(None, None, None)
        self.end()

    def note(self, facts: Facts) -> None:
        """See :class:`~gridmask.tracing.Step`."""
        if not self._is_over:
            self._span.set_attributes(dict(facts))

    def call(self, name: str) -> None:
        """See :class:`~gridmask.tracing.Step`."""
        if not self._is_over:
            self._span.update_name(name)

    def fail(self, why: str) -> None:
        """See :class:`~gridmask.tracing.Step`."""
        self.note({"error.type": why})
        if not self._is_over:
            self._span.set_status(Status(StatusCode.ERROR))

    def end(self) -> None:
        """See :class:`~gridmask.tracing.Step`."""
        if not self._is_over:
            self._is_over = True
            self._span.end()


class Spans:
    """A listener that makes spans of steps."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer

    def step(self, name: str, facts: Facts, side: Side, parent: str, cause: object) -> SpanStep:
        """See :class:`~gridmask.tracing.Listener`."""
        span = self._tracer.start_span(name, _context(parent, cause), _KINDS[side], dict(facts), record_exception=False)
        return SpanStep(span)

    def here(self) -> object:
        """See :class:`~gridmask.tracing.Listener`."""
        return trace.get_current_span().get_span_context()

    def header(self) -> str:
        """See :class:`~gridmask.tracing.Listener`."""
        carrier: dict[str, str] = {}
        _W3C.inject(carrier)
        return carrier.get("traceparent", "")

    def ids(self) -> tuple[str, str] | None:
        """See :class:`~gridmask.tracing.Listener`."""
        context = trace.get_current_span().get_span_context()
        if not context.is_valid:
            return None
        return trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)


def _context(parent: str, cause: object) -> Context | None:
    """What a span is part of: what somebody asked for, what led to it earlier, or what is under way (None)."""
    if parent:
        return _W3C.extract({"traceparent": parent}, Context())
    if isinstance(cause, trace.SpanContext) and cause.is_valid:
        return trace.set_span_in_context(trace.NonRecordingSpan(cause), Context())
    return None


@contextmanager
def exporting() -> Iterator[None]:
    """Have steps exported meanwhile.

    Raises:
        InvalidConfiguration: the variables ask for an exporter that is not there.
    """
    provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
    exporter = _exporter()
    if exporter is not None:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        with tracing.heard_by(Spans(provider.get_tracer("gridmask", __version__))):
            yield
    finally:
        # whoever collects traces may be away, and nobody waits for that
        ending = threading.Thread(target=provider.shutdown, name="last traces", daemon=True)
        ending.start()
        ending.join(PATIENCE)
        if ending.is_alive() and exporter is not None:
            exporter.shutdown()


def _resource() -> Resource:
    # what the variables say comes last, and so has the last word
    said = Resource.create()
    name = said.attributes.get(SERVICE_NAME, "")
    unnamed = str(name).startswith("unknown_service")
    own = Resource({SERVICE_NAME: "gridmask", SERVICE_VERSION: __version__})
    return said.merge(own) if unnamed else own.merge(said)


def _exporter() -> SpanExporter | None:
    wanted = os.environ.get("OTEL_TRACES_EXPORTER", "").strip() or EXPORTERS[0]
    if wanted == "none":
        return None
    if wanted == "console":
        return ConsoleSpanExporter()
    if wanted != "otlp":
        raise InvalidConfiguration("OTEL_TRACES_EXPORTER", f"there is no exporter {wanted!r}; there are {', '.join(EXPORTERS)}")
    protocol = os.environ.get("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL") or os.environ.get("OTEL_EXPORTER_OTLP_PROTOCOL")
    if protocol not in {None, "", "http/protobuf"}:
        raise InvalidConfiguration("OTEL_EXPORTER_OTLP_PROTOCOL", f"{protocol!r} is not spoken; write 'http/protobuf'")
    return OTLPSpanExporter()
