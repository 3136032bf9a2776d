"""Bars: nothing goes beyond the picture, and nothing that is there is invisible."""

import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from bot.web.svg import HEIGHT, Series, Tick, bars, ceiling

_columns = st.lists(st.tuples(*[st.integers(0, 10**6)] * 3), min_size=1, max_size=30)


@given(st.floats(0, 1e9))
def test_the_scale_ends_at_a_round_figure_just_above_all_bars(highest: float) -> None:
    top = ceiling(highest)
    assert highest <= top
    assert re.fullmatch(r"(2|4|6|10)0*", f"{top:.0f}")
    assert top == 2 or highest > top / 2


@given(_columns)
def test_every_bar_is_inside_the_picture_and_as_high_as_its_share(
    columns: list[tuple[int, ...]],
) -> None:
    series = [
        Series(f"s{number}", f"style{number}", [each[number] for each in columns])
        for number in range(3)
    ]
    drawn = ET.fromstring(bars(series, ["a title"] * len(columns), [], "a summary"))  # noqa: S314 - it is our own
    groups = drawn.findall("g")
    assert len(groups) == len(columns)
    top = ceiling(max(map(sum, columns)))
    for column, group in zip(columns, groups, strict=True):
        _, *found = group.findall("rect")
        assert len(found) == sum(value > 0 for value in column)
        for value, bar in zip(filter(None, column), found, strict=True):
            y, height = float(bar.attrib["y"]), float(bar.attrib["height"])
            assert height == round(max(3.0, 120 * value / top), 1)
            assert 0 <= y <= y + height <= HEIGHT
            left, width = (float(bar.attrib[name].rstrip("%")) for name in ("x", "width"))
            assert 0 <= left <= left + width <= 100.01


def test_what_is_said_is_escaped() -> None:
    series = [Series("<b>", "mark", [1])]
    drawn = bars(series, ["<title>"], [Tick(0, "<t>")], '"<summary>"')
    assert ET.fromstring(drawn).attrib["aria-label"] == '"<summary>"'  # noqa: S314 - it is our own
    assert "<t>" not in drawn
