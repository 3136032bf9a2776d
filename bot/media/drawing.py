"""A sound as a picture: rounded bars on a dark card, from amber to violet, with its length.

The card is dark on both of Discord's themes, and its corners are clear: bars that are bright on
a dark ground would be faint on a white one.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from bot.media.limits import Limits
from bot.media.waveform import levels_of, shape_of

WIDTH, HEIGHT = 960, 240

_FINE = 2
"""Everything is drawn this many times larger and scaled down: round ends stay round."""
_CORNER = 28
_TOP, _BOTTOM = (0x26, 0x21, 0x33), (0x16, 0x15, 0x1E)
_RIM = (255, 255, 255, 30)
_SIDE, _FOOT = 44, 46
_BAR, _GAP = 6, 5
_TALLEST = 138
_COLOURS = ((0xFF, 0xB4, 0x54), (0xFF, 0x6B, 0x8B), (0x9D, 0x7B, 0xFF))
_GLOW = 0.45
_LETTER = 22
_INK = (0xE6, 0xE1, 0xF2, 255)


def draw_waveform(source: Path, target: Path, limits: Limits) -> None:
    """Write a PNG of the sound of a file; a silent one is a row of dots."""
    levels = levels_of(source, limits)
    count = (WIDTH - 2 * _SIDE + _GAP) // (_BAR + _GAP)
    picture = waveform_picture(shape_of(levels, count), len(levels) / 100)
    picture.save(target, "PNG")


def waveform_picture(heights: NDArray[np.uint8], seconds: float) -> Image.Image:
    """Draw bars of these heights (0 to 255) and the length."""
    size = (WIDTH * _FINE, HEIGHT * _FINE)
    bars = _bars(heights, size)
    colours = _colours(size)
    picture = _card(size)
    glow = bars.filter(ImageFilter.GaussianBlur(14 * _FINE)).point(lambda value: value * _GLOW)
    for mask in (glow, bars):
        picture.paste(colours, (0, 0), mask)
    _write_length(picture, seconds)
    picture.putalpha(_rounded(size))
    return picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def length_label(seconds: float) -> str:
    """Say a length as players do: 0:07, 1:23; under ten seconds with a tenth."""
    if seconds < 9.95:  # noqa: PLR2004 - a tenth is worth showing below ten seconds
        return f"{seconds:.1f} s"
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def _bars(heights: NDArray[np.uint8], size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    draw = ImageDraw.Draw(mask)
    used = len(heights) * (_BAR + _GAP) - _GAP
    left, middle = (WIDTH - used) / 2, (HEIGHT - _FOOT / 2) / 2
    for number, height in enumerate(heights):
        half = max(_BAR, height / 255 * _TALLEST) / 2
        x = left + number * (_BAR + _GAP)
        box = [side * _FINE for side in (x, middle - half, x + _BAR, middle + half)]
        draw.rounded_rectangle(box, _BAR / 2 * _FINE, fill=255)
    return mask


def _colours(size: tuple[int, int]) -> Image.Image:
    across = np.linspace(0, len(_COLOURS) - 1, size[0])
    stops = np.arange(len(_COLOURS))
    row = np.stack([np.interp(across, stops, band) for band in zip(*_COLOURS, strict=True)], 1)
    return Image.fromarray(np.broadcast_to(row, (size[1], *row.shape)).astype(np.uint8))


def _card(size: tuple[int, int]) -> Image.Image:
    down = np.linspace(0, 1, size[1])[:, None, None]
    rows = np.array(_TOP) * (1 - down) + np.array(_BOTTOM) * down
    pixels = np.broadcast_to(rows, (size[1], size[0], 3)).astype(np.uint8)
    card = Image.fromarray(pixels).convert("RGBA")
    rim = Image.new("RGBA", size)
    box = (0, 0, size[0] - 1, size[1] - 1)
    ImageDraw.Draw(rim).rounded_rectangle(box, _CORNER * _FINE, outline=_RIM, width=2 * _FINE)
    return Image.alpha_composite(card, rim)


def _rounded(size: tuple[int, int]) -> Image.Image:
    mask = Image.new("L", size)
    box = (0, 0, size[0] - 1, size[1] - 1)
    ImageDraw.Draw(mask).rounded_rectangle(box, _CORNER * _FINE, fill=255)
    return mask


def _write_length(picture: Image.Image, seconds: float) -> None:
    font = ImageFont.load_default(_LETTER * _FINE)
    place = ((WIDTH - _SIDE) * _FINE, (HEIGHT - 26) * _FINE)
    ImageDraw.Draw(picture).text(place, length_label(seconds), _INK, font, anchor="rs")
