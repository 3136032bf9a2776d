"""Look a file through for what may hurt whoever sees or hears it: measured, not judged."""

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray
from PIL import Image, ImageSequence, UnidentifiedImageError

from bot.media.errors import NotReadableError, TooHeavyError
from bot.media.flashes import GRID, WINDOW, FlashCounter
from bot.media.limits import Limits
from bot.media.loudness import LoudnessMeter
from bot.media.measures import Measures
from bot.media.picture import open_picture
from bot.media.reading import audio_of, check_pixels, decoded, open_media, video_of

_USUAL = 0.1
"""Seconds for which a picture of an animation is shown that does not say, or says almost nothing;
so do browsers."""
_SHORTEST = 0.02
_FRAME = 1 / 24
"""Seconds from a video's frame to the next that has no stamp."""

Picture = NDArray[np.uint8]


def look(path: Path, limits: Limits) -> Measures:
    """Decode a whole file and measure it. Raises NotReadableError, TooHeavyError."""
    try:
        return _look_at_picture(path, limits)
    except UnidentifiedImageError:
        return _look_at_media(path, limits)


# Pictures that move.


def _look_at_picture(path: Path, limits: Limits) -> Measures:
    with open_picture(path, limits) as image:
        shown = [(_seconds(frame), _grid(frame)) for frame in _frames(image, limits)]
    if len(shown) == 1:
        return Measures()
    counter = FlashCounter()
    for time, picture in _repeated(shown):
        counter.add(time, picture)
    return Measures(flashes=counter.flashes, red_flashes=counter.red_flashes)


def _frames(image: Image.Image, limits: Limits) -> Iterator[Image.Image]:
    for number, frame in enumerate(ImageSequence.Iterator(image)):
        if number >= limits.frames:
            raise TooHeavyError("the picture has too many frames")
        yield frame


def _seconds(frame: Image.Image) -> float:
    frame.load()  # only then is it known
    seconds = float(frame.info.get("duration", 0)) / 1000
    return seconds if seconds >= _SHORTEST else _USUAL


def _grid(frame: Image.Image) -> Picture:
    return np.asarray(frame.convert("RGB").resize(GRID, Image.Resampling.BOX))


def _repeated(shown: list[tuple[float, Picture]]) -> Iterator[tuple[float, Picture]]:
    """Give the pictures with their times, once through and a second more: they start over."""
    time, end = 0.0, sum(seconds for seconds, _ in shown) + WINDOW
    for seconds, picture in itertools.cycle(shown):
        if time > end:
            return
        yield time, picture
        time += seconds


# Video and sound.


def _look_at_media(path: Path, limits: Limits) -> Measures:
    watcher, meter = _Watcher(limits), LoudnessMeter(limits)
    with open_media(path) as container:
        video, audio = video_of(container, limits), audio_of(container)
        if video is not None:
            video.thread_type = "AUTO"
        _follow(container, [stream for stream in (video, audio) if stream], watcher, meter)
    if (video and watcher.time is None) or (audio and not meter.heard):
        raise NotReadableError("nothing of a stream can be decoded")
    return Measures(
        flashes=watcher.counter.flashes if video else None,
        red_flashes=watcher.counter.red_flashes if video else None,
        loudness=meter.finish() if audio else None,
    )


def _follow(
    container: InputContainer,
    streams: Sequence[av.VideoStream | av.AudioStream],
    watcher: "_Watcher",
    meter: LoudnessMeter,
) -> None:
    if not streams:
        raise NotReadableError("the file has neither sound nor video")
    for packet in container.demux(streams):
        for frame in decoded(packet):
            if isinstance(frame, av.VideoFrame):
                watcher.add(frame)
            else:
                meter.add(frame)


class _Watcher:
    """Watches every frame: with some left out, what flashes quickest would not be seen."""

    def __init__(self, limits: Limits) -> None:
        self.counter = FlashCounter()
        self.time: float | None = None
        """Seconds from the first frame to this one; None: there was none."""
        self._limits = limits
        self._left = limits.frames
        self._start = 0.0
        self._scaler = VideoReformatter()

    def add(self, frame: av.VideoFrame) -> None:
        """Take the next frame. Raises TooHeavyError."""
        check_pixels(frame.width, frame.height, self._limits)
        self.time = self._time_of(frame)
        self._left -= 1
        if self._left < 0 or self.time > self._limits.media_seconds:
            raise TooHeavyError("the video is too long")
        small = self._scaler.reformat(frame, *GRID, "rgb24", interpolation="AREA")
        self.counter.add(self.time, small.to_ndarray().astype(np.uint8, copy=False))

    def _time_of(self, frame: av.VideoFrame) -> float:
        if self.time is None:
            self._start = frame.time or 0.0
            return 0.0
        if frame.pts is None:
            return self.time + _FRAME
        return max(self.time, frame.time - self._start)
