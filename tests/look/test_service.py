"""The operator's moderation service: what it gets, and what its answers mean."""

import re
import runpy
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from bot.look.service import ModerationService, NoVerdictError, Verdict, read_verdict
from tests.documents import ROOT
from tests.look.conftest import Answer, StandIn, nobody

PAGE = (ROOT / "docs" / "moderation-service.md").read_text("utf-8")
FINE = (200, b'{"flagged": false}')
FLAGGED = (200, b'{"flagged": true, "reason": "blood"}')
TOKEN = "open-sesame"


async def judge(
    session: aiohttp.ClientSession, url: str, path: Path, token: str | None = TOKEN
) -> Verdict:
    service = ModerationService(session, url, token)
    return await service.judge(path, "video", "willows, wind", "some/model")


async def test_it_gets_the_file_and_what_was_asked_for_and_nothing_of_anybody(
    stand_in: StandIn, session: aiohttp.ClientSession, result: Path
) -> None:
    await judge(session, stand_in.url, result)

    assert stand_in.parts == {
        "kind": b"video",
        "prompt": b"willows, wind",
        "model": b"some/model",
        "channel_is_age_restricted": b"false",
        "file": result.read_bytes(),
    }
    assert list(stand_in.parts)[-1] == "file"
    assert set(stand_in.headers) == {
        *("Host", "Authorization", "Accept", "Accept-Encoding", "Connection"),
        *("User-Agent", "Content-Length", "Content-Type"),
    }


@pytest.mark.parametrize(("token", "sent"), [(TOKEN, f"Bearer {TOKEN}"), (None, None)])
async def test_the_token_is_sent_if_there_is_one(
    stand_in: StandIn,
    session: aiohttp.ClientSession,
    result: Path,
    token: str | None,
    sent: str | None,
) -> None:
    await judge(session, stand_in.url, result, token)

    assert stand_in.headers.get("Authorization") == sent


@pytest.mark.parametrize(
    ("answer", "verdict"), [(FINE, Verdict(False)), (FLAGGED, Verdict(True, "blood"))]
)
async def test_it_says_what_it_thinks(
    stand_in: StandIn,
    session: aiohttp.ClientSession,
    result: Path,
    answer: Answer,
    verdict: Verdict,
) -> None:
    stand_in.answers = [answer]

    assert await judge(session, stand_in.url, result) == verdict
    assert stand_in.calls == 1


async def test_after_trouble_of_its_own_it_gets_everything_once_more(
    stand_in: StandIn, session: aiohttp.ClientSession, result: Path
) -> None:
    stand_in.answers = [(503, b""), FLAGGED]

    assert await judge(session, stand_in.url, result) == Verdict(True, "blood")
    assert (stand_in.calls, stand_in.parts["file"]) == (2, result.read_bytes())


async def test_after_a_broken_connection_it_gets_everything_once_more(
    stand_in: StandIn, session: aiohttp.ClientSession, result: Path
) -> None:
    stand_in.breaks = 1

    assert await judge(session, stand_in.url, result) == Verdict(False)
    assert stand_in.calls == 2


@pytest.mark.parametrize(
    ("answer", "calls"), [((500, b""), 2), ((302, b""), 1), ((401, b"{}"), 1), ((404, b""), 1)]
)
async def test_without_an_answer_it_is_asked_twice_at_most(
    stand_in: StandIn, session: aiohttp.ClientSession, result: Path, answer: Answer, calls: int
) -> None:
    """A redirect is no answer, and nobody goes where it leads."""
    stand_in.answers = [answer]

    with pytest.raises(NoVerdictError, match=f"status {answer[0]}"):
        await judge(session, stand_in.url, result)

    assert stand_in.calls == calls


async def test_a_service_that_is_not_there_gives_no_verdict(
    session: aiohttp.ClientSession, result: Path
) -> None:
    with nobody() as address, pytest.raises(NoVerdictError, match="the connection broke"):
        await judge(session, address, result)


async def test_a_silent_service_is_not_waited_for_longer_than_it_is_given(
    stand_in: StandIn, session: aiohttp.ClientSession, result: Path
) -> None:
    stand_in.may_answer.clear()
    service = ModerationService(session, stand_in.url, timeout=0.05)

    with pytest.raises(NoVerdictError, match="too long"):
        await service.judge(result, "video", "", "")


async def test_a_retry_is_logged_without_address_token_path_and_prompt(
    stand_in: StandIn, session: aiohttp.ClientSession, result: Path
) -> None:
    stand_in.breaks = 1

    with capture_logs() as logs:
        await judge(session, f"{stand_in.url}?key=swordfish", result)

    assert [line["event"] for line in logs] == ["stamina.retry_scheduled"]
    assert not re.search(rf"swordfish|127\.0|{TOKEN}|secret name|willows", repr(logs))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"[]",
        b"null",
        b"{}",
        b'{"flagged": 1}',
        b'{"flagged": "false"}',
        b'{"flagged": null}',
        b'{"flagged": true, "reason": 5}',
        b'{"flagged": true, "reason": "\xff"}',
        b'{"flagged": true, "reason": "\\ud800"}',
        b"[" * 60_000,
        b'{"flagged": false, "reason": "' + b"x" * 70_000 + b'"}',
    ],
)
def test_what_was_not_agreed_on_is_no_verdict(body: bytes) -> None:
    with pytest.raises(NoVerdictError):
        read_verdict(200, body)


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        (b'{"flagged": true}', Verdict(True)),
        (b'{"flagged": false, "reason": null, "score": 0.2}', Verdict(False)),
        (b'{"flagged": true, "reason": " two\\n lines\\u202e "}', Verdict(True, "two lines")),
        (b'{"flagged": true, "reason": "' + b"x" * 300 + b'"}', Verdict(True, "x" * 199 + "…")),
    ],
)
def test_a_reason_is_one_short_line(body: bytes, verdict: Verdict) -> None:
    assert read_verdict(200, body) == verdict


def test_the_answer_in_the_document_is_one() -> None:
    answer = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert answer is not None

    assert read_verdict(200, answer[1].encode()) == Verdict(True, "blood")


async def test_the_service_in_the_document_works(
    session: aiohttp.ClientSession,
    result: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    example = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert example is not None
    assert len([line for line in example[1].splitlines() if line]) <= 25
    program = tmp_path / "example.py"
    program.write_text(example[1])
    monkeypatch.setenv("OUTPUT_MODERATION_TOKEN", TOKEN)
    async with TestServer(runpy.run_path(str(program))["app"]) as server:
        service = ModerationService(session, str(server.make_url("/look")), TOKEN)

        fine = await service.judge(result, "video", "willows in the wind", "some/model")
        flagged = await service.judge(result, "video", "Willows of BLOOD", "some/model")

    assert (fine, flagged) == (Verdict(False), Verdict(True, "blood"))
