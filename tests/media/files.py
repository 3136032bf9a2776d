"""Media files of every kind, small and made here: those that play and those that do not."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image

RATE = 24


def video(
    path: Path,
    codec: str = "libx264",
    *,
    size: tuple[int, int] = (64, 64),
    frames: int = 24,
    pixels: str = "yuv420p",
    sound: str | None = "aac",
    muxer: str | None = None,
    index_first: bool = True,
    noise: int = 40,
    options: dict[str, str] | None = None,
    times: list[int] | None = None,
    clock: int = RATE,
) -> Path:
    """Write a second of video: a slope that moves, with noise on it, and a tone."""
    flags = {"movflags": "faststart"} if index_first and path.suffix == ".mp4" else {}
    with av.open(str(path), "w", format=muxer, options=flags) as container:
        stream = container.add_stream(codec, rate=RATE, options=options or {})
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pixels
        stream.codec_context.time_base = Fraction(1, clock)
        stream.codec_context.thread_count = 1
        tone = _tone_stream(container, sound) if sound else None
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(_painting(size, number, noise), format="rgb24")
            frame = frame.reformat(format=pixels)
            frame.pts = times[number] if times else number * clock // RATE
            frame.time_base = Fraction(1, clock)
            container.mux(stream.encode(frame))
            if tone:
                container.mux(tone.encode(_tone(number, 2000)))
        container.mux(stream.encode(None))
        if tone:
            container.mux(tone.encode(None))
    return path


def sound(
    path: Path,
    codec: str = "pcm_s16le",
    *,
    seconds: float = 1.0,
    sample_format: str = "s16",
    loudness: float = 0.3,
    muxer: str | None = None,
    noise: bool = False,
) -> Path:
    """Write a tone, or noise, in stereo at 48 kHz."""
    with av.open(str(path), "w", format=muxer) as container:
        stream = container.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.codec_context.layout = "stereo"
        stream.codec_context.format = sample_format
        for number in range(round(seconds * 10)):
            container.mux(stream.encode(_tone(number, 4800, loudness, noise=noise)))
        container.mux(stream.encode(None))
    return path


def picture(path: Path, size: tuple[int, int], mode: str = "RGB") -> Path:
    """Write a picture of noise, which no format makes small."""
    shape = (size[1], size[0], len(mode))
    pixels = np.random.default_rng(1).integers(0, 255, shape, np.uint8)
    Image.fromarray(pixels, mode).save(path)
    return path


def streams(path: Path) -> dict[str, object]:
    """Decode a file to its end and say what it held."""
    with av.open(str(path)) as container:
        found: dict[str, object] = {"seconds": round((container.duration or 0) / av.time_base, 1)}
        if container.streams.video:
            found["video"] = container.streams.video[0].codec_context.name
            frames = list(container.decode(video=0))
            found |= {"pixels": frames[0].format.name, "frames": len(frames)}
            found["size"] = (frames[0].width, frames[0].height)
    with av.open(str(path)) as container:
        if container.streams.audio:
            found["audio"] = container.streams.audio[0].codec_context.name
            assert list(container.decode(audio=0))
        return found


def _painting(size: tuple[int, int], number: int, noise: int) -> NDArray[np.uint8]:
    width, height = size
    across = (np.arange(width) * 3 + number * 8) % 200
    painting = np.repeat(np.broadcast_to(across, (height, width))[..., None], 3, 2)
    grain = np.random.default_rng(number).integers(0, max(1, noise), (height, width, 3))
    return (painting + grain).astype(np.uint8)


def _tone_stream(container: av.container.OutputContainer, codec: str) -> av.AudioStream:
    stream = container.add_stream(codec, rate=48_000)
    assert isinstance(stream, av.AudioStream)
    stream.codec_context.layout = "stereo"
    return stream


def _tone(
    number: int, samples: int, loudness: float = 0.3, *, noise: bool = False
) -> av.AudioFrame:
    time = (np.arange(samples) + number * samples) / 48_000
    wave = np.sin(2 * np.pi * 440 * time) * loudness
    if noise:
        wave = np.random.default_rng(number).uniform(-loudness, loudness, samples)
    both = np.stack([wave, wave]).astype(np.float32)
    frame = av.AudioFrame.from_ndarray(both, format="fltp", layout="stereo")
    frame.sample_rate = 48_000
    frame.pts = number * samples
    frame.time_base = Fraction(1, 48_000)
    return frame
