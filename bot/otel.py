"""Traces as OpenTelemetry has them, sent by OTLP over HTTP. Its SDK reads its own settings.

A job lives in several tasks, perhaps in several processes, and outlives restarts. So nothing is
handed on: the ids of its trace and of the first span come from its key, and every step finds them.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import datetime
from threading import Thread

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceFlags

from bot import ids
from bot.trace import UNTOLD, Fact, Span

# Seconds that the last spans have to leave the process when it ends.
_LEAVING = 2.0
_FIRST: ContextVar[SpanContext | None] = ContextVar("first_span", default=None)


class Otel:
    """A bot.trace.Tracer that tells an OpenTelemetry collector."""

    def __init__(self, version: str) -> None:
        own = Resource({"service.name": "foley", "service.version": version})
        self._provider = TracerProvider(
            resource=own.merge(OTELResourceDetector().detect()),
            id_generator=_Ids(),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("foley", version)

    def close(self) -> None:
        """Send what is left; whoever does not take it in a moment does not get it."""
        # The library would wait half a minute for a collector that is not there.
        leaving = Thread(target=self._provider.shutdown, daemon=True)
        leaving.start()
        leaving.join(_LEAVING)

    def accepted(self, key: int, **facts: Fact) -> None:
        """See bot.trace."""
        token = _FIRST.set(self._first(key))
        try:
            self._tracer.start_span("job", Context(), attributes=_named(ids.bound() | facts)).end()
        finally:
            _FIRST.reset(token)

    def step(self, name: str, key: int) -> AbstractContextManager[Span]:
        """See bot.trace."""
        return self._span(name, SpanKind.INTERNAL, self._below(key))

    def past(self, name: str, key: int, began: datetime, ended: datetime) -> None:
        """See bot.trace."""
        self._tracer.start_span(
            name, self._below(key), attributes=_named(ids.bound()), start_time=_nanoseconds(began)
        ).end(_nanoseconds(ended))

    def call(self, name: str) -> AbstractContextManager[Span]:
        """See bot.trace."""
        if not trace.get_current_span().get_span_context().is_valid:
            return UNTOLD
        return self._span(name, SpanKind.CLIENT)

    @contextmanager
    def _span(self, name: str, kind: SpanKind, below: Context | None = None) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name,
            below,
            kind,
            attributes=_named(ids.bound()),
            # The text of an error may hold what nobody should read.
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            noted = _Noted(span)
            try:
                yield noted
            except BaseException as error:
                noted.note(failed=True, error=type(error).__name__)
                raise

    def _below(self, key: int) -> Context:
        """Return where the steps of a job belong."""
        return trace.set_span_in_context(trace.NonRecordingSpan(self._first(key)), Context())

    def _first(self, key: int) -> SpanContext:
        """Return the first span of a job, which any process can name, kept or left out as it."""
        digest = hashlib.sha256(f"job {key}".encode()).digest()
        trace_id, span_id = int.from_bytes(digest[:16]), int.from_bytes(digest[16:24])
        decided = self._provider.sampler.should_sample(None, trace_id, "job").decision
        kept = decided is Decision.RECORD_AND_SAMPLE
        flags = TraceFlags(TraceFlags.SAMPLED if kept else TraceFlags.DEFAULT)
        return SpanContext(trace_id, span_id, is_remote=True, trace_flags=flags)


class _Noted:
    """A span that takes facts by their short names."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def note(self, *, failed: bool = False, **facts: Fact) -> None:
        """See bot.trace."""
        self._span.set_attributes(_named(facts))
        if failed:
            self._span.set_status(StatusCode.ERROR)


class _Ids(RandomIdGenerator):
    """Random ids, but for the first span of a job."""

    def generate_span_id(self) -> int:
        """Return the id of the next span."""
        first = _FIRST.get()
        return super().generate_span_id() if first is None else first.span_id

    def generate_trace_id(self) -> int:
        """Return the id of the next trace."""
        first = _FIRST.get()
        return super().generate_trace_id() if first is None else first.trace_id


def _named(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {f"foley.{name}": value for name, value in facts.items()}


def _nanoseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000_000) * 1000
