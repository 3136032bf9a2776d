"""What Prometheus reads: true figures, nobody's, for who has the token."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.app import _for_operators, open_app
from bot.jobs.reasons import Reason
from bot.netmind.catalog import Catalog
from bot.pulse import Pulse
from bot.version import version
from bot.web.server import build, serving
from storage.states import OPEN
from tests.storage.makers import add_job, finish
from tests.web.site import GUILD, PERSON, PROMPT, TOKEN, Gone, Site, live_a_day, open_site
from tests.world import World, settings_for

# What a label may be called, and what its value may look like.
LABELS = {"state", "model", "call", "status", "outcome", "le", "version", "python"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with open_site(tmp_path) as opened:
        yield opened


def read(text: str) -> dict[tuple[str, ...], float]:
    """Return each value by its name and the values of its labels, in the order of their names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.mark.parametrize("header", [None, "Bearer wrong", f"Basic {TOKEN}", TOKEN])
async def test_without_the_token_there_is_nothing_to_read(site: Site, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    status, text, answer = await site.get("/metrics", headers=headers)
    assert (status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "foley" not in text


@pytest.mark.parametrize(
    ("settings", "status"),
    [({}, 404), ({"port": 1, "metrics_token": "the-operators-own-token"}, 401)],
)
async def test_the_pages_are_served_only_if_there_is_a_token(
    tmp_path: Path, settings: dict[str, Any], status: int
) -> None:
    chosen = settings_for("http://127.0.0.1:9", tmp_path, **settings)
    async with open_app(chosen, Catalog.load()) as app:
        site = build(None, *_for_operators(app, Pulse()))
        async with (
            serving(site, 0, "127.0.0.1") as port,
            aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session,
        ):
            async with session.get("/metrics") as answer:
                assert answer.status == status
            async with session.get("/status") as answer:
                assert answer.status == (404 if status == 404 else 200)


async def test_nobody_and_nothing_secret_is_in_what_is_read(site: Site) -> None:
    await site.metrics()
    await live_a_day(site)
    site.now += timedelta(seconds=60)
    text = await site.metrics()
    assert 'state="failed"} 0.0' not in text
    for secret in (str(PERSON), str(GUILD), PROMPT, TOKEN):
        assert secret not in text
    found = set(re.findall(r'[{,](\w+)="', text))
    assert found <= LABELS
    assert re.findall(r'="[^"]*\d{6}[^"]*"', text) == []


async def test_the_figures_are_those_of_the_database_and_of_this_process(site: Site) -> None:
    await live_a_day(site)
    site.counts.lag.add(3.0)
    site.pulse.note(0.02)
    values = read(await site.metrics())
    assert values["foley_jobs", "queued"] == values["foley_queue_length",] == 5
    assert values["foley_jobs", "generating"] == values["foley_in_flight",] == 8
    assert {("foley_jobs", state) for state in OPEN} <= values.keys()
    assert 20 <= values["foley_oldest_waiting_seconds",] <= 190
    assert values["foley_deliveries_waiting",] == 0
    assert values["foley_netmind_calls_total", "list", "5xx"] == (site.counts.calls["list", "5xx"])
    assert values["foley_discord_sends_total", "no_answer"] == site.counts.sends["no_answer"] > 0
    assert values["foley_delivery_lag_seconds_bucket", "2.0"] == 0
    assert values["foley_delivery_lag_seconds_bucket", "5.0"] == 1
    assert values["foley_delivery_lag_seconds_sum",] == 3
    assert values["foley_event_loop_lag_seconds_count",] == 1
    assert values["foley_gateway_connected",] == values["foley_database_up",] == 1
    assert values["foley_netmind_outage",] == 0
    assert any(name == "foley_build_info" and version() in rest for name, *rest in values)
    assert values["process_resident_memory_bytes",] > 10**6


async def test_trouble_shows(site: Site) -> None:
    site.gateway = False
    site.outage.begin(Reason.UNAVAILABLE)
    values = read(await site.metrics())
    assert values["foley_netmind_outage",] == 1
    assert values["foley_gateway_connected",] == 0


async def test_jobs_count_from_the_first_look_on_and_once(site: Site) -> None:
    """An event counts when it has been there for a while: another may still come before it."""

    async def finished(number: int) -> None:
        async with site.database.write() as connection:
            await finish(connection, await add_job(connection, number), 7, now=site.now)

    async def counts() -> tuple[float, ...]:
        values = read(await site.metrics())
        return (
            values["foley_jobs_ended_total", "stable-audio", "finished"],
            values["foley_making_seconds_bucket", "5.0", "stable-audio"],
            values["foley_making_seconds_bucket", "10.0", "stable-audio"],
        )

    await finished(1)
    site.now += timedelta(seconds=30)
    assert await counts() == (0, 0, 0)
    await finished(2)
    await finished(3)
    assert await counts() == (0, 0, 0)
    site.now += timedelta(seconds=30)
    assert await counts() == (2, 0, 2)
    assert await counts() == (2, 0, 2)


async def test_without_its_database_a_process_tells_of_itself(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site.database, "read", Gone)
    values = read(await site.metrics())
    assert values["foley_database_up",] == 0
    assert "foley_queue_length" not in {name for name, *_ in values}
    assert values["foley_gateway_connected",] == 1


async def test_a_reader_of_openmetrics_is_answered_in_it(site: Site) -> None:
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse

    accept = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5"
    text = await site.metrics(Accept=accept)
    families = parse(text)  # type: ignore[no-untyped-call] # the library's own reader
    assert "foley_netmind_calls" in {family.name for family in families}


async def test_what_the_running_bot_does_is_counted(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.until_ended()
    counts = world.app.counts
    assert counts.calls["create", "2xx"] == 1
    assert sum(count for (_, group), count in counts.calls.items() if group == "2xx") == (
        world.app.netmind.calls.total()
    )
    assert +counts.sends == {"posted": 1}
    assert counts.lag.within[-1] == 1
