"""Videos of even pictures and sounds of given samples, for what is measured of them."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

SIDE = 64
RATE = 48_000


def even(*colour: int) -> NDArray[np.uint8]:
    """Paint a picture of one gray or one colour."""
    return np.full((SIDE, SIDE, 3), colour, np.uint8)


BLACK, WHITE = even(0), even(255)


def flicker(
    one: NDArray[np.uint8], other: NDArray[np.uint8], *, each: int, frames: int = 60
) -> list[NDArray[np.uint8]]:
    """Show the two by turns, each for so many frames."""
    return [(one, other)[number // each % 2] for number in range(frames)]


def video(path: Path, pictures: Sequence[NDArray[np.uint8]], *, fps: int = 30) -> Path:
    """Write pictures of 64 x 64, nearly without loss."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = SIDE, SIDE, "yuv420p"
        stream.codec_context.thread_count = 1
        stream.options = {"crf": "4", "preset": "ultrafast"}
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def animation(path: Path, pictures: Sequence[NDArray[np.uint8]], *, milliseconds: int) -> Path:
    """Write a GIF or WebP that begins anew when it is over."""
    first, *others = (Image.fromarray(picture) for picture in pictures)
    first.save(path, save_all=True, append_images=others, duration=milliseconds, loop=0)
    return path


def sound(path: Path, *channels: ArrayLike, rate: int = RATE) -> Path:
    """Write samples, of which 1 is full scale, as WAV of floats; one or two channels."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_f32le", rate=rate)
        assert isinstance(stream, av.AudioStream)
        layout = "stereo" if len(channels) > 1 else "mono"
        stream.codec_context.layout, stream.codec_context.format = layout, "flt"
        samples = np.stack([np.asarray(channel, np.float32) for channel in channels], axis=1)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def tone(decibels: float, *, seconds: float = 1.0, hertz: float = 1000) -> NDArray[np.float64]:
    """Give a sine whose peaks are so many dB of full scale."""
    time = np.arange(round(seconds * RATE)) / RATE
    return np.sin(2 * np.pi * hertz * time) * 10 ** (decibels / 20)
