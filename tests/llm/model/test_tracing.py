"""Spans of model calls: what is in them, what never is, and that an exporter is never a reason not to work."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.semconv.attributes import error_attributes, server_attributes

from server.domain.plan import Plan, parse_answer_column
from server.domain.words import ChannelName
from server.errors import PermanentError, TemporaryError
from server.llm import tracing
from server.llm.drafter import ModelDrafter
from server.llm.interpreter import ModelInterpreter
from server.llm.offline import OfflineDrafter, OfflineInterpreter
from server.llm.tracing import NONE, Spans, spans
from server.llm.usage import TokenBudget
from server.ports import ReadRequest
from tests.emulators.openai import ModelServer
from tests.emulators.openai.server import KINDS
from tests.llm.model.conftest import client_of, run

PLAN = Plan(
    ChannelName.EMAIL,
    "outbox",
    "Email",
    "Name",
    read_columns=("Name", "Start time", "Room"),
    answer_columns=(parse_answer_column("Availability=Yes|No"),),
    question="Could you please confirm your availability?",
)
ROW = {"Name": "Ana Souza", "Email": "ana@example.org", "Start time": "09:40", "Room": "Blue Hall"}
REPLY = "Yes, but my mother Rosalind comes along"
TEXTS = (
    "Ana",
    "Souza",
    "ana@",
    "09:40",
    "Blue",
    "Hall",
    "Rosalind",
    "mother",
    "confirm",
    "availability",
    "Availability",
)


class Watched:
    """A memory of everything that is exported."""

    def __init__(self) -> None:
        self.memory = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self.memory))
        self.spans = Spans(provider.get_tracer("cellback"))

    @property
    def exported(self) -> list[ReadableSpan]:
        return list(self.memory.get_finished_spans())

    @property
    def text(self) -> str:
        """All of it, names, attributes, events, status and resource."""
        return "\n".join(one.to_json() for one in self.exported)


def work(server: ModelServer, watched: Watched, **more: Any) -> None:
    """A draft, one text for all rows, and a reading, whatever comes of them."""
    client = client_of(server, spans=watched.spans, **more)
    budget = TokenBudget(campaign="c_1")
    drafter = ModelDrafter(client, OfflineDrafter(), budget=budget)
    reader = ModelInterpreter(client, OfflineInterpreter(), budget=budget)
    request = ReadRequest(REPLY, PLAN.question, PLAN, ROW, today="2026-05-01")
    for task in (
        lambda: drafter.draft(PLAN, "Send each their start time, please, by order of Rosalind", ROW),
        lambda: drafter.template(PLAN, "Send each their start time"),
        lambda: drafter.clarify(request),
        lambda: reader.read(request),
    ):
        try:
            run(client, task)  # type: ignore[arg-type]
        except (TemporaryError, PermanentError):
            continue


def test_a_span_tells_model_prompt_campaign_and_tokens(server: ModelServer) -> None:
    watched = Watched()
    work(server, watched)
    first, usage = watched.exported[0], server.calls[0].usage
    assert usage is not None
    drafter = ModelDrafter(client_of(server), OfflineDrafter())
    assert first.name == "chat emulated-1"
    assert dict(first.attributes or {}) == {
        gen_ai_attributes.GEN_AI_OPERATION_NAME: gen_ai_attributes.GenAiOperationNameValues.CHAT.value,
        gen_ai_attributes.GEN_AI_PROVIDER_NAME: gen_ai_attributes.GenAiProviderNameValues.OPENAI.value,
        gen_ai_attributes.GEN_AI_REQUEST_MODEL: "emulated-1",
        gen_ai_attributes.GEN_AI_RESPONSE_MODEL: "emulated-1",
        gen_ai_attributes.GEN_AI_RESPONSE_FINISH_REASONS: ("stop",),
        gen_ai_attributes.GEN_AI_OUTPUT_TYPE: gen_ai_attributes.GenAiOutputTypeValues.JSON.value,
        gen_ai_attributes.GEN_AI_PROMPT_NAME: "draft",
        gen_ai_attributes.GEN_AI_USAGE_INPUT_TOKENS: usage["prompt_tokens"],
        gen_ai_attributes.GEN_AI_USAGE_OUTPUT_TOKENS: usage["completion_tokens"],
        gen_ai_attributes.GEN_AI_USAGE_CACHE_READ_INPUT_TOKENS: usage["prompt_tokens_details"]["cached_tokens"],
        server_attributes.SERVER_ADDRESS: "127.0.0.1",
        "cellback.prompt": drafter.prompt,
        "cellback.campaign": "c_1",
    }


def test_every_try_has_a_span_and_a_failed_one_its_kind(server: ModelServer) -> None:
    watched = Watched()
    server.fault("429")
    server.fault("refusal")
    work(server, watched)
    kinds = [dict(one.attributes or {}).get(error_attributes.ERROR_TYPE) for one in watched.exported]
    assert kinds == ["HTTP 429 requests", "refusal", None, None, None]
    assert [one.status.description for one in watched.exported] == [None] * 5


@pytest.mark.parametrize("kind", ["", *sorted(KINDS - {"hang", "huge", "slow"})])
def test_no_text_of_a_row_a_reply_or_an_instruction_is_ever_exported(server: ModelServer, kind: str) -> None:
    watched = Watched()
    if kind:
        server.fault(kind, times=None)
    work(server, watched)
    assert len(watched.exported) >= 4
    assert [text for text in TEXTS if text in watched.text] == []
    assert server.key not in watched.text
    assert [one.events for one in watched.exported] == [()] * len(watched.exported)


def test_a_server_that_says_a_text_where_its_model_belongs_is_not_repeated(server: ModelServer) -> None:
    watched = Watched()
    with watched.spans.call("draft@1", "small-1", "127.0.0.1") as called:
        called.heard("Ana Souza says hello", "because Ana", TokenBudget().spent)
    assert "Ana" not in watched.text


@pytest.mark.parametrize("variables", [{}, {"OTEL_TRACES_EXPORTER": "none"}, {"OTEL_TRACES_EXPORTER": " "}])
def test_without_an_exporter_there_are_none(variables: dict[str, str]) -> None:
    assert spans(variables) is NONE


def test_they_can_be_switched_off_beside_an_exporter() -> None:
    assert spans({"OTEL_SDK_DISABLED": "true", "OTEL_TRACES_EXPORTER": "console"}) is NONE


@pytest.mark.parametrize(
    "variables",
    [
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "carrier-pigeon"},
        {"OTEL_TRACES_EXPORTER": "nobody-has-it"},
    ],
)
def test_an_exporter_that_is_not_there_is_said_once_and_nothing_fails(
    variables: dict[str, str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    with caplog.at_level(logging.WARNING):
        assert spans(variables) is NONE
    assert [record.message for record in caplog.records] == ["no spans of model calls"]


@pytest.mark.parametrize(
    ("protocol", "wanted"), [("", "otlp_proto_http"), ("grpc", "otlp_proto_grpc"), ("http/protobuf", "otlp_proto_http")]
)
def test_the_protocol_chooses_among_otlps_packages(protocol: str, wanted: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Installed:
        """An entry point of a package that is there."""

        def load(self) -> type[InMemorySpanExporter]:
            return InMemorySpanExporter

    asked: list[str] = []

    def entry_points(group: str, name: str) -> list[Installed]:
        asked.append(f"{group} {name}")
        return [Installed()]

    monkeypatch.setattr("importlib.metadata.entry_points", entry_points)
    variables = {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_PROTOCOL": protocol}
    exporter = tracing._exporter("otlp", variables)
    assert isinstance(exporter, InMemorySpanExporter)
    assert asked == [f"opentelemetry_traces_exporter {wanted}"]
    assert tracing._exporters(variables) == ["otlp"]


def test_an_exporter_that_is_there_gets_them_and_its_service_is_called_cellback() -> None:
    """In a process of its own: what is behind the exporter ends with it."""
    program = (
        "from server.domain.usage import Usage\n"
        "from server.llm.tracing import spans\n"
        "with spans({'OTEL_TRACES_EXPORTER': 'console'}).call('draft@1', 'small-1', 'localhost', 'c_1') as called:\n"
        "    called.heard('small-1', 'stop', Usage(9, 0, 2, 1))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    told = json.loads(done.stderr)
    assert done.stdout == ""
    assert (told["name"], told["resource"]["attributes"]["service.name"]) == ("chat small-1", "cellback")


def test_without_one_nothing_of_opentelemetry_or_openai_is_imported() -> None:
    program = (
        "import sys, server.llm.client, server.llm.tracing\n"
        "server.llm.tracing.spans({})\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'openai', 'opentelemetry', 'httpx2'}])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
