"""Count how often pictures flash, by the general and the red flash of WCAG 2.3.1.

A picture is a grid of cells. In each the turning points are followed; a flash is a pair of opposite
changes. What is told is how often a quarter of all cells flashed within the same second.
"""

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

GRID = (32, 18)
"""Cells across and down. Rain, leaves and fine patterns vanish in the mean of a cell, as WCAG lets
them; on a large screen a cell is about one degree of sight."""

AREA = 0.25
"""Of the picture has to flash."""
WINDOW = 1.0
"""Seconds in which flashes are counted."""

_CHANGE = 0.1
"""Of the greatest relative luminance there is; a smaller change is no flash."""
_DARKER = 0.8
"""Relative luminance; between two brighter pictures nothing flashes."""
_RED_CHANGE = 20 / 320
"""Of R - G - B, for colours of which one is a saturated red."""
_SATURATED = 0.8
"""The share of red in a saturated red."""

_ROUNDING = 0.001
"""Seconds: the stamps of frames are rounded."""

Grid = NDArray[np.float32]


def _linear_light() -> Grid:
    """Return the light that each value of an 8-bit sRGB channel stands for, 0 to 1."""
    value = np.arange(256) / 255
    light = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004 - sRGB's own
    return light.astype(np.float32)


_LIGHT = _linear_light()


class FlashCounter:
    """Takes pictures in the order of their times, and tells the flashes of the worst second."""

    def __init__(self) -> None:
        self._general = _Swings(_CHANGE, _DARKER)
        self._red = _Swings(_RED_CHANGE, math.inf)

    @property
    def flashes(self) -> float:
        """Pairs of opposite changes of luminance; one change alone is half a pair."""
        return self._general.most / 2

    @property
    def red_flashes(self) -> float:
        """Pairs of opposite changes to or from a saturated red."""
        return self._red.most / 2

    def add(self, time: float, picture: NDArray[np.uint8]) -> None:
        """Take a picture: GRID in RGB, shown from `time`, in seconds."""
        red, green, blue = np.moveaxis(_LIGHT[picture], -1, 0)
        self._general.add(time, 0.2126 * red + 0.7152 * green + 0.0722 * blue)
        saturated = red >= _SATURATED * (red + green + blue)
        self._red.add(time, np.where(saturated, np.maximum(red - green - blue, 0), np.float32(0)))


class _Swings:
    """Turning points of each cell, and the most of them within one second."""

    def __init__(self, least: float, darker: float) -> None:
        self.most = 0
        self._least = least
        self._darker = darker
        shape = GRID[::-1]
        # The extremes since a cell last turned, and where it went then: up, down, nowhere yet.
        self._low: Grid = np.full(shape, np.inf, np.float32)
        self._high: Grid = np.full(shape, -np.inf, np.float32)
        self._way = np.zeros(shape, np.int8)
        self._turns = np.zeros(shape, np.int32)
        self._recent: deque[tuple[float, NDArray[np.bool_]]] = deque()

    def add(self, time: float, values: Grid) -> None:
        self._low = np.minimum(self._low, values)
        self._high = np.maximum(self._high, values)
        rises = values - self._low >= self._least
        falls = self._high - values >= self._least
        up = (self._way <= 0) & rises & (self._low < self._darker)
        down = (self._way >= 0) & falls & (values < self._darker)
        turned = up | down
        if turned.any():
            self._way[up], self._way[down] = 1, -1
            self._low[turned] = self._high[turned] = values[turned]
            self._count(time, turned)

    def _count(self, time: float, turned: NDArray[np.bool_]) -> None:
        self._recent.append((time, turned))
        self._turns += turned
        while self._recent[0][0] <= time - WINDOW + _ROUNDING:
            self._turns -= self._recent.popleft()[1]
        enough = math.ceil(AREA * self._turns.size)
        self.most = max(self.most, int(np.partition(self._turns.ravel(), -enough)[-enough]))
