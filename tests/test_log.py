"""The log: one line an event, and no secret in any of them, at any level."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from bot.config import Settings
from bot.log import Redactor, set_up
from tests.world import World, open_world, sketch

SECRETS = {
    "discord_token": "discord-secret-token",
    "netmind_api_token": "netmind-secret-token",
    "database_url": "postgresql://foley:database-secret@host/name",
}


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Give logging back as it was."""
    root = logging.getLogger()
    before = root.level, root.handlers[:]
    yield
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    structlog.reset_defaults()


def settings(**values: Any) -> Settings:
    return Settings.load(_env_file=None, **(SECRETS | {"log_format": "json"} | values))


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_event_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings())
    structlog.get_logger("bot.test").info("job_accepted", job=7, words="a\nb")
    (line,) = lines(capsys)
    assert line["message"] == "job_accepted"
    assert line["level"] == "info"
    assert line["job"] == 7
    assert line["words"] == "a\nb"
    assert line["timestamp"].endswith("Z")


def test_a_librarys_record_is_one_line_of_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings())
    logging.getLogger("library").warning("careful with %s", "knives")
    (line,) = lines(capsys)
    assert (line["message"], line["level"]) == ("careful with knives", "warning")


def test_an_exception_is_one_line_with_its_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings())
    try:
        int("broken")
    except ValueError:
        structlog.get_logger("bot.test").exception("step_failed")
    (line,) = lines(capsys)
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize("level", ["debug", "info"])
@pytest.mark.parametrize("form", ["json", "console"])
def test_no_secret_is_written_in_any_form(
    capsys: pytest.CaptureFixture[str], level: str, form: str
) -> None:
    set_up(settings(log_level=level, log_format=form))
    log = structlog.get_logger("bot.test")
    for secret in ("discord-secret-token", "netmind-secret-token", "database-secret"):
        log.info("event", text=f"Bearer {secret}")
        log.info("event %s", secret)
        log.info("event", nested={"headers": [("Authorization", f"Bearer {secret}")]})
        log.info("event", error=ValueError(f"refused {secret}"))
        log.info("event", raw=secret.encode())
        logging.getLogger("library").info("sent %s", {"token": secret})
        try:
            int(secret)
        except ValueError:
            log.exception("event")
            logging.getLogger("library").exception("event")
    written = capsys.readouterr()
    assert written.out.count("event") >= 18
    assert "-secret" not in written.out
    assert "-secret" not in written.err


def test_a_level_hides_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings(log_level="warning"))
    structlog.get_logger("bot.test").info("quiet")
    structlog.get_logger("bot.test").warning("loud")
    assert [line["message"] for line in lines(capsys)] == ["loud"]


def test_a_secret_that_is_not_set_hides_nothing() -> None:
    assert Redactor(["", "secret"])(None, "info", "a secret word") == "a *** word"


async def test_a_whole_life_at_debug_tells_no_secret(
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
    quick_retries: None,  # noqa: ARG001 - at work for its sake
) -> None:
    """A job made, one failed, one refused by a NetMind that echoes the key."""
    world: World
    async with open_world(tmp_path, {"render": sketch}, log_level="debug", log_format="json") as w:
        world = w
        set_up(world.settings)
        world.netmind.fail_next("create", status=401, body={"detail": f"key {w.netmind.token}"})
        await world.ask("rain", duration=1)
        await world.until_ended()
        world.netmind.fail_next("download", status=403)
        await world.ask("rain", duration=1)
        await world.until_ended(2)
        account = world.netmind.user_id
        tokens = [each.token for each in world.env.backend.interactions.values()]
    written = capsys.readouterr().out
    events = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    assert {"job_accepted", "generation_created", "delivered"} <= {
        event["message"] for event in events
    }
    for secret in ("a-token-for-tests", "sandbox-token", account, *tokens):
        assert secret not in written
    assert "/inference/" not in written
