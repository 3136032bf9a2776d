"""What is planned, without any file."""

import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media import sound_plan, video_plan
from bot.media.errors import CannotFitError
from bot.media.facts import Probe
from bot.media.recipes import AudioTarget, Recipe, VideoTarget, overhead

MIB = 1024 * 1024


def film(
    *,
    seconds: float = 20.0,
    width: int = 1280,
    height: int = 720,
    rate: float = 24.0,
    codec: str = "hevc",
    audio: str | None = "aac",
) -> Probe:
    return Probe(
        size=25 * MIB,
        seconds=seconds,
        video_codec=codec,
        pixel_format="yuv420p",
        width=width,
        height=height,
        frames_per_second=rate,
        frames=max(1, round(rate * seconds)),
        video_bytes=24 * MIB,
        container="mp4",
        index_first=True,
        audio_codec=audio,
        audio_bytes=round(16_000 * seconds) if audio else 0,
        channels=2,
        sample_rate=48_000,
    )


films = st.builds(
    film,
    seconds=st.floats(0, 600),
    width=st.integers(1, 4096),
    height=st.integers(1, 4096),
    rate=st.floats(0, 1000),
    codec=st.sampled_from(["hevc", "h264"]),
    audio=st.sampled_from([None, "aac", "flac"]),
)


def _planned(recipe: Recipe, probe: Probe) -> float:
    """Give the bytes that a recipe's streams may come to."""
    size = 0.0
    if isinstance(recipe.video, VideoTarget):
        size += recipe.video.bit_rate / 8 * (probe.seconds + video_plan.BUFFER_SECONDS)
    elif recipe.video:
        size += probe.video_bytes
    if isinstance(recipe.audio, AudioTarget):
        size += (recipe.audio.bit_rate or 0) / 8 * probe.seconds
    elif recipe.audio:
        size += probe.audio_bytes
    return size


def _refused(recipes: Callable[[Probe, int], Iterator[Recipe]], probe: Probe, limit: int) -> bool:
    """Tell whether nothing can be planned; the least that is needed must be over the limit."""
    try:
        next(recipes(probe, limit))
    except CannotFitError as refusal:
        return (refusal.least or 0) > limit
    return False


def _planned_recipes(
    recipes: Callable[[Probe, int], Iterator[Recipe]], probe: Probe, limit: int
) -> Iterator[Recipe]:
    with contextlib.suppress(CannotFitError):
        yield from recipes(probe, limit)


@given(probe=films, limit=st.integers(0, 100 * MIB))
def test_no_plan_is_larger_than_its_limit(probe: Probe, limit: int) -> None:
    planned = list(_planned_recipes(video_plan.video_recipes, probe, limit))

    assert planned or _refused(video_plan.video_recipes, probe, limit)
    for recipe in planned:
        assert _planned(recipe, probe) + overhead(probe.seconds, 0) <= limit


@given(probe=films, limit=st.integers(0, 100 * MIB))
def test_no_video_is_planned_below_the_floor(probe: Probe, limit: int) -> None:
    recipes = _planned_recipes(video_plan.video_recipes, probe, limit)
    targets = [recipe.video for recipe in recipes]

    for target in targets:
        if isinstance(target, VideoTarget):
            pixels = target.width * target.height * target.frames_per_second
            assert target.bit_rate + 1 >= pixels * video_plan.FLOOR_BITS
            assert (target.width % 2, target.height % 2) == (0, 0)


@given(seconds=st.floats(0.1, 600), limit=st.integers(0, 100 * MIB))
def test_no_opus_is_planned_larger_than_its_limit(seconds: float, limit: int) -> None:
    probe = Probe(size=1, seconds=seconds, audio_codec="aac", channels=2)
    recipes = list(_planned_recipes(sound_plan.opus_recipes, probe, limit))

    assert recipes or _refused(sound_plan.opus_recipes, probe, limit)
    rates = [r.audio.bit_rate or 0 for r in recipes if isinstance(r.audio, AudioTarget)]
    assert rates == sorted(rates, reverse=True)
    assert all(rate / 8 * seconds <= limit for rate in rates)


@pytest.mark.parametrize(
    ("mebibytes", "shape"),
    [(25, (1280, 720)), (10, (1280, 720)), (3, (960, 540)), (2, (854, 480)), (1, (640, 360))],
)
def test_a_smaller_limit_makes_a_smaller_picture(mebibytes: int, shape: tuple[int, int]) -> None:
    *_, last = video_plan.video_recipes(film(), mebibytes * MIB)

    first = next(iter(video_plan.video_recipes(film(), mebibytes * MIB)))
    assert isinstance(first.video, VideoTarget)
    assert (first.video.width, first.video.height) == shape
    assert isinstance(last.video, VideoTarget)
    assert last.video.width <= first.video.width


def test_a_standing_video_stays_standing() -> None:
    recipe = next(iter(video_plan.video_recipes(film(width=1080, height=1920), 3 * MIB)))

    assert isinstance(recipe.video, VideoTarget)
    assert (recipe.video.width, recipe.video.height) == (540, 960)


def test_good_streams_in_a_wrong_order_are_copied() -> None:
    probe = film(codec="h264")

    recipe = next(iter(video_plan.video_recipes(probe, 30 * MIB)))

    assert recipe.copies_only


@pytest.mark.parametrize(
    "fault",
    [
        {"width": 67},
        {"height": 45},
        {"pixel_format": "yuv420p10le"},
        {"video_codec": "vp9"},
        {"audio_codec": "opus"},
        {"container": "mov"},
        {"index_first": False},
        {"other_streams": 1},
    ],
)
def test_one_fault_is_enough_to_keep_a_video_from_playing(fault: dict[str, Any]) -> None:
    good = film(codec="h264")

    assert video_plan.plays(good)
    assert not video_plan.plays(dataclasses.replace(good, **fault))
