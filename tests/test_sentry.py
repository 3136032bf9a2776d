"""Sentry, when it is asked for: each bug once, with ids, and without what nobody should read."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.contextvars import bound_contextvars

from bot.config import Settings, SettingsError
from bot.extras import reporter_of
from bot.log import set_up
from bot.sentry import Reporter
from bot.version import version
from tests.receiver import Receiver, receiving
from tests.test_log import _as_before, settings  # noqa: F401 - the fixture gives logging back
from tests.world import open_world, sketch

MARK = "a marked willow"


def events(receiver: Receiver) -> list[dict[str, Any]]:
    """Return what arrived: envelopes are lines of JSON, each item's head before it."""
    found = []
    for path, body in receiver.posts:
        assert path == "/api/7/envelope/"
        head, *items = gzip.decompress(body).decode().splitlines()
        assert "event_id" in json.loads(head)
        assert [json.loads(item)["type"] for item in items[::2]] == ["event"]
        found.append(json.loads(items[1]))
    return found


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


def opened(chosen: Settings) -> closing[Reporter]:
    """Return what reports until the block ends, by when all is sent."""
    found = reporter_of(chosen)
    assert found is not None
    return closing(found)


def dsn(receiver: Receiver) -> str:
    return f"http://a-public-key@127.0.0.1:{receiver.port}/7"


async def test_a_bug_arrives_once_with_ids_and_without_secrets_and_words(
    tmp_path: Path,
    receiver: Receiver,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    async def bug(*_: object, **__: object) -> None:
        prompt = MARK
        raise ZeroDivisionError(f"cannot divide {prompt!r} with a-token-for-tests")

    async with open_world(tmp_path, {"render": sketch}, sentry_dsn=dsn(receiver)) as world:
        with opened(world.settings) as report:
            set_up(world.settings, report)
            await world.ask(MARK, duration=1)
            monkeypatch.setattr(world.app.workers.courier.sender, "send", bug)
            await world.later(30)
            await world.later(30)
        guild, person = world.guild.id, world.mira.id
    (event,) = events(receiver)
    assert capsys.readouterr().out.count("task_failed") == 1
    assert event["tags"] == {"job": "1", "guild": str(guild), "delivery": "1", "worker": "courier"}
    assert (event["transaction"], event["level"]) == ("task_failed", "error")
    assert event["release"] == f"foley@{version()}"
    (raised,) = event["exception"]["values"]
    assert (raised["type"], raised["value"]) == (
        "ZeroDivisionError",
        "cannot divide '[typed]' with ***",
    )
    frames = raised["stacktrace"]["frames"]
    assert frames[-1]["function"] == "bug"
    assert not any("vars" in frame for frame in frames)
    whole = b"".join(gzip.decompress(body) for _, body in receiver.posts).decode()
    # What stands in a line of the code itself is ours.
    for secret in ("sandbox-token", str(person), "a-public-key@"):
        assert secret not in whole


def test_only_errors_with_an_exception_are_reported(
    receiver: Receiver, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = settings(sentry_dsn=dsn(receiver))
    with opened(chosen) as report:
        set_up(chosen, report)
        log = structlog.get_logger("bot.test")
        log.error("no_exception")
        log.warning("passing", exc_info=ValueError("passing"))
        with bound_contextvars(job=7, person=12):
            log.critical("crashed", exc_info=ValueError("the end"))
    (event,) = events(receiver)
    assert (event["transaction"], event["level"]) == ("crashed", "fatal")
    assert event["tags"] == {"job": "7"}
    assert capsys.readouterr().out.count("\n") == 3


def test_an_address_that_is_none_is_said_in_one_sentence() -> None:
    with pytest.raises(SettingsError, match=r"^SENTRY_DSN is wrong: "):
        reporter_of(settings(sentry_dsn="nowhere"))
