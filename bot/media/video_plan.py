"""Which recipes make a video play, within a size: decided without opening anything.

The picture keeps its shape while it has enough bits for every pixel; then it becomes smaller, for
a small sharp picture is better than a large one of blocks.
"""

from collections.abc import Iterator
from typing import Literal

from bot.media.errors import CannotFitError
from bot.media.facts import Probe
from bot.media.formats import MP4
from bot.media.recipes import COPY, AudioTarget, Recipe, VideoTarget, overhead

SHORT_EDGES = (1080, 720, 540, 480, 360)
"""Heights of a video that lies, widths of one that stands."""

GOOD_BITS = 0.06
"""Bits for a pixel of a frame: x264 shows few blocks in ordinary scenes from here on."""

FLOOR_BITS = 0.04
"""The same at the smallest shape; below, motion falls into blocks and is not worth posting."""

MOST_BITS = 0.25
"""More is not seen; it keeps a short video from filling whatever is allowed."""

MOST_FRAMES = 60.0
FRAMES_WHEN_TIGHT = 30.0
"""A second; what has to become smaller gives up the smoothness first."""

TRIES = (0.96, 0.8)
"""Shares of the limit to aim at; the rate control may miss the first."""

BUFFER_SECONDS = 1.0
"""How far the rate may run ahead; x264 can spend this much more than rate times length."""

AUDIO_RATES = (128_000, 96_000, 64_000)
AUDIO_SHARE = 0.2
"""The most that sound may take of a tight limit, while a lower rate is left."""

_PLAYABLE_PIXELS = frozenset({"yuv420p", "yuvj420p"})
_AAC_RATES = frozenset({44_100, 48_000})
_LEAST_FRAMES = 1.0
_SHORTEST = 0.04


def plays(probe: Probe) -> bool:
    """Tell whether Discord plays the file where the message stands, on every device."""
    return (
        probe.container == "mp4"
        and probe.index_first is True
        and probe.other_streams == 0
        and _video_plays(probe)
        and _audio_plays(probe)
    )


def video_recipes(probe: Probe, limit: int) -> Iterator[Recipe]:
    """Give what to try, the gentlest first; each aims below `limit` bytes.

    Raises CannotFitError when nothing within the limit is worth looking at.
    """
    if _video_plays(probe):
        yield from _with_the_video_kept(probe, limit)
    for share in TRIES:
        yield _encoded(probe, limit, share)


def least_bytes(probe: Probe) -> int:
    """Give the size of the least that is worth looking at."""
    width, height = _shapes(probe)[-1]
    rate = FLOOR_BITS * width * height * min(_frames(probe), FRAMES_WHEN_TIGHT)
    sound = AUDIO_RATES[-1] if probe.audio_codec else 0
    seconds = max(probe.seconds, _SHORTEST)
    needed = (rate * (seconds + BUFFER_SECONDS) + sound * seconds) / 8
    return round((needed + overhead(seconds, _frames(probe))) / TRIES[0]) + 1


def _video_plays(probe: Probe) -> bool:
    return (
        probe.video_codec == "h264"
        and probe.pixel_format in _PLAYABLE_PIXELS
        and (probe.width or 1) % 2 == 0
        and (probe.height or 1) % 2 == 0
    )


def _audio_plays(probe: Probe) -> bool:
    return probe.audio_codec in {None, "aac"}


def _with_the_video_kept(probe: Probe, limit: int) -> Iterator[Recipe]:
    """Change the container, or only the sound."""
    room = limit - probe.video_bytes - overhead(probe.seconds, _frames(probe))
    if _audio_plays(probe) and probe.audio_bytes <= room:
        yield Recipe(MP4, COPY, COPY if probe.audio_codec else None)
    if probe.audio_codec:
        for rate in AUDIO_RATES:
            if rate / 8 * probe.seconds <= room:
                yield Recipe(MP4, COPY, _aac(probe, rate))
                return


def _encoded(probe: Probe, limit: int, share: float) -> Recipe:
    seconds = max(probe.seconds, _SHORTEST)
    budget = 8 * (limit * share - overhead(seconds, _frames(probe)))
    audio, audio_rate = _sound(probe, budget / seconds)
    rate = (budget - audio_rate * seconds) / (seconds + BUFFER_SECONDS)
    target = _target(probe, rate)
    if target is None:
        raise CannotFitError(limit, max(least_bytes(probe), limit + 1))
    return Recipe(MP4, target, audio)


def _sound(probe: Probe, rate: float) -> tuple[AudioTarget | Literal["copy"] | None, float]:
    """Choose the sound's rate out of the whole rate; what is small and plays is taken over."""
    if not probe.audio_codec:
        return None, 0
    own_rate = probe.audio_bytes * 8 / max(probe.seconds, _SHORTEST)
    if _audio_plays(probe) and own_rate <= max(rate * AUDIO_SHARE, AUDIO_RATES[-1]):
        return COPY, own_rate
    for audio_rate in AUDIO_RATES:
        if audio_rate <= rate * AUDIO_SHARE:
            return _aac(probe, audio_rate), audio_rate
    return _aac(probe, AUDIO_RATES[-1]), AUDIO_RATES[-1]


def _aac(probe: Probe, rate: int) -> AudioTarget:
    sample_rate = probe.sample_rate if probe.sample_rate in _AAC_RATES else 48_000
    channels = min(probe.channels or 2, 2)
    return AudioTarget("aac", rate, sample_rate or 48_000, channels, "fltp")


def _target(probe: Probe, rate: float) -> VideoTarget | None:
    """Choose the largest shape that has enough bits, or the smallest that has just enough."""
    shapes = _shapes(probe)
    for width, height in shapes:
        needed = FLOOR_BITS if (width, height) == shapes[-1] else GOOD_BITS
        for most_frames in (MOST_FRAMES, FRAMES_WHEN_TIGHT):
            frames = min(_frames(probe), most_frames)
            pixels = width * height * frames
            if rate >= pixels * needed:
                return VideoTarget(
                    width, height, frames, most_frames, int(min(rate, pixels * MOST_BITS))
                )
    return None


def _shapes(probe: Probe) -> list[tuple[int, int]]:
    """Give the shapes from the video's own down, as shown, even, without doubles."""
    width, height = (probe.width or 2) * probe.pixel_aspect, float(probe.height or 2)
    if probe.rotation % 180:
        width, height = height, width
    short = min(width, height)
    largest = min(short, SHORT_EDGES[0])
    edges = [largest, *(edge for edge in SHORT_EDGES if edge < largest)]
    return [(_even(width * edge / short), _even(height * edge / short)) for edge in edges]


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _frames(probe: Probe) -> float:
    """Give the frames a second: as they were counted, for headers are often wrong."""
    seconds = max(probe.seconds, _SHORTEST)
    rate = probe.frames / seconds if probe.frames else probe.frames_per_second or FRAMES_WHEN_TIGHT
    return max(_LEAST_FRAMES, min(rate, MOST_FRAMES))
