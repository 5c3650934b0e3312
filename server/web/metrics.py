"""Figures for Prometheus, computed when they are asked for: what the ledger holds outlives every restart.

Labels are words of ours (a channel, a status, a queue) or a model's name: never an address, a person, a workbook or a
campaign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from server.domain.figures import Figures, QueueFigures, Waiting
from server.domain.words import CampaignState, Status
from server.errors import TemporaryError
from server.web.app import here

routes = Blueprint("metrics", __name__)

NOT_DRAFTED = "Chosen"
"""The status label of messages whose cell is still empty."""


@routes.get("/metrics")
def metrics() -> Response:
    """The figures of this moment. Without the ledger there are none; a queue that is away is one of them."""
    services = here().services
    try:
        queues: Mapping[str, QueueFigures] | None = services.queue.figures()
    except TemporaryError:
        queues = None
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Moment(services.ledger.figures(), queues, services.clock.now()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


class Moment(Collector):
    """One scrape: `queues` is None while the queue can't be reached."""

    def __init__(self, figures: Figures, queues: Mapping[str, QueueFigures] | None, now: datetime) -> None:
        self._figures = figures
        self._queues = queues
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All families; documented in docs/operator.md."""
        figures = self._figures
        yield self._messages()
        yield _plain("cellback_messages_due", "Approved messages that should leave now", figures.due)
        yield self._campaigns()
        stale = "Messages that changed and whose cells were not computed yet"
        yield _plain("cellback_messages_stale", stale, figures.stale)
        yield from self._waiting("cellback_cell_writes", "Cell writes that are not in their sheet yet", figures.cells)
        yield from self._waiting("cellback_events", "Webhook events that were not processed yet", figures.events)
        yield from self._waiting("cellback_replies", "Replies that were not read yet", figures.replies)
        yield _plain("cellback_replies_unmatched", "Replies that belong to no row", figures.unmatched)
        yield _plain("cellback_queue_up", "Whether the queue (Redis) can be reached", int(self._queues is not None))
        yield from self._of_readers()
        yield from self._of_queues(self._queues or {})

    def _messages(self) -> GaugeMetricFamily:
        words = ["channel", "status"]
        family = GaugeMetricFamily("cellback_messages", "Messages of all campaigns by channel and status", labels=words)
        channels = {channel for channel, _ in self._figures.messages}
        for channel in sorted(channels):  # every word from the start: a rate needs a zero to begin with
            for status in (None, *Status):
                count = self._figures.messages.get((channel, status), 0)
                family.add_metric([channel.value, status.value if status else NOT_DRAFTED], count)
        return family

    def _campaigns(self) -> GaugeMetricFamily:
        family = GaugeMetricFamily("cellback_campaigns", "Campaigns by state", labels=["state"])
        for state in CampaignState:
            family.add_metric([state.value], self._figures.campaigns.get(state, 0))
        return family

    def _waiting(self, name: str, words: str, waiting: Waiting) -> Iterator[GaugeMetricFamily]:
        age = (self._now - waiting.since).total_seconds() if waiting.since else 0.0
        yield _plain(f"{name}_waiting", words, waiting.count)
        yield _plain(f"{name}_oldest_seconds", f"{words}: age of the oldest, 0 without one", max(0.0, age))

    def _of_readers(self) -> Iterator[GaugeMetricFamily]:
        """By prompt and model, both empty for the offline reader."""
        made = ["prompt", "model"]
        reviews = GaugeMetricFamily("cellback_reviews", "Readings that people reviewed", labels=[*made, "right"])
        for prompt, model in dict.fromkeys((prompt, model) for prompt, model, _ in self._figures.reviews):
            for right in (True, False):
                count = self._figures.reviews.get((prompt, model, right), 0)
                reviews.add_metric([prompt, model, "yes" if right else "no"], count)
        calls = GaugeMetricFamily("cellback_model_calls", "Calls of a model", labels=made)
        tokens = GaugeMetricFamily("cellback_model_tokens", "Tokens that they took", labels=[*made, "kind"])
        for one in self._figures.used:
            used, name = one.usage, [one.prompt, one.model]
            calls.add_metric(name, used.calls)
            fresh = {"input": used.input - used.cached, "cached": used.cached, "output": used.output}
            for kind, count in fresh.items():
                tokens.add_metric([*name, kind], count)
        yield from (reviews, calls, tokens)

    def _of_queues(self, queues: Mapping[str, QueueFigures]) -> Iterator[GaugeMetricFamily]:
        waiting = GaugeMetricFamily("cellback_queue_jobs_waiting", "Jobs that wait for a worker", labels=["queue"])
        oldest = GaugeMetricFamily("cellback_queue_oldest_seconds", "Age of the oldest waiting job", labels=["queue"])
        heard = GaugeMetricFamily("cellback_worker_heard_seconds", "Since a worker was heard of", labels=["queue"])
        for queue, found in queues.items():
            waiting.add_metric([queue], found.waiting)
            oldest.add_metric([queue], found.oldest)
            if found.heard is not None:
                heard.add_metric([queue], found.heard)
        yield from (waiting, oldest, heard)


def _plain(name: str, words: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, words, value=value)
