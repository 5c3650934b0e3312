"""Optional OpenTelemetry spans of model calls, by the GenAI semantic conventions: names, counts and kinds of failure.

Never a prompt, an answer, a name, an address or a text of a row. Spans go to the exporter that the usual OTEL_
variables name, through a provider of our own: by the global one, libraries that trace themselves (as Graph does)
would send along what they see.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from server.domain.usage import Usage
from server.errors import CellbackError
from server.llm.completion import NAME

if TYPE_CHECKING:
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span, Tracer

log = logging.getLogger(__name__)

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_OTLP = {"http/protobuf": "otlp_proto_http", "grpc": "otlp_proto_grpc"}
_REASONS = frozenset({"stop", "length", "content_filter", "tool_calls"})


@dataclass(frozen=True, slots=True)
class Called:
    """A call under way, to tell how it ended."""

    span: Span | None = None

    def heard(self, model: str, reason: str, used: Usage) -> None:
        """An answer came: the model as the server named it, why it ended, tokens."""
        if self.span is None:
            return
        self.span.set_attributes(
            {
                "gen_ai.usage.input_tokens": used.input,
                "gen_ai.usage.output_tokens": used.output,
                "gen_ai.usage.cache_read.input_tokens": used.cached,
                **({"gen_ai.response.model": model} if NAME.fullmatch(model) else {}),
                **({"gen_ai.response.finish_reasons": (reason,)} if reason in _REASONS else {}),
            }
        )


class Spans:
    """A span for each call of a model, or none at all without a tracer."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self._tracer = tracer

    @contextmanager
    def call(self, prompt: str, model: str, where: str, campaign: str = "") -> Iterator[Called]:
        """Around one call, with the prompt's id and the campaign's; an error that passes is told by its kind only."""
        if self._tracer is None:
            yield Called()
            return
        from opentelemetry.context import Context
        from opentelemetry.trace import SpanKind

        about = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "openai",  # whose API it speaks, wherever it is
            "gen_ai.request.model": model[:80],
            "gen_ai.output.type": "json",
            "gen_ai.prompt.name": prompt.partition("@")[0],
            "server.address": where,
            "cellback.prompt": prompt,
            **({"cellback.campaign": campaign} if campaign else {}),
        }
        span = self._tracer.start_span(f"chat {model[:80]}", Context(), SpanKind.CLIENT, about)
        try:
            yield Called(span)
        except BaseException as error:
            _failed(span, error)
            raise
        finally:
            span.end()


NONE = Spans()
"""No spans."""


def _failed(span: Span, error: BaseException) -> None:
    """The kind of what went wrong: our own words for it, else its type. No message: that may hold anything."""
    from opentelemetry.trace import Status, StatusCode

    detail = error.detail if isinstance(error, CellbackError) else ""
    span.set_attribute(
        "error.type", detail if re.fullmatch(r"[\w. -]{1,90}", detail, re.ASCII) else type(error).__name__
    )
    span.set_status(Status(StatusCode.ERROR))


def spans(environ: Mapping[str, str]) -> Spans:
    """Spans to the exporter that the environment names; none where it names none, or one that is not installed (said in
    the log, once): spans are never a reason not to work."""
    names = _exporters(environ)
    if not names:
        return NONE
    try:
        return Spans(_tracer(environ, [_exporter(name, environ) for name in names]))
    except Exception as error:  # whatever an exporter of others does not like
        log.warning("no spans of model calls", extra={"exporter": ",".join(names)[:80], "kind": type(error).__name__})
        return NONE


def _exporters(environ: Mapping[str, str]) -> list[str]:
    """Names by the variables that every OpenTelemetry SDK knows; an endpoint alone means OTLP."""
    if environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return []
    wanted = environ.get("OTEL_TRACES_EXPORTER", "").strip()
    if not wanted and any(environ.get(name, "").strip() for name in _ENDPOINTS):
        wanted = "otlp"
    return [name.strip() for name in wanted.split(",") if name.strip() not in {"", "none"}]


def _exporter(name: str, environ: Mapping[str, str]) -> SpanExporter:
    """The exporter of an installed package. Raises LookupError when there is none of that name, and what it raises."""
    from importlib.metadata import entry_points

    if name == "console":  # standard output belongs to commands
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)
    candidates = [name]
    if name == "otlp":
        protocol = next((value for key in _PROTOCOLS if (value := environ.get(key, "").strip())), "")
        candidates = [_OTLP[protocol]] if protocol else list(_OTLP.values())
    for candidate in candidates:
        for found in entry_points(group="opentelemetry_traces_exporter", name=candidate):
            made: Any = found.load()
            exporter: SpanExporter = made()
            return exporter
    raise LookupError(name)


def _tracer(environ: Mapping[str, str], exporters: list[SpanExporter]) -> Tracer:
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = environ.get("OTEL_SERVICE_NAME") or "service.name=" in environ.get("OTEL_RESOURCE_ATTRIBUTES", "")
    provider = TracerProvider(resource=Resource.create({} if named else {"service.name": "cellback"}))
    for exporter in exporters:
        provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("cellback")
