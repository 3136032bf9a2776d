import base64

import numpy as np
import pytest

from bot.media.drawing import length_label, waveform_picture
from bot.media.shape import Waveform
from bot.media.waveform import shape_of


@pytest.mark.parametrize("count", [1, 10, 256])
def test_the_loudest_moment_is_255_wherever_it_is(count: int) -> None:
    levels = np.full(1000, 0.01, np.float32)
    levels[700] = 0.5

    shape = shape_of(levels, count)

    assert (len(shape), int(shape.max()), int(shape.argmax())) == (count, 255, count * 700 // 1000)


def test_silence_is_not_blown_up() -> None:
    assert not shape_of(np.full(1000, 0.0005, np.float32), 100).any()


def test_a_sound_shorter_than_its_bars_fills_them_all() -> None:
    assert list(shape_of(np.full(3, 0.5, np.float32), 8)) == [255] * 8


def test_discord_gets_base64() -> None:
    assert base64.b64decode(Waveform(1.0, b"\x00\xff").encoded) == b"\x00\xff"


@pytest.mark.parametrize(
    ("seconds", "label"), [(0.04, "0.0 s"), (7.04, "7.0 s"), (9.96, "0:10"), (83.4, "1:23")]
)
def test_a_length_is_said_as_players_do(seconds: float, label: str) -> None:
    assert length_label(seconds) == label


def test_a_silent_sound_is_a_row_of_dots_on_a_card_with_clear_corners() -> None:
    picture = waveform_picture(np.zeros(79, np.uint8), 5.0)

    assert np.asarray(picture)[0, 0, 3] == 0
    bright = np.asarray(picture.convert("L"))[:, 60:900] > 110
    rows = np.flatnonzero(bright[:190].any(axis=1))
    assert 3 <= len(rows) <= 8
