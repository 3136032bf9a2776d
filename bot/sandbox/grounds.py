"""Painters of what is below and before: land, water, woods, cities."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from bot.sandbox.canvas import (
    Colour,
    Field,
    Painter,
    Picture,
    View,
    cloth,
    dots,
    endless,
    mix,
    ridge,
    shine,
    short,
    smooth,
    tint,
    window,
)
from bot.sandbox.palette import Sky, between, is_dark, ramp, whole

HORIZON = 0.6


def mountains(view: View, sky: Sky) -> Painter:
    """Stand three ranges behind each other, paler the farther, sliding past."""
    return _ranges(view, sky, rough=1.5, turns=1.2, heights=(0.42, 0.55, 0.72), relief=0.26)


def hills(view: View, sky: Sky) -> Painter:
    """Lay soft hills."""
    return _ranges(view, sky, rough=3.0, turns=0.8, heights=(0.62, 0.72, 0.84), relief=0.14)


def _ranges(
    view: View, sky: Sky, *, rough: float, turns: float, heights: tuple[float, ...], relief: float
) -> Painter:
    lines = [ridge(view.rng, view.width, rough=rough, turns=turns) for _ in heights]
    far, near = tint(sky.bands[-1]), tint(sky.shade)
    tones = [between(far, near, part) for part in (0.35, 0.65, 0.95)]

    def paint(picture: Picture, time: float) -> None:
        for number, (line, height, tone) in enumerate(zip(lines, heights, tones, strict=True)):
            outline = height - relief * window(line, view.width, time * 5 * (number + 1) ** 1.5)
            mix(picture, tone, short(np.clip((view.y - outline) * view.height, 0, 1)))

    return paint


def sea(view: View, sky: Sky) -> Painter:
    """Roll waves towards the eye under the horizon, with the light of the sky on them."""
    top = int(HORIZON * view.height)
    depth = np.linspace(0.004, 1, view.height - top, dtype=np.float32)[:, None]
    far = 1 / (depth + 0.09)
    side = (view.x - 0.5) * view.aspect * far
    calm = np.minimum(1, depth * 2.5)
    waves = [
        (view.rng.uniform(-2.2, 2.2), view.rng.uniform(5, 11), view.rng.uniform(1.2, 2.4), gain)
        for gain in (1, 0.7, 0.5, 0.35)
    ]
    ripple = endless(
        cloth(view.rng, view.height - top, view.width * 2, stretch=0.4, rough=1.3), view.width
    )
    tones = ramp(
        [sky.bands[-1], sky.water, whole(between(tint(sky.water), (0, 0.02, 0.06), 0.6))],
        view.height - top,
    )[:, None, :]
    rough = 1.5 if view.says("storm", "stormy", "wild", "rough", "wind") else 1.0

    def paint(picture: Picture, time: float) -> None:
        grain = window(ripple, view.width, time * 12)
        swell = sum(
            gain * np.sin(across * side + forth * far + beat * time * rough + 2.2 * grain)
            for across, forth, beat, gain in waves
        )
        height = short(np.asarray(swell)) * calm * np.float32(0.4 * rough)
        water = picture[top:]
        water[:] = tones * (1 + 0.32 * height[..., None])
        shine(water, tint(sky.bands[-1]), smooth(0.35, 1.1, height) * np.float32(0.3))
        sparkle = smooth(0.3, 0.9, height * grain * 1.8)
        column = np.exp(-(((view.x - 0.68) / (0.05 + 0.16 * depth)) ** 2))
        shine(water, tint(sky.glow), short(sparkle * (0.1 + 0.75 * column)))

    return paint


def city(view: View, sky: Sky) -> Painter:
    """Raise a skyline in two depths, its windows lit, and let traffic run before it."""
    strips = [_skyline(view, tallest, depth) for depth, tallest in enumerate((0.5, 0.34))]
    haze = short(smooth(0.5, 1, view.y) * 0.22 * np.ones_like(view.x))
    cars = view.rng.random((2, 26))

    def paint(picture: Picture, time: float) -> None:
        for depth, (houses, lights) in enumerate(strips):
            offset = time * (5 + 9 * depth)
            there = window(houses, view.width, offset)
            mix(picture, between(tint(sky.shade), tint(sky.bands[-1]), 0.3 - 0.22 * depth), there)
            shine(picture, (1.0, 0.76, 0.4), window(lights, view.width, offset))
            shine(picture, (0.9, 0.4, 0.35), haze * np.float32(1 - 0.6 * depth))
        _traffic(view, picture, cars, time)

    return paint


def _traffic(view: View, picture: Picture, cars: NDArray[Any], time: float) -> None:
    """Let headlights come and tail lights go along the lower edge."""
    for way, colour, row in ((1, (1.0, 0.95, 0.8), 0.955), (-1, (1.0, 0.15, 0.1), 0.975)):
        x = (cars[0] + way * time * (0.06 + 0.06 * cars[1])) % 1.1 - 0.05
        y = np.full_like(x, row * view.height)
        for size, light in ((1.8, 1.0), (7.0, 0.16)):
            dots(picture, x * view.width, y, size=size, colour=colour, light=light)


def _skyline(view: View, tallest: float, depth: int) -> tuple[Field, Field]:
    """Build a row of houses wider than the view, and the lights in their windows."""
    width, unit = view.width * 2, max(2, view.width // 200)
    houses = np.zeros((view.height, width), np.float32)
    lights = houses.copy()
    left = 0
    while left < width:
        wide = int(view.rng.integers(6, 15)) * unit * (2 if depth else 1)
        roof = int(view.height * (0.88 - tallest * view.rng.random() ** 1.3))
        houses[roof:, left : left + wide] = 1
        _light_up(view, lights[roof + 2 * unit :, left + unit : left + wide - unit], unit)
        left += wide + int(view.rng.integers(0, 3)) * unit
    return endless(houses, view.width), endless(lights * (0.95 if depth else 0.5), view.width)


def _light_up(view: View, wall: Field, unit: int) -> None:
    """Light some windows of a wall: each a unit wide and high, with a unit between them."""
    rows, columns = wall.shape[0] // (unit * 2), wall.shape[1] // (unit * 2)
    if rows and columns:
        lit = view.rng.random((rows, columns)) < view.rng.uniform(0.15, 0.5)
        panes = np.kron(lit * view.rng.uniform(0.25, 1, (rows, columns)), np.ones((unit, unit)))
        rows_at, columns_at = (
            (np.arange(count)[:, None] * unit * 2 + np.arange(unit)).ravel()
            for count in (rows, columns)
        )
        wall[np.ix_(rows_at, columns_at)] = panes


def trees(view: View, sky: Sky) -> Painter:
    """Stand trunks in three depths with light falling between them."""
    depths = [(14, 0.012, 0.3), (9, 0.024, 0.6), (5, 0.05, 0.95)]
    rows = [(view.rng.random((count, 2)), wide, dark) for count, wide, dark in depths]
    crowns = endless(cloth(view.rng, view.height, view.width * 2, rough=1.25), view.width)
    leafy = 1 - smooth(0.05, 0.62, view.y)
    slant = np.arange(view.width * 3)[None, :] / view.width * 1.3 + view.y * 0.9
    rays = endless(short(np.clip(np.sin(slant * 16), 0, 1) ** 3 * (1 - view.y) * 0.13), view.width)

    def paint(picture: Picture, time: float) -> None:
        for number, (places, wide, dark) in enumerate(rows):
            tone = between(tint(sky.bands[-2]), tint(sky.shade), dark)
            for place, lean in places:
                middle = (place + time * 0.006 * (number + 1) ** 1.6) % 1.2 - 0.1
                _trunk(
                    view,
                    picture,
                    tone,
                    middle=middle,
                    wide=wide,
                    lean=(lean - 0.5) * 0.08,
                    time=time,
                )
            rustle = window(crowns, view.width, time * (8 + 8 * number) + 140 * number)
            there = smooth(0.45, 0.75, rustle + 0.25 * leafy - 0.12)
            mix(picture, tone, there * leafy * np.float32(0.8))
        beams = window(rays, view.width, time * 8) * np.float32(0.35 if is_dark(sky) else 1)
        shine(picture, tint(sky.glow), beams)

    return paint


def _trunk(
    view: View,
    picture: Picture,
    tone: Colour,
    *,
    middle: float,
    wide: float,
    lean: float,
    time: float,
) -> None:
    """Paint one trunk, touching only the columns it can reach."""
    reach = abs(lean) + wide + 0.01
    left, right = (
        int(np.clip(side * view.width, 0, view.width)) for side in (middle - reach, middle + reach)
    )
    bend = (lean + 0.004 * np.sin(time * 1.1 + lean * 99)) * (1 - view.y)
    away = np.abs(view.x[:, left:right] - middle - bend) / (wide * (0.7 + 0.5 * view.y**3))
    mix(picture[:, left:right], tone, 1 - smooth(0.46, 0.54, away))


def willow(view: View, sky: Sky) -> Painter:
    """Hang the long branches of a willow over the picture and let the wind comb them."""
    count, joints = 230, 30
    root = view.rng.uniform(-0.2, 1.15, count)
    reach = view.rng.uniform(0.3, 0.95, count) * (0.75 + 0.5 * np.abs(root - 0.5))
    phase, near = view.rng.uniform(0, 6, count), np.sort(view.rng.random(count))
    along = np.linspace(0, 1, joints)[None, :]
    tones = _willow_tones(view, sky, near)
    crown = endless(cloth(view.rng, view.height, view.width * 2, rough=1.3), view.width)
    under = 1 - smooth(0.0, 0.42, view.y)
    shade = tones[count // 5]
    strong = 1.8 if view.says("wind", "windy", "storm", "gust") else 1.0

    def paint(picture: Picture, time: float) -> None:
        there = smooth(0.35, 0.7, window(crown, view.width, 40 * np.sin(time * 0.8) + 60) * under)
        mix(picture, (shade[0] / 255, shade[1] / 255, shade[2] / 255), there)
        gust = 0.5 + 0.5 * np.sin(time * 0.9 - root * 3) + 0.3 * np.sin(time * 2.1 - root * 6)
        sway = strong * gust[:, None] * 0.07 * along**1.7
        curl = 0.010 * np.sin(time * 2.6 + phase[:, None] - along * 4) * along
        x = (root[:, None] + sway + curl) * view.width
        y = along * (reach * (1 - 0.1 * gust))[:, None] * view.height - 4
        _branches(picture, np.stack([x, y], axis=2), tones, near, leaf=view.height * 0.021)

    return paint


def _willow_tones(view: View, sky: Sky, near: NDArray[Any]) -> list[tuple[int, ...]]:
    """Give each branch its green: bluish far away, yellow and bright near the eye."""
    far = whole(between(tint(sky.shade), tint(sky.bands[1]), 0.55))
    greens = ramp([far, 0x2F6B3C, 0x5C9038, 0xA3C04E], 64)
    light = (np.clip(near + view.rng.normal(0, 0.1, len(near)), 0, 1) * 63).astype(int)
    dim = 0.4 if is_dark(sky) else 1.0
    return [tuple(int(255 * dim * part) for part in greens[index]) for index in light]


def _branches(
    picture: Picture,
    joints: NDArray[Any],
    tones: list[tuple[int, ...]],
    near: NDArray[Any],
    *,
    leaf: float,
) -> None:
    """Draw branches, (n, joints, 2), at double size; with leaves of this length, if any."""
    height, width = picture.shape[:2]
    sheet = Image.new("RGBA", (width * 2, height * 2), (70, 110, 60, 0))
    draw = ImageDraw.Draw(sheet)
    for line, tone, close in zip(joints * 2, tones, near, strict=True):
        points = list(map(tuple, line.tolist()))
        draw.line(points, fill=(*tone, 200), width=1 + int(close * 2))
        size = leaf * (1 + close)
        if not size:
            continue
        for number, (x, y) in enumerate(points[3:]):
            side = size * (0.5 if number % 2 else -0.5)
            draw.line((x, y, x + side, y + size), fill=(*tone, 235), width=3 + int(close * 3))
    cover = np.asarray(sheet.reduce(2), np.float32) / 255
    mix(picture, cover[..., :3], cover[..., 3])


def meadow(view: View, sky: Sky) -> Painter:
    """Let tall grass stand at the lower edge and bow to the wind."""
    count, joints = 520, 5
    root, near = view.rng.random(count) * 1.1 - 0.05, np.sort(view.rng.random(count))
    tall = view.rng.uniform(0.08, 0.22, count) * (0.6 + 0.7 * near)
    along = np.linspace(0, 1, joints)[None, :]
    dark = whole(between(tint(sky.shade), (0.1, 0.25, 0.08), 0.4))
    greens = ramp([dark, 0x3C6B2E, 0x7FA640], 64)[(near * 63).astype(int)]
    dim = 0.45 if is_dark(sky) else 1.0
    tones = [tuple(int(255 * dim * part) for part in green) for green in greens]
    top = int(view.height * 0.66)

    def paint(picture: Picture, time: float) -> None:
        bow = 0.03 + 0.05 * np.sin(time * 1.4 - root * 7) + 0.015 * np.sin(time * 4 + root * 40)
        x = (root[:, None] + bow[:, None] * along**2) * view.width
        y = (1.02 + 0.05 * (near - 1)[:, None] - tall[:, None] * along) * view.height - top
        _branches(picture[top:], np.stack([x, y], axis=2), tones, near, leaf=0)

    return paint


def lighthouse(view: View, sky: Sky) -> Painter:
    """Set a tower on a rock and let its beam go round."""
    x, y = (view.x - 0.27) * view.aspect, view.y - 0.3
    shapes = _tower(x, y)
    striped = (np.floor(y / 0.08) % 2)[..., None] * np.ones((1, view.width, 1))
    coat = np.where(striped, tint(0xB6423A), tint(0xE8E2D2)) * (0.45 if is_dark(sky) else 0.9)
    angle, distance = np.arctan2(y, x), np.hypot(x, y)
    reach = np.exp(-distance * 1.1)
    glow = short(0.9 * np.exp(-distance / 0.03) + 0.25 * np.exp(-distance / 0.12))

    def paint(picture: Picture, time: float) -> None:
        turn = time * 1.25
        for swing in (np.cos(turn), -np.cos(turn)):
            middle = (0 if swing > 0 else np.pi) + 0.05 * np.sin(turn)
            off = np.abs((angle - middle + np.pi) % (2 * np.pi) - np.pi)
            beam = np.exp(-((off / (0.05 + 0.12 * (1 - abs(swing)))) ** 2)) * reach
            shine(picture, (1, 0.93, 0.7), short(beam * 0.85 * abs(swing)))
        mix(picture, tint(sky.shade), shapes["dark"])
        mix(picture, coat, shapes["coat"])
        shine(picture, (1, 0.9, 0.6), glow * np.float32(0.7 + 0.5 * abs(np.cos(turn))))

    return paint


def _tower(x: Field, y: Field) -> dict[str, Field]:
    """Cut out the painted tower and its dark parts, round a lamp at 0, 0; 1 is the height."""
    away, foot = np.abs(x), 0.48
    taper = 0.018 + 0.014 * y / foot
    coat = _inside(away, taper) * _inside(np.abs(y - 0.25), 0.23)
    lantern = _inside(away, 0.015) * _inside(np.abs(y), 0.022)
    gallery = _inside(away, 0.026) * _inside(np.abs(y - 0.03), 0.006)
    rock = _inside(foot + 0.9 * away**1.6 - 0.02 * np.cos(x * 34) / (1 + 30 * away**2), y)
    return {"coat": coat, "dark": short(np.maximum(np.maximum(lantern, gallery), rock))}


def _inside(value: NDArray[Any], limit: NDArray[Any] | float) -> Field:
    """Give 1 where the value is under the limit, with an edge of a pixel or so."""
    return short(np.clip((limit - value) * 400 + 0.5, 0, 1))
