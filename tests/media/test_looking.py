"""What is measured of a file before others see it: how often it flashes, how loud it gets."""

from contextlib import suppress
from pathlib import Path

import av
import numpy as np
import pytest
from av.filter import Graph
from numpy.typing import NDArray

from bot.media.errors import MediaError, NotReadableError, TooHeavyError
from bot.media.flashes import FlashCounter
from bot.media.limits import MIB, Limits
from bot.media.looking import look
from bot.media.measures import Measures
from bot.media.workshop import Workshop
from tests.media import files, shows
from tests.media.shows import BLACK, SIDE, WHITE, even, flicker, tone
from tests.media.test_workshop import _make_picture_huge, _make_video_huge

Picture = NDArray[np.uint8]

RED = even(255, 0, 0)
GRAY_AS_BRIGHT_AS_RED = even(127)
CHECKS = (np.indices((SIDE, SIDE)).sum(axis=0) % 2 * 255).astype(np.uint8)[..., None].repeat(3, 2)


SWING = 75 - 75 * np.cos(np.arange(120) / 60 * 2 * np.pi * 4)
"""Grays that come and go four times a second, at 60 frames."""


def part(share: float, colour: Picture = WHITE) -> Picture:
    """Black, with so much of it in another colour."""
    picture = BLACK.copy()
    rows = round(SIDE * share)
    picture[:rows] = colour[:rows]
    return picture


def flashes(path: Path, pictures: list[Picture], *, fps: int = 30) -> float | None:
    return look(shows.video(path / "a.mp4", pictures, fps=fps), Limits()).flashes


# Flashes.


@pytest.mark.parametrize(
    ("each", "count"), [(1, 15), (2, 7.5), (3, 5), (5, 3), (6, 2.5), (15, 1), (60, 0)]
)
def test_what_goes_on_and_off_flashes_as_often_as_it_comes_back(
    tmp_path: Path, each: int, count: float
) -> None:
    """Every frame is looked at: the quickest flicker there can be is seen."""
    assert flashes(tmp_path, flicker(BLACK, WHITE, each=each)) == count


@pytest.mark.parametrize(("fps", "count"), [(30, 5), (12, 2), (60, 10)])
def test_the_time_of_the_frames_counts_not_their_number(
    tmp_path: Path, fps: int, count: float
) -> None:
    assert flashes(tmp_path, flicker(BLACK, WHITE, each=3, frames=90), fps=fps) == count


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(even(40), even(88), id="dark: less than a tenth of the light there can be"),
        pytest.param(even(235), even(255), id="bright: neither is darker than 0.8"),
        pytest.param(part(0.0), part(0.2), id="less than a quarter of the picture"),
        pytest.param(CHECKS, 255 - CHECKS, id="a fine pattern"),
        pytest.param(even(0, 120, 0), even(100, 100, 100), id="a colour that is not red"),
        pytest.param(even(200, 90, 90), even(124), id="a red that is not saturated"),
    ],
)
def test_what_does_not_count_as_a_flash_in_wcag(
    tmp_path: Path, one: Picture, other: Picture
) -> None:
    path = shows.video(tmp_path / "a.mp4", flicker(one, other, each=3))

    assert look(path, Limits()) == Measures(flashes=0, red_flashes=0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(even(40), even(100), id="dark"),
        pytest.param(even(225), even(255), id="bright"),
        pytest.param(part(0.0), part(0.3), id="more than a quarter"),
        pytest.param(part(0.5), 255 - part(0.5), id="one half while the other does not"),
        pytest.param(even(0, 0, 255), WHITE, id="blue and white"),
    ],
)
def test_what_counts_as_a_flash_in_wcag(tmp_path: Path, one: Picture, other: Picture) -> None:
    assert flashes(tmp_path, flicker(one, other, each=3)) == 5


def test_a_fade_is_half_a_flash_however_many_frames_it_takes(tmp_path: Path) -> None:
    fade = [even(value) for value in range(0, 256, 15)]

    assert flashes(tmp_path, fade) == 0.5
    assert flashes(tmp_path, fade + fade[::-1]) == 1


def test_a_soft_swing_flashes_as_a_hard_one_does(tmp_path: Path) -> None:
    """No two frames of it are a tenth apart; the extremes are."""
    swing = [even(round(value)) for value in SWING]

    assert flashes(tmp_path, swing, fps=60) == 4


def test_each_part_of_the_picture_is_followed_by_itself(tmp_path: Path) -> None:
    """A small part that flickers does not hide that the rest swings."""
    swing = []
    for number, value in enumerate(SWING):
        picture = even(round(value))
        picture[:12] = number % 2 * 255
        swing.append(picture)

    assert flashes(tmp_path, swing, fps=60) == 4


def test_red_that_comes_and_goes_counts_though_it_is_no_brighter(tmp_path: Path) -> None:
    path = shows.video(tmp_path / "a.mp4", flicker(RED, GRAY_AS_BRIGHT_AS_RED, each=3))

    assert look(path, Limits()) == Measures(flashes=0, red_flashes=5)


def test_parts_that_flash_one_after_the_other_do_not_add_up(tmp_path: Path) -> None:
    """Each quarter of the picture flashes twice in its own second."""
    pictures = []
    for quarter in range(4):
        lit = BLACK.copy()
        lit[quarter * 16 : quarter * 16 + 16] = 255
        pictures += flicker(BLACK, lit, each=7, frames=30)

    assert flashes(tmp_path, pictures) == 2


def test_the_worst_second_is_told_wherever_it_is(tmp_path: Path) -> None:
    calm = [BLACK] * 45

    assert flashes(tmp_path, calm + flicker(WHITE, BLACK, each=3, frames=30) + calm) == 5


def test_stamps_that_stand_still_are_one_moment() -> None:
    counter = FlashCounter()
    for number in range(100):
        counter.add(0.0, np.full((18, 32, 3), number % 2 * 255, np.uint8))

    assert counter.flashes == 49.5


@pytest.mark.parametrize("name", ["a.gif", "a.webp"])
@pytest.mark.parametrize(("milliseconds", "count"), [(50, 10), (500, 1), (0, 5)])
def test_a_picture_that_moves_begins_anew_when_it_is_over(
    tmp_path: Path, name: str, milliseconds: int, count: float
) -> None:
    """Two frames are enough to flash for ever; without a time each is shown for 0.1 s."""
    path = shows.animation(tmp_path / name, [BLACK, WHITE], milliseconds=milliseconds)

    assert look(path, Limits()).flashes == count


def test_a_still_picture_has_nothing_to_measure(tmp_path: Path) -> None:
    assert look(files.picture(tmp_path / "a.png", (80, 60)), Limits()) == Measures()


# Loudness.


@pytest.mark.parametrize("decibels", [-23.0, -33.0, 0.0])
def test_a_tone_of_1_khz_on_both_sides_is_as_loud_as_its_peaks_say(
    tmp_path: Path, decibels: float
) -> None:
    """So EBU Tech 3341 has it."""
    wave = tone(decibels)

    found = look(shows.sound(tmp_path / "a.wav", wave, wave), Limits())

    assert found.loudness == pytest.approx(decibels, abs=0.1)


DEEP, SHRILL = tone(-6, hertz=40), tone(-9, hertz=9000)
MIXED = np.concatenate([DEEP, np.random.default_rng(1).normal(0, 0.2, 24_000), SHRILL, tone(-3)])


@pytest.mark.parametrize(
    ("wave", "rate"),
    [(DEEP, 48_000), (SHRILL, 48_000), (MIXED, 48_000), (MIXED, 44_100), (MIXED, 16_000)],
)
def test_loudness_is_what_ffmpegs_own_meter_shows(
    tmp_path: Path, wave: NDArray[np.float64], rate: int
) -> None:
    path = shows.sound(tmp_path / "a.wav", wave, np.roll(wave, 20_000) * 0.5, rate=rate)

    assert look(path, Limits()).loudness == pytest.approx(_ffmpegs_loudest(path), abs=0.3)


def _ffmpegs_loudest(path: Path) -> float:
    """Let the filter ebur128 write its momentary loudness into a file; return the greatest."""
    notes = path.with_suffix(".txt")
    with av.open(str(path)) as container:
        graph = Graph()
        graph.link_nodes(
            graph.add_abuffer(template=container.streams.audio[0]),
            graph.add("ebur128", "metadata=1"),
            graph.add("ametadata", f"mode=print:key=lavfi.r128.M:file={notes}"),
            graph.add("abuffersink"),
        ).configure()
        for frame in [*container.decode(audio=0), None]:
            graph.push(frame)
            with suppress(av.BlockingIOError, av.EOFError):
                while True:
                    graph.pull()
    del graph  # it closes the file
    return max(float(line.split("=")[1]) for line in notes.read_text().splitlines() if "=" in line)


def test_one_side_is_half_as_much_sound_as_both(tmp_path: Path) -> None:
    mono = look(shows.sound(tmp_path / "a.wav", tone(0)), Limits())

    assert mono.loudness == pytest.approx(-3.0, abs=0.1)


def test_the_loudest_moment_is_told_wherever_it_is(tmp_path: Path) -> None:
    quiet = tone(-50, seconds=1.5)
    wave = np.concatenate([quiet, tone(-6, seconds=0.5), quiet])

    found = look(shows.sound(tmp_path / "a.wav", wave, wave), Limits())

    assert found.loudness == pytest.approx(-6.0, abs=0.1)


@pytest.mark.parametrize(("seconds", "loudness"), [(0.4, -6.0), (0.1, -12.0), (0.001, -32.0)])
def test_what_is_shorter_than_a_moment_is_heard_as_less(
    tmp_path: Path, seconds: float, loudness: float
) -> None:
    wave = tone(-6, seconds=seconds)

    found = look(shows.sound(tmp_path / "a.wav", wave, wave), Limits())

    assert found.loudness == pytest.approx(loudness, abs=1)


def test_silence_is_the_floor(tmp_path: Path) -> None:
    assert look(shows.sound(tmp_path / "a.wav", np.zeros(48_000)), Limits()).loudness == -70


def test_samples_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    """A filter that has met one would hear nothing of what comes after it."""
    wave = tone(0)
    wave[100] = np.nan

    with pytest.raises(NotReadableError, match="no numbers"):
        look(shows.sound(tmp_path / "a.wav", wave), Limits())


# Limits, and the child.


async def test_the_child_measures_both_sound_and_video(shelf: Path) -> None:
    found = await Workshop().look(shelf / "good.mp4")

    assert found.flashes is not None
    assert found.red_flashes is not None
    assert found.loudness == pytest.approx(-10.5, abs=1)


async def test_too_little_memory_is_said(shelf: Path) -> None:
    with pytest.raises(TooHeavyError, match="memory"):
        await Workshop(Limits(memory_bytes=96 * MIB)).look(shelf / "good.mp4")


@pytest.mark.parametrize("side", [5_000, 100_000])
def test_a_huge_picture_in_a_tiny_file_is_refused(tmp_path: Path, side: int) -> None:
    bomb = files.picture(tmp_path / "bomb.png", (1, 1), "RGB")
    _make_picture_huge(bomb, side)

    with pytest.raises(TooHeavyError, match="pixels is too large"):
        look(bomb, Limits())


async def test_a_huge_video_in_a_tiny_file_is_refused(tmp_path: Path) -> None:
    bomb = files.video(tmp_path / "bomb.avi", "mjpeg", pixels="yuvj420p", sound=None, frames=3)
    _make_video_huge(bomb, 16_000)

    with pytest.raises(MediaError):
        await Workshop().look(bomb)


@pytest.mark.parametrize(
    ("name", "limits"),
    [
        ("mute.mp4", Limits(frames=20)),
        ("mute.mp4", Limits(media_seconds=0.5)),
        ("tone.wav", Limits(media_seconds=0.5)),
        ("good.mp4", Limits(pixels=4095)),
    ],
)
def test_what_goes_over_a_limit_is_given_up(shelf: Path, name: str, limits: Limits) -> None:
    with pytest.raises(TooHeavyError):
        look(shelf / name, limits)


def test_an_animation_has_as_many_frames_as_a_video_may_have(tmp_path: Path) -> None:
    path = shows.animation(tmp_path / "a.gif", [BLACK, WHITE] * 3, milliseconds=50)

    with pytest.raises(TooHeavyError, match="too many frames"):
        look(path, Limits(frames=5))


@pytest.mark.parametrize("content", [b"", b"words", b"RIFF\x00\x00\x00\x00WAVEfmt "])
def test_what_is_no_media_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)

    with pytest.raises(NotReadableError):
        look(path, Limits())
