"""OpenTelemetry, when it is asked for: a job's spans arrive, linked, without words and links."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from bot import trace
from bot.extras import tracing
from tests.receiver import Receiver, receiving
from tests.world import open_world, sketch

MARK = "a marked willow"


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiving() as opened:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{opened.port}")
        yield opened


def spans(collector: Receiver) -> list[Span]:
    """Return the spans that arrived, in the order of their begin."""
    found: list[Span] = []
    for path, body in collector.posts:
        assert path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            names = {each.key: each.value.string_value for each in resource.resource.attributes}
            assert names["service.name"] == "foley"
            for scope in resource.scope_spans:
                found += scope.spans
    return found


def facts(span: Span) -> dict[str, str | int]:
    return {
        each.key.removeprefix("foley."): each.value.string_value or each.value.int_value
        for each in span.attributes
    }


async def test_the_life_of_a_job_is_one_trace(
    tmp_path: Path,
    collector: Receiver,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    with tracing():
        async with open_world(tmp_path, {"render": sketch}) as world:
            world.netmind.fail_next("create", status=429)
            await world.ask(MARK, duration=1)
            await world.until_ended()
            account, guild = world.netmind.user_id, world.guild.id
            url = next(iter(world.netmind.generations))
    own = spans(collector)
    (job,) = (span for span in own if span.name == "job")
    assert {span.trace_id for span in own} == {job.trace_id}
    assert not job.parent_span_id
    assert facts(job) == {"job": 1, "guild": guild, "model": "mmaudio"}
    by_id = {span.span_id: span.name for span in own}
    below = {(by_id[each.parent_span_id], each.name) for each in own if each is not job}
    assert below == {
        ("job", "submit"),
        ("submit", "netmind create"),
        ("job", "watch"),
        ("job", "deliver"),
        ("deliver", "fetch"),
        ("deliver", "discord send"),
    }
    refused, created = (span for span in own if span.name == "netmind create")
    assert (refused.status.code, facts(refused)["status"]) == (Status.STATUS_CODE_ERROR, 429)
    assert created.status.code == Status.STATUS_CODE_UNSET
    assert created.kind == Span.SPAN_KIND_CLIENT
    (watch,) = (span for span in own if span.name == "watch")
    assert watch.end_time_unix_nano - watch.start_time_unix_nano == 15_000_000_000
    (delivery,) = (span for span in own if span.name == "deliver")
    assert facts(delivery) == {
        "job": 1,
        "guild": guild,
        "delivery": 1,
        "kind": "result",
    }
    whole = b"".join(body for _, body in collector.posts)
    for secret in (MARK, account, url, str(world.mira.id), "http://"):
        assert secret.encode() not in whole


async def test_a_job_goes_on_in_another_process_in_the_same_trace(collector: Receiver) -> None:
    with tracing():
        trace.accepted(7, model="m")
    with tracing(), trace.step("submit", 7):
        pass
    first, second = spans(collector)
    assert second.trace_id == first.trace_id
    assert second.parent_span_id == first.span_id


def test_what_is_left_out_is_left_out_as_a_whole(
    collector: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_traceidratio")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "0.5")
    with tracing():
        for key in range(40):
            trace.accepted(key)
            with trace.step("submit", key):
                pass
    kept = spans(collector)
    assert 0 < len(kept) < 80
    for name in ("job", "submit"):
        assert {span.trace_id for span in kept if span.name == name} == {
            span.trace_id for span in kept
        }


def test_an_error_in_a_step_marks_it_and_its_text_stays_here(collector: Receiver) -> None:
    with tracing(), pytest.raises(ValueError, match=MARK), trace.step("submit", 7):
        raise ValueError(MARK)
    (span,) = spans(collector)
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert facts(span) == {"error": "ValueError"}
    assert not span.events


def test_a_request_that_belongs_to_no_job_is_not_traced(collector: Receiver) -> None:
    with tracing(), trace.call("netmind list") as span:
        span.note(status=200)
    assert spans(collector) == []


def test_nothing_is_traced_without_an_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    with tracing():
        assert trace.step("submit", 7) is trace.UNTOLD
        assert trace.call("netmind list") is trace.UNTOLD
