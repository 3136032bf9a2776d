"""Figures as pictures: bars on a dark card, as wide as a message.

The card is dark on both of Discord's themes. No words are drawn but names, numbers and dates:
the font at hand has the letters of ASCII alone, and people read other languages too. What a
picture is about stands beside it.
"""

import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

from PIL import Image, ImageDraw, ImageFont

WIDTH = 1000
"""Pixels; a phone shows 400 of its own, so that letters of 32 are 13 there."""

# They differ for who sees no red, no green or no blue, too; the tests measure it.
BLUE, ORANGE, YELLOW, WHITE = 0x55ACEE, 0xF4900C, 0xFDCB58, 0xE6E7E8
"""The colours of Discord's 🟦 🟧 🟨 ⬜, so that a text can speak of them."""
SERIES = (BLUE, ORANGE, 0x0E9E6E, 0xFFE36E, 0xD65DB1)
REST = 0x5A6072
"""What is left over beside a series of colours."""

_FINE = 2
"""Everything is drawn this many times larger and scaled down: round ends stay round."""
_CARD, _RIM, _GRID = 0x1C1926, 0x3A3548, 0x37334A
_INK, _FAINT, _DARK = 0xF1EEF8, 0xB9B3C9, 0x14121B
_CORNER, _SIDE = 28, 40
_LETTER, _LINE = 32, 46
_BETWEEN = 22
_AXIS, _PLOT = 60, 250
"""The height of what stands below bars, and of the bars."""
_MOST_STEPS = 4

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Series:
    """One colour of bars that stand on each other."""

    name: str
    colour: int
    values: Sequence[int]


@dataclass(frozen=True)
class Range:
    """A bar that is full to `middle` and faint from there to `end`; `labels` say both."""

    colour: int
    middle: float
    end: float
    labels: tuple[str, str]


def drawable(text: str) -> bool:
    """Tell whether the font has every letter of this."""
    return text.isascii() and text.isprintable()


def columns(series: Sequence[Series], labels: Sequence[str]) -> bytes:
    """Draw a PNG: a column of bars for each label, of which as many are written as fit.

    Names of series stand above them. An empty name or label is not written.
    """
    named = _rows_of_names([each for each in series if each.name])
    top = _SIDE + _LINE * len(named) + (24 if named else 0)
    canvas = _Canvas.of_height(top + _PLOT + _AXIS + 14)
    for number, row in enumerate(named):
        for x, each in row:
            _name(canvas, x, _SIDE + _LINE * number, each)
    tops = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    scale = ticks(max(tops, default=0))
    left = _SIDE + max(canvas.width_of(_number(tick)) for tick in scale) + 20
    plot = (left, top, WIDTH - _SIDE, top + _PLOT)
    _grid(canvas, scale, plot)
    _columns(canvas, series, scale[-1], plot)
    _below(canvas, labels, plot)
    return canvas.png()


def ticks(most: int) -> list[int]:
    """Return a few round numbers from 0, the last of them not below `most`."""
    step = next(each for each in _round_numbers() if each * _MOST_STEPS >= most)
    return list(range(0, max(1, -(-most // step)) * step + 1, step))


def _round_numbers() -> Iterator[int]:
    """Yield 1, 2, 5, 10, 20, 50 and so on."""
    power = 1
    while True:
        yield from (power, 2 * power, 5 * power)
        power *= 10


def shares(parts: Sequence[tuple[int, int]]) -> bytes:
    """Draw a PNG: one bar of parts, each a colour and a number, with their percentages."""
    canvas = _Canvas.of_height(2 * _SIDE + 64)
    whole = sum(number for _, number in parts)
    x, usable = float(_SIDE), WIDTH - 2 * _SIDE
    for colour, number in parts:
        width = usable * number / whole
        if number:
            canvas.box((x, _SIDE, x + max(3, width - 3), _SIDE + 64), colour)
        label = percent(number, whole)
        if canvas.width_of(label) + 16 < width:
            canvas.text((x + width / 2, _SIDE + 32), label, _DARK, "mm")
        x += width
    return canvas.png()


def percent(number: int, whole: int) -> str:
    """Say a share; what is not all is never 100 %, and what is something never 0 %."""
    share = number * 100 / whole
    rounded = min(99, max(1, round(share))) if 0 < number < whole else round(share)
    return f"{rounded} %"


def ranges(rows: Sequence[tuple[str, Sequence[Range]]]) -> bytes:
    """Draw a PNG: below each name its bars, all of them on one scale from 0."""
    heights = [_LINE + 14 + _LINE * len(bars) for _, bars in rows]
    canvas = _Canvas.of_height(2 * _SIDE + sum(heights) + 26 * (len(rows) - 1))
    every = [bar for _, bars in rows for bar in bars]
    room = max(sum(map(canvas.width_of, bar.labels)) for bar in every) + 20 + _BETWEEN
    scale = (WIDTH - 2 * _SIDE - room) / max(1.0, *(bar.end for bar in every))
    y = _SIDE
    for (name, bars), height in zip(rows, heights, strict=True):
        canvas.text((_SIDE, y), canvas.fitted(name, WIDTH - 2 * _SIDE), _INK, "la")
        for number, bar in enumerate(bars):
            middle = y + _LINE + 14 + _LINE * number + 14
            _range(canvas, bar, middle, scale)
        y += height + 26
    return canvas.png()


def _range(canvas: "_Canvas", bar: Range, middle: float, scale: float) -> None:
    end = _SIDE + max(10, bar.end * scale)
    canvas.box((_SIDE, middle - 5, end, middle + 5), _mixed(bar.colour, _CARD), 5)
    half = _SIDE + max(10, bar.middle * scale)
    canvas.box((_SIDE, middle - 13, half, middle + 13), bar.colour, 5)
    x = max(end, half) + 20
    for label, ink in zip(bar.labels, (_INK, _FAINT), strict=True):
        canvas.text((x, middle), label, ink, "lm")
        x += canvas.width_of(label) + _BETWEEN


def _rows_of_names(series: Sequence[Series]) -> list[list[tuple[float, Series]]]:
    """Put the names into as few rows as they need."""
    canvas = _Canvas.of_height(1)
    rows: list[list[tuple[float, Series]]] = []
    x = float(WIDTH)
    for each in series:
        width = 44 + canvas.width_of(canvas.fitted(each.name, WIDTH - 2 * _SIDE - 44)) + 40
        if x + width - 40 > WIDTH - _SIDE:
            rows.append([])
            x = _SIDE
        rows[-1].append((x, each))
        x += width
    return rows


def _name(canvas: "_Canvas", x: float, y: float, series: Series) -> None:
    canvas.box((x, y + 4, x + 28, y + 32), series.colour, 7)
    name = canvas.fitted(series.name, WIDTH - 2 * _SIDE - 44)
    canvas.text((x + 42, y + 18), name, _INK, "lm")


def _grid(canvas: "_Canvas", scale: Sequence[int], plot: Box) -> None:
    left, top, right, bottom = plot
    for tick in scale:
        y = bottom - (bottom - top) * tick / scale[-1]
        canvas.box((left, y - 1, right, y + 1), _GRID)
        canvas.text((left - 16, y), _number(tick), _FAINT, "rm")


def _columns(canvas: "_Canvas", series: Sequence[Series], most: int, plot: Box) -> None:
    left, top, right, bottom = plot
    step = (right - left) / len(series[0].values)
    gap = max(1.5, min(14, step * 0.22))
    for number in range(len(series[0].values)):
        x, y = left + step * number, bottom
        for each in series:
            if value := each.values[number]:
                height = max(2.0, (bottom - top) * value / most)
                # A thin line between the colours; what is thin itself has none.
                edge = 2 if y < bottom and height > 6 else 0  # noqa: PLR2004 - pixels
                canvas.box((x + gap / 2, y - height, x + step - gap / 2, y - edge), each.colour)
                y -= height


def _below(canvas: "_Canvas", labels: Sequence[str], plot: Box) -> None:
    """Write the last label, and before it those that there is room for."""
    left, _, right, bottom = plot
    step = (right - left) / len(labels)
    room = max(canvas.width_of(label) for label in labels) + 24
    written = math.inf
    for number in reversed(range(len(labels))):
        middle = left + step * (number + 0.5)
        if not labels[number] or written - middle < room:
            continue
        written = middle
        half = canvas.width_of(labels[number]) / 2
        x = min(max(middle, _SIDE + half), WIDTH - _SIDE / 2 - half)
        canvas.box((middle - 1, bottom, middle + 1, bottom + 10), _FAINT)
        canvas.text((x, bottom + 18), labels[number], _FAINT, "ma")


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


def _mixed(colour: int, with_colour: int) -> int:
    """Return the colour at less than half its strength on another one."""
    pairs = zip(colour.to_bytes(3), with_colour.to_bytes(3), strict=True)
    return int.from_bytes([(one * 4 + other * 5) // 9 for one, other in pairs])


@dataclass(frozen=True)
class _Canvas:
    """A card, in pixels of the picture as it is when it is ready."""

    image: Image.Image
    draw: ImageDraw.ImageDraw
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont

    @classmethod
    def of_height(cls, height: int) -> Self:
        size = (WIDTH * _FINE, height * _FINE)
        image = Image.new("RGBA", size)
        draw = ImageDraw.Draw(image)
        box = (0, 0, size[0] - 1, size[1] - 1)
        draw.rounded_rectangle(box, _CORNER * _FINE, _paint(_CARD), _paint(_RIM), 2 * _FINE)
        return cls(image, draw, ImageFont.load_default(_LETTER * _FINE))

    def box(self, box: Box, colour: int, corner: float = 0) -> None:
        """Fill a box; the last pixel belongs to it for Pillow, and not for us."""
        left, top, right, bottom = (side * _FINE for side in box)
        inner = (left, top, max(left, right - 1), max(top, bottom - 1))
        self.draw.rounded_rectangle(inner, corner * _FINE, _paint(colour))

    def text(self, place: tuple[float, float], text: str, colour: int, anchor: str) -> None:
        where = (place[0] * _FINE, place[1] * _FINE)
        self.draw.text(where, text, _paint(colour), self.font, anchor=anchor)

    def width_of(self, text: str) -> float:
        return self.draw.textlength(text, self.font) / _FINE

    def fitted(self, text: str, width: float) -> str:
        """Return the text, or as much of it as fits."""
        if self.width_of(text) <= width:
            return text
        while text and self.width_of(text + "...") > width:
            text = text[:-1]
        return text.rstrip() + "..."

    def png(self) -> bytes:
        size = (self.image.width // _FINE, self.image.height // _FINE)
        into = io.BytesIO()
        self.image.resize(size, Image.Resampling.BOX).save(into, "PNG")
        return into.getvalue()


def _paint(colour: int) -> tuple[int, int, int]:
    red, green, blue = colour.to_bytes(3)
    return red, green, blue
