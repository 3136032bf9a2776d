"""The log: one line an event, and no secret in any of them, at any level."""

import json
import logging
import sys
import threading
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
import structlog
from structlog.contextvars import bound_contextvars

from bot.config import Settings
from bot.log import set_up
from bot.post import NoAnswerError
from tests.world import BEGINNING, World, open_world, sketch

MARK = "a marked willow"
# What concerns all jobs, or none.
ABOUT_NO_JOB = {"commands_synced", "netmind_answered"}

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
    hooks = sys.excepthook, threading.excepthook, warnings.showwarning
    yield
    sys.excepthook, threading.excepthook, warnings.showwarning = hooks
    logging.captureWarnings(capture=False)
    stamina.instrumentation.set_on_retry_hooks(None)
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
    assert (line["message"], line["level"]) == ("careful with knives", "warn")


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


def test_the_keys_that_opentelemetry_reads_are_secrets_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=one%20key, x-other=another")
    set_up(settings())
    logging.getLogger("opentelemetry").error("refused: one key, one%20key, another")
    assert lines(capsys)[0]["message"] == "refused: ***, ***, ***"


def test_a_level_hides_what_is_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings(log_level="warning"))
    structlog.get_logger("bot.test").info("quiet")
    structlog.get_logger("bot.test").warning("loud")
    assert [line["message"] for line in lines(capsys)] == ["loud"]


def test_on_a_terminal_a_line_begins_with_the_time_of_day_and_leaves_out_our_own_files(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(settings(log_format="console"))
    with bound_contextvars(worker="courier", guild=2, delivery=3, job=1):
        structlog.get_logger("bot.jobs.courier").info("delivered", kind="result")
    logging.getLogger("library").info("ready")
    ours, theirs = capsys.readouterr().out.splitlines()
    assert ours[8:].split() == [
        *("[info", "]", "delivered"),
        *("job=1", "guild=2", "delivery=3", "kind=result", "worker=courier"),
    ]
    assert theirs.endswith("[library]")


def test_a_moment_is_written_as_one_reads_it(capsys: pytest.CaptureFixture[str]) -> None:
    set_up(settings())
    structlog.get_logger("bot.test").info("put_off", until=BEGINNING)
    assert lines(capsys)[0]["until"] == "2026-01-01T00:00:00+00:00"


def test_what_ends_a_process_or_a_thread_is_one_line_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(settings())
    error = ValueError("nobody foresaw this")
    sys.excepthook(ValueError, error, None)
    threading.excepthook(threading.ExceptHookArgs((ValueError, error, None, None)))
    crashed, thread = lines(capsys)
    assert (crashed["message"], crashed["level"]) == ("crashed", "error")
    assert (thread["message"], thread["level"]) == ("thread_crashed", "error")
    assert "nobody foresaw this" in crashed["exception"]


def test_a_request_that_is_made_again_is_told_without_what_it_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(settings())
    asked = []

    def ask(**body: object) -> None:
        asked.append(body)
        if len(asked) == 1:
            raise OSError(MARK)

    with stamina.set_testing(True, attempts=2):
        stamina.RetryingCaller().on(OSError)(ask, prompt=MARK)
    (line,) = lines(capsys)
    assert (line["message"], line["error"]) == ("tried_again", "OSError")
    assert MARK not in str(line)


async def test_a_whole_life_tells_whom_each_line_is_about_and_no_secret_at_any_level(
    tmp_path: Any,
    capsys: pytest.CaptureFixture[str],
    quick_retries: None,  # noqa: ARG001 - at work for its sake
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Jobs that are made, cancelled, refused by a NetMind that echoes the key; and two bugs."""
    async with open_world(tmp_path, {"render": sketch}, log_level="debug", log_format="json") as w:
        set_up(w.settings)
        w.netmind.fail_next("create", status=401, body={"detail": f"key {w.netmind.token} {MARK}"})
        await w.ask(MARK, duration=1)
        await w.until_ended()
        w.netmind.fail_next("download", status=403)
        await w.ask(MARK, duration=1)
        await w.until_ended(2)
        await w.ask(MARK, duration=1)
        await w.press_cancel(w.mira, 3)
        await _with_bugs(w, monkeypatch)
        account = w.netmind.user_id
        tokens = [each.token for each in w.env.backend.interactions.values()]
        guild = w.guild.id
    written = capsys.readouterr().out
    events = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    ours = [each for each in events if each["logger"].startswith(("bot.", "cogs."))]
    assert {
        *("job_accepted", "generation_created", "job_finished", "delivered", "submit_failed"),
        *("netmind_out", "job_cancelled", "task_failed", "interaction_failed"),
        *("card_not_edited", "look_failed"),
    } <= {each["message"] for each in ours}
    for each in ours:
        if each["message"] not in ABOUT_NO_JOB:
            assert each.get("guild") == guild, str(each)
            assert each.get("job") or each["message"] == "interaction_failed", each
        if each.get("worker") == "courier":
            assert each.get("delivery"), each
    for secret in ("a-token-for-tests", "sandbox-token", account, MARK, *tokens):
        assert secret not in written
    assert f"{account}/inference/" not in written


async def _with_bugs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a worker and a command fail with what was asked for in the text of the error."""

    async def bug(*_: object, **__: object) -> None:
        raise ZeroDivisionError(f"cannot divide {MARK!r}")

    async def no_answer(*_: object) -> None:
        raise NoAnswerError(f"nobody took {MARK!r}")

    world.tolerated.add(ZeroDivisionError)
    with monkeypatch.context() as patch:
        patch.setattr(world.app.workers.courier.sender, "send", bug)
        patch.setattr(world.app.workers.cards.post, "edit", no_answer)
        world.netmind.fail_next("get", status=500)
        await world.ask(MARK, duration=1)
        for _ in range(4):
            await world.later(60)
    with monkeypatch.context() as patch:
        patch.setattr(world.app.client.services.desk, "accept", bug)
        await world.ask(MARK, duration=1)
