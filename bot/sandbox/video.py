"""Video from words: a scene that moves, with the prompt as its title, as MP4.

Painted small and scaled up by the codec's own scaler, which is quicker than painting every pixel
and suits soft pictures. The same prompt, size and seed give the same frames.
"""

import io
import math
import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin

from bot.sandbox.canvas import Picture, short
from bot.sandbox.lettering import title_masks
from bot.sandbox.scenes import painters_of

COMMENT = "Sandbox rendering by Foley; not made by NetMind"
PAINTED_PIXELS = 640 * 360
STILL_AT = 1.0
"""The moment of the scene, in seconds, that a picture without motion shows."""

_ENCODING: dict[str, object] = {
    "preset": "veryfast",
    "crf": "26",
    "threads": "1",
    "x264-params": "mbtree=0",
}
"""One thread, so that the bytes do not depend on the number of cores; no mbtree, for with it this
libx264 gave other bytes for the same frames in one run of four."""
_LETTER = (235, 128, 128)
_SHADE = 0.7


def render_video(
    prompt: str, *, width: int, height: int, frames: int, fps: int = 24, seed: int
) -> bytes:
    """Render MP4: H.264, yuv420p, index in front, no sound, exactly so many frames."""
    with tempfile.TemporaryDirectory(prefix="foley-sandbox-") as folder:
        path = Path(folder, "video.mp4")  # moving the index to the front needs a real file
        options = {"movflags": "faststart"}
        with av.open(str(path), "w", options=options) as container:
            container.metadata.update({"title": prompt, "comment": COMMENT})
            stream = container.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.options = _ENCODING
            times = [number / fps for number in range(frames)]
            for frame in _frames(prompt, width, height, times, seed):
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path.read_bytes()


def render_image(prompt: str, *, width: int, height: int, seed: int) -> bytes:
    """Render one moment of the scene as PNG."""
    small = next(_paintings(prompt, width, height, [STILL_AT], seed))
    frame = _titled(_scaled(small, width, height), _Title(prompt, width, height))
    buffer = io.BytesIO()
    notes = PngImagePlugin.PngInfo()
    notes.add_itxt("Title", prompt)
    notes.add_itxt("Comment", COMMENT)
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]  # av leaves it untyped
    picture.save(buffer, "PNG", pnginfo=notes)
    return buffer.getvalue()


class _Title:
    """The lettering, cut to the rows it needs, at full size and at the half size of colours."""

    def __init__(self, prompt: str, width: int, height: int) -> None:
        letters, shade = title_masks(prompt, width, height)
        used = np.flatnonzero(shade.max(axis=1) > 1 / 255)
        top = (int(used[0]) if len(used) else height) // 2 * 2
        self.rows = slice(top, height)
        self.letters = letters[top:]
        self.light = 1 - _SHADE * shade[top:]
        around = np.maximum(letters, 0.85 * shade)
        halved = Image.fromarray(around).resize((width // 2, height // 2), Image.Resampling.BOX)
        self.half_rows = slice(top // 2, height // 2)
        self.half_letters = np.asarray(halved, np.float32)[top // 2 :]


def _frames(
    prompt: str, width: int, height: int, times: list[float], seed: int
) -> Iterator[av.VideoFrame]:
    title = _Title(prompt, width, height)
    for number, small in enumerate(_paintings(prompt, width, height, times, seed)):
        frame = _titled(_scaled(small, width, height), title)
        frame.pts = number
        yield frame


def _paintings(
    prompt: str, width: int, height: int, times: list[float], seed: int
) -> Iterator[NDArray[np.uint8]]:
    """Paint the scene at each time, at its own modest size."""
    scale = min(1.0, math.sqrt(PAINTED_PIXELS / (width * height)))
    across, down = (max(2, round(side * scale / 2) * 2) for side in (width, height))
    painters = painters_of(prompt, width=across, height=down, seed=seed)
    corners = _corners(across, down)
    picture: Picture = np.zeros((down, across, 3), np.float32)
    for time in times:
        for paint in painters:
            paint(picture, time)
        yield (np.clip(picture * corners, 0, 1) * 255).astype(np.uint8)


def _corners(width: int, height: int) -> Picture:
    """Darken the corners a little, as a lens does."""
    x, y = np.linspace(-1, 1, width)[None, :], np.linspace(-1, 1, height)[:, None]
    return short(1 - 0.22 * np.clip(x**2 + y**2 - 0.5, 0, None))[..., None]


def _scaled(small: NDArray[np.uint8], width: int, height: int) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(small, format="rgb24")
    return frame.reformat(width, height, "yuv420p", interpolation="BICUBIC")


def _titled(frame: av.VideoFrame, title: _Title) -> av.VideoFrame:
    """Lay the title over a frame: shade, then letters, in each of its three planes."""
    light = title.light
    rows = (title.rows, title.half_rows, title.half_rows)
    masks = (title.letters, title.half_letters, title.half_letters)
    for plane, where, mask, value in zip(frame.planes, rows, masks, _LETTER, strict=True):
        pixels = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        part = pixels[where, : plane.width]
        ground = part * light if value == _LETTER[0] else part * np.float32(1)
        part[:] = ground + (value - ground) * mask
    return frame
