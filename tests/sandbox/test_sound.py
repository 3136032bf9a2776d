import io
import time

import av
import numpy as np
import pytest

from bot.sandbox.layers import LAYERS, layers_of
from bot.sandbox.sound import COMMENT, PEAK, compose, render_sound
from tests.sandbox.media import band_decibels, decibels, fingerprint, samples_of


@pytest.mark.parametrize("seconds", [1, 2.5, 7.13])
def test_a_sound_is_flac_in_stereo_of_exactly_the_asked_length(seconds: float) -> None:
    sound = render_sound("rain", seconds=seconds, seed=1)

    with av.open(io.BytesIO(sound)) as container:
        stream = container.streams.audio[0]
        seen = (stream.codec_context.name, stream.rate, stream.layout.name, stream.format.name)
    assert seen == ("flac", 44_100, "stereo", "s16")
    assert samples_of(sound).shape == (2, round(seconds * 44_100))


def test_a_sound_says_that_it_is_a_sandbox_rendering() -> None:
    with av.open(io.BytesIO(render_sound("wind over willow branches", seconds=1, seed=1))) as file:
        tags = {key.lower(): value for key, value in file.metadata.items()}

    assert tags["title"] == "wind over willow branches"
    assert tags["comment"] == COMMENT


def test_the_same_prompt_length_and_seed_give_the_same_bytes() -> None:
    first, again = (render_sound("birds by a river", seconds=2, seed=7) for _ in range(2))

    assert first == again


def test_another_seed_gives_other_samples() -> None:
    first, second = (compose("birds by a river", seconds=2, seed=seed) for seed in (7, 8))

    assert np.abs(first - second).mean() > 0.01


def test_unknown_words_give_a_sound_of_their_own_and_never_silence() -> None:
    first, second = (compose(prompt, seconds=3, seed=1) for prompt in ("zorble quux", "\U0001f3b5"))

    assert decibels(first) == pytest.approx(-20, abs=1.5)
    assert decibels(second) == pytest.approx(-20, abs=1.5)
    assert np.abs(fingerprint(first) - fingerprint(second)).max() > 6


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_each_known_word_changes_the_spectrum_and_stays_in_bounds(name: str) -> None:
    word = LAYERS[name].words.split()[0]
    wave, plain = (compose(text, seconds=3, seed=3) for text in (word, "zorble"))

    assert name in layers_of(word)
    assert np.abs(wave).max() <= PEAK
    assert -32 < decibels(wave) < -15
    assert np.abs(fingerprint(wave) - fingerprint(plain)).max() > 10


@pytest.mark.parametrize("prompt", ["wind", "thunder", "music", "knock on a door", "fnord"])
def test_both_ends_are_silent_so_that_nothing_clicks(prompt: str) -> None:
    wave = compose(prompt, seconds=2, seed=5)

    assert np.abs(wave[:, [0, 1, -2, -1]]).max() < 1e-3


def test_a_negative_word_takes_its_layer_away() -> None:
    birds = {"low": 2000.0, "high": 6500.0}
    thunder = {"low": 20.0, "high": 120.0}
    both = compose("thunder with birds", seconds=4, seed=2)
    calm = compose("thunder with birds", seconds=4, seed=2, negative_prompt="thunders")

    assert band_decibels(calm, **thunder) < band_decibels(both, **thunder) - 25
    assert band_decibels(calm, **birds) > band_decibels(both, **birds)


def test_a_negative_word_leaves_the_other_layers_in_the_plan() -> None:
    assert layers_of("rain on a tin roof with birds") == ["rain", "birds"]
    assert layers_of("rain on a tin roof with birds", "no birdsong, music") == ["rain"]


def test_plurals_and_other_forms_are_the_same_word() -> None:
    for text in ("bells", "a bell ringing", "the chiming of bells"):
        assert layers_of(text) == ["bells"]
    assert layers_of("dripping flies") == ["drips", "bees"]


def test_crickets_keep_quiet_in_a_stormy_night() -> None:
    assert "insects" in layers_of("a city at night")
    assert "insects" not in layers_of("a lighthouse in a storm at night")


def test_what_is_far_away_is_softer_and_darker() -> None:
    near, far = (compose(text, seconds=5, seed=4) for text in ("thunder", "thunder far away"))

    assert decibels(far) < decibels(near) - 2
    bright_near, bright_far = (band_decibels(w, 1000, 8000) - decibels(w) for w in (near, far))
    assert bright_far < bright_near - 15


def test_loud_is_louder_than_soft() -> None:
    loud, soft = (compose(text, seconds=3, seed=4) for text in ("loud river", "soft river"))

    assert decibels(loud) > decibels(soft) + 5


def test_ten_seconds_are_rendered_in_well_under_a_second_of_computing() -> None:
    start = time.process_time()
    render_sound("wind and rain over willow branches with birds", seconds=10, seed=1)

    assert time.process_time() - start < 1.0
