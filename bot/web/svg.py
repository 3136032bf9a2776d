"""Bars by the hour as SVG, drawn to the width of whatever they stand in; no words of its own.

Along the width everything is in percent, along the height in pixels: so letters and lines keep
their size on a phone and on a wide screen. Colours are the page's, by class.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

HEIGHT = 150
"""Pixels, with the hours below the bars."""

_TOP, _BOTTOM = 6, 126
_PLOT = _BOTTOM - _TOP
_GAP = 0.22
"""What is left between two bars, as a part of one's place."""
_LEAST = 3.0
"""Pixels: what there is one of is seen beside a thousand."""


@dataclass(frozen=True)
class Series:
    """One colour of bars that stand on each other; `style` is its class on the page."""

    name: str
    style: str
    values: Sequence[float]


@dataclass(frozen=True)
class Tick:
    """A word below the column of this number."""

    column: int
    word: str


def ceiling(highest: float) -> float:
    """Return a round figure that nothing goes beyond, and half of which is round enough."""
    step = 1.0
    while True:
        for factor in (2, 4, 6, 10):
            if highest <= factor * step:
                return factor * step
        step *= 10


def bars(
    series: Sequence[Series], titles: Sequence[str], ticks: Sequence[Tick], summary: str
) -> str:
    """Draw columns of stacked bars. A title shows when one points at its column.

    `summary` is what is read aloud instead of the picture.
    """
    columns = [*zip(*(each.values for each in series), strict=True)]
    top = ceiling(max(map(sum, columns), default=0.0))
    parts = [*_grid()]
    for number, (values, title) in enumerate(zip(columns, titles, strict=True)):
        left, width = 100 * number / len(columns), 100 / len(columns)
        parts.append(f'<g class="column"><title>{escape(title)}</title>')
        parts.append(_rect("area", left, width, _TOP, _PLOT))
        parts += _stack([each.style for each in series], values, top, left, width)
        parts.append("</g>")
    parts += [_word(tick, len(columns)) for tick in ticks]
    return (
        f'<svg class="bars" role="img" aria-label="{escape(summary)}" width="100%" '
        f'height="{HEIGHT}">{"".join(parts)}</svg>'
    )


def _grid() -> Iterator[str]:
    for part in (0.0, 0.5, 1.0):
        y = _TOP + _PLOT * part
        yield f'<line class="grid" x1="0%" x2="100%" y1="{y:g}" y2="{y:g}"/>'


def _stack(
    styles: Sequence[str], values: Sequence[float], top: float, left: float, width: float
) -> Iterator[str]:
    y = float(_BOTTOM)
    for style, value in zip(styles, values, strict=True):
        if value > 0:
            height = max(_LEAST, _PLOT * value / top)
            y -= height
            yield _rect(f"bar {style}", left + width * _GAP / 2, width * (1 - _GAP), y, height)


def _rect(style: str, left: float, width: float, y: float, height: float) -> str:
    return (
        f'<rect class="{style}" x="{left:.2f}%" width="{width:.2f}%" '
        f'y="{y:.1f}" height="{height:.1f}"/>'
    )


def _word(tick: Tick, columns: int) -> str:
    middle = 100 * (tick.column + 0.5) / columns
    return f'<text x="{middle:.2f}%" y="{HEIGHT - 6}">{escape(tick.word)}</text>'
