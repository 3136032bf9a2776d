"""Metrics for Prometheus: computed when they are asked for, and for who has the token.

Labels are models, states, calls, classes of status and outcomes: nobody's name, number or words.
What the database knows is the same in every process on it (`max`, not `sum`); each says so.
"""

import platform
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from bot.clock import Clock
from bot.counts import Counts, Spread
from bot.jobs.outage import Outage
from bot.pulse import Pulse
from bot.tally import Tally
from bot.version import version
from bot.web.access import Access
from bot.web.health import Findings, Health
from storage import health
from storage.database import Database
from storage.errors import StorageError
from storage.health import Waiting
from storage.states import UNDER_WAY, JobState

log = structlog.get_logger(__name__)

_ALL = " (of all processes on the database)"


@dataclass
class Metrics:
    """Answers GET /metrics."""

    access: Access
    health: Health
    database: Database
    counts: Counts
    tally: Tally
    pulse: Pulse
    outages: Sequence[Outage]
    clock: Clock

    def routes(self) -> list[web.RouteDef]:
        """Return what is served: /metrics."""
        return [web.get("/metrics", self.answer)]

    async def answer(self, request: web.Request) -> web.Response:
        """Give the figures of this moment."""
        if not self.access.bears(request.headers.get("Authorization", "")):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry()
        registry.register(_Given([*await self._families()]))
        ProcessCollector(registry=registry)
        encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        headers = {"Content-Type": content_type, "Cache-Control": "no-store"}
        return web.Response(body=encode(registry), headers=headers)

    async def _families(self) -> list[Metric]:
        families = [*_of_process(self.counts, self.pulse), *_of_health(await self.health.look())]
        if self.outages:
            out = any(outage.reason for outage in self.outages)
            families.append(_gauge("netmind_outage", "Whether NetMind takes no requests", out))
        try:
            await self.tally.look()
            async with self.database.read() as connection:
                waiting = await health.waiting(connection)
        except StorageError as error:
            log.warning("not_counted", error=str(error))
            return families
        return [*families, *self._of_waiting(waiting), *_of_tally(self.tally)]

    def _of_waiting(self, waiting: Waiting) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("foley_jobs", f"Jobs that have not ended{_ALL}", labels=["state"])
        for state, count in waiting.jobs.items():
            jobs.add_metric([state], count)
        yield jobs
        flying = sum(waiting.jobs[state] for state in UNDER_WAY)
        yield _gauge("queue_length", f"Jobs that wait for their turn{_ALL}", _queued(waiting))
        yield _gauge("in_flight", f"Jobs that take a place at NetMind{_ALL}", flying)
        waits = 0.0 if waiting.oldest is None else (self.clock() - waiting.oldest).total_seconds()
        yield _gauge("oldest_waiting_seconds", f"How long the oldest of them waits{_ALL}", waits)
        yield _gauge(
            "deliveries_waiting", f"Messages that are to be posted{_ALL}", waiting.deliveries
        )


class _Given(Collector):
    """What was counted already; the library asks no coroutine."""

    def __init__(self, families: Sequence[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _queued(waiting: Waiting) -> int:
    return waiting.jobs[JobState.QUEUED]


def _of_process(counts: Counts, pulse: Pulse) -> Iterator[Metric]:
    yield InfoMetricFamily(
        "foley_build",
        "What runs",
        value={"version": version(), "python": platform.python_version()},
    )
    calls = CounterMetricFamily(
        "foley_netmind_calls", "Requests to NetMind, tries included", labels=["call", "status"]
    )
    for labels, count in sorted(counts.calls.items()):
        calls.add_metric(labels, count)
    yield calls
    sends = CounterMetricFamily("foley_discord_sends", "Messages to Discord", labels=["outcome"])
    for outcome, count in sorted(counts.sends.items()):
        sends.add_metric([outcome], count)
    yield sends
    yield _histogram(
        "delivery_lag_seconds", "From a job's end to its message in Discord", {"": counts.lag}
    )
    yield _histogram("event_loop_lag_seconds", "How late the event loop is", {"": pulse.lag})


def _of_health(findings: Findings) -> Iterator[Metric]:
    yield _gauge("database_up", "Whether the database answers", findings.database)
    if findings.gateway is not None:
        meaning = "Whether all shards of this process are connected"
        yield _gauge("gateway_connected", meaning, findings.gateway)


def _of_tally(tally: Tally) -> Iterator[Metric]:
    ended = CounterMetricFamily(
        "foley_jobs_ended", f"Jobs that have ended{_ALL}", labels=["model", "state"]
    )
    for (model, state), count in sorted(tally.ended.items()):
        ended.add_metric([model, state], count)
    yield ended
    yield _histogram(
        "making_seconds", f"How long generations took{_ALL}", tally.making, label="model"
    )


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(f"foley_{name}", meaning, value=float(value))


def _histogram(
    name: str, meaning: str, spreads: dict[str, Spread], label: str | None = None
) -> Metric:
    labels = [] if label is None else [label]
    family = HistogramMetricFamily(f"foley_{name}", meaning, labels=labels)
    for value, spread in sorted(spreads.items()):
        bounds = [*map(str, spread.bounds), "+Inf"]
        buckets: list[Any] = [*zip(bounds, spread.within, strict=True)]
        family.add_metric([value] if labels else [], buckets, spread.total)
    return family
