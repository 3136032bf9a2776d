"""Looking at a result, all together: something is always said of it."""

import re
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.look.finding import Finding
from bot.look.looker import Looker, Seen
from bot.look.service import ModerationService
from bot.media import workshop as media
from bot.media.limits import Limits
from bot.media.workshop import Workshop
from tests.look.conftest import Answer, StandIn, nobody
from tests.media import shows
from tests.media.shows import BLACK, WHITE, flicker, tone

FINE = (200, b'{"flagged": false}')
FLAGGED = (200, b'{"flagged": true, "reason": "blood"}')
BROKEN = (404, b"")
NOTHING = {"flashes": 0.0, "red_flashes": 0.0, "loudness": -20.0}
FLASHING = NOTHING | {"flashes": 5.0}
UNREADABLE = {"error": "NotReadableError", "text": "a secret name.mp4 cannot be read"}


async def look(looker: Looker, path: Path) -> Seen:
    return await looker.look(path, "video", "a secret prompt", "some/model")


@pytest.mark.parametrize(("each", "finding"), [(3, Finding.FLASHING), (8, None)])
async def test_a_video_that_flashes_is_found(
    workshop: Workshop, tmp_path: Path, each: int, finding: Finding | None
) -> None:
    """Five times a second, and not quite twice."""
    path = shows.video(tmp_path / "a.mp4", flicker(BLACK, WHITE, each=each))

    assert await look(Looker(workshop), path) == Seen(finding)


@pytest.mark.parametrize(
    ("decibels", "clipped", "finding"),
    [(-40, False, None), (-14, False, None), (40, True, Finding.LOUD)],
)
async def test_a_sound_that_blares_is_found(
    workshop: Workshop,
    tmp_path: Path,
    decibels: float,
    clipped: bool,  # noqa: FBT001 - a case
    finding: Finding | None,
) -> None:
    wave = tone(decibels)
    wave = wave.clip(-1, 1) if clipped else wave

    assert await look(Looker(workshop), shows.sound(tmp_path / "a.wav", wave, wave)) == Seen(
        finding
    )


async def test_what_is_no_media_is_unseen(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"words")

    assert await look(Looker(workshop), tmp_path / "a.mp4") == Seen(Finding.UNSEEN)


async def test_what_takes_too_long_is_unseen(result: Path) -> None:
    slow = Workshop(Limits(wall_seconds=0.001))

    assert await look(Looker(slow), result) == Seen(Finding.UNSEEN)


async def test_a_file_that_is_gone_is_unseen(
    workshop: Workshop, stand_in: StandIn, session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    looker = Looker(workshop, ModerationService(session, stand_in.url))

    assert await look(looker, tmp_path / "gone.mp4") == Seen(Finding.UNSEEN)
    assert stand_in.calls == 0


@pytest.mark.parametrize(
    ("measured", "answer", "seen", "calls"),
    [
        (NOTHING, FINE, Seen(None), 1),
        (NOTHING, FLAGGED, Seen(Finding.SERVICE, "blood"), 1),
        (NOTHING, BROKEN, Seen(Finding.UNSEEN), 1),
        (FLASHING, FLAGGED, Seen(Finding.FLASHING), 0),
        (UNREADABLE, FINE, Seen(Finding.UNSEEN), 1),
        (UNREADABLE, FLAGGED, Seen(Finding.SERVICE, "blood"), 1),
        (UNREADABLE, BROKEN, Seen(Finding.UNSEEN), 1),
    ],
)
async def test_our_own_finding_comes_first_and_no_doubt_is_lost(
    monkeypatch: pytest.MonkeyPatch,
    stand_in: StandIn,
    session: aiohttp.ClientSession,
    result: Path,
    *,
    measured: dict[str, Any],
    answer: Answer,
    seen: Seen,
    calls: int,
) -> None:
    """The service hears nothing of what we object to; what one cannot see, the other may."""
    monkeypatch.setattr(media, "run", _answering(measured))
    stand_in.answers = [answer]

    found = await look(Looker(Workshop(), ModerationService(session, stand_in.url)), result)

    assert (found, stand_in.calls) == (seen, calls)


async def test_the_log_says_why_and_neither_path_nor_prompt_nor_address(
    monkeypatch: pytest.MonkeyPatch, session: aiohttp.ClientSession, result: Path
) -> None:
    monkeypatch.setattr(media, "run", _answering(UNREADABLE))

    with nobody() as address, capture_logs() as logs:
        service = ModerationService(session, f"{address}?key=swordfish")
        seen = await look(Looker(Workshop(), service), result)

    assert seen == Seen(Finding.UNSEEN)
    assert [(line["event"], line["log_level"]) for line in logs] == [
        ("result_not_measured", "warning"),
        ("stamina.retry_scheduled", "warning"),
        ("moderation_service_failed", "warning"),
    ]
    assert logs[0]["error"] == "NotReadableError"
    assert logs[2]["why"] == "the connection broke: ClientConnectorError"
    assert not re.search(r"secret|swordfish|127\.0", repr(logs))


def _answering(answer: dict[str, Any]) -> Any:
    async def run(request: dict[str, Any], limits: Limits) -> dict[str, Any]:  # noqa: ARG001 - as the real one
        return answer

    return run
