"""Figures as pictures."""

import io
import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFont

from bot.media import chart
from bot.media.chart import Range, Series

# How red, green and blue look to who lacks one kind of cones (Machado, Oliveira, Fernandes 2009).
EYES: dict[str, list[list[float]]] = {
    "all": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
WHITE = np.array([0.95047, 1, 1.08883])

ENDS = [chart.BLUE, chart.ORANGE, chart.WHITE, chart.YELLOW]


def pixels(png: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(png)) as picture:
        assert picture.format == "PNG"
        return np.asarray(picture.convert("RGBA"))


def area(picture: NDArray[np.uint8], colour: int) -> int:
    """Count the pixels of a colour."""
    same = (picture[..., :3] == list(colour.to_bytes(3))).all(axis=-1)
    return int(same.sum())


def seen(colour: int, eyes: Sequence[Sequence[float]]) -> NDArray[np.float64]:
    """Return how a colour looks, in CIELAB."""
    full = np.array(list(colour.to_bytes(3))) / 255
    linear = np.where(full <= 0.04045, full / 12.92, ((full + 0.055) / 1.055) ** 2.4)
    xyz = np.array(TO_XYZ) @ np.clip(np.array(eyes) @ linear, 0, 1) / WHITE
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("palette", [chart.SERIES, [*chart.SERIES[:4], chart.REST], ENDS])
def test_colours_differ_whatever_cones_an_eye_lacks(eyes: str, palette: Sequence[int]) -> None:
    """2 is a difference that can just be seen; 15 is plain at a glance."""
    looks = [seen(colour, EYES[eyes]) for colour in palette]
    nearest = min(np.linalg.norm(one - other) for one, other in itertools.combinations(looks, 2))
    assert nearest > 15


@pytest.mark.parametrize(
    ("most", "scale"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (31, [0, 10, 20, 30, 40]),
        (1_700, [0, 500, 1000, 1500, 2000]),
        (50_000, [0, 20_000, 40_000, 60_000]),
    ],
)
def test_an_axis_has_a_few_whole_numbers(most: int, scale: list[int]) -> None:
    assert chart.ticks(most) == scale


@pytest.mark.parametrize(
    ("number", "whole", "said"),
    [(0, 9, "0 %"), (9, 9, "100 %"), (1, 999, "1 %"), (998, 999, "99 %"), (1, 3, "33 %")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(number: int, whole: int, said: str) -> None:
    assert chart.percent(number, whole) == said


def test_every_letter_that_is_drawn_is_in_the_font() -> None:
    font = ImageFont.load_default(32)
    nothing = bytes(font.getmask("\uffff"))
    letters = [chr(code) for code in range(0x3000) if chart.drawable(chr(code))]
    assert len(letters) == 95
    assert not [each for each in letters if bytes(font.getmask(each)) == nothing]


def test_bars_are_as_high_as_their_numbers() -> None:
    def drawn(*values: int) -> int:
        bars = Series("", chart.ORANGE, values)
        labels = [str(number) for number in range(len(values))]
        return area(pixels(chart.columns([bars], labels)), chart.ORANGE)

    one = drawn(100, 0, 0, 0)
    assert one > 10_000
    assert drawn(100, 100, 0, 0) == pytest.approx(2 * one, rel=0.01)
    assert drawn(100, 50, 0, 0) == pytest.approx(1.5 * one, rel=0.01)


def test_one_colour_stands_on_the_other() -> None:
    series = [Series("", chart.BLUE, [3]), Series("", chart.ORANGE, [1])]
    picture = pixels(chart.columns(series, ["today"]))
    assert area(picture, chart.BLUE) == pytest.approx(3 * area(picture, chart.ORANGE), rel=0.05)
    rows = [
        np.flatnonzero((picture[..., :3] == list(each.colour.to_bytes(3))).all(-1).any(1))
        for each in series
    ]
    assert rows[1].max() < rows[0].min()


@pytest.mark.parametrize(("count", "value"), [(1, 1), (7, 50_000), (30, 7), (90, 50_000)])
def test_few_and_many_fit_on_a_card_with_clear_corners(count: int, value: int) -> None:
    names = ["W" * 60, "short", "i" * 100]
    series = [
        Series(name, colour, [value] * count)
        for name, colour in zip(names, chart.SERIES, strict=False)
    ]
    picture = pixels(chart.columns(series, ["Dec 24"] * count))
    assert picture.shape[1] == chart.WIDTH
    assert picture[0, 0, 3] == 0
    empty = picture[picture.shape[0] // 2, chart.WIDTH - 8]
    assert (picture[60:-60, -12:-6] == empty).all()
    assert (picture[60:-60, 6:12] == empty).all()


def test_shares_are_as_long_as_their_numbers() -> None:
    picture = pixels(chart.shares([(chart.ORANGE, 30), (chart.WHITE, 10), (chart.BLUE, 0)]))
    orange, white = area(picture, chart.ORANGE), area(picture, chart.WHITE)
    assert orange == pytest.approx(3 * white, rel=0.1)
    assert area(picture, chart.BLUE) == 0


def test_ranges_are_full_to_their_middle_on_one_scale() -> None:
    def row(middle: float, end: float) -> list[Range]:
        return [Range(chart.BLUE, middle, end, ("1 s", "2 s"))]

    rows = [("a", row(200, 400)), ("W" * 100, row(400, 400))]
    picture = pixels(chart.ranges(rows))
    blue = (picture[..., :3] == list(chart.BLUE.to_bytes(3))).all(-1).sum(1)
    widths = sorted({int(width) for width in blue if width > 50})
    assert widths[-1] == pytest.approx(2 * widths[0], rel=0.1)
    assert (picture[60:-60, -12:-6] == picture[100, -8]).all()
