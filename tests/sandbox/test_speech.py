import io

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from bot.netmind.magic import MP3, sniff
from bot.sandbox.speech import render_speech


def heard(sound: bytes) -> NDArray[np.float64]:
    """Decode one channel of floats."""
    with av.open(io.BytesIO(sound), "r") as container:
        pieces = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return np.concatenate(pieces).astype(np.float64)


def seconds(sound: bytes) -> float:
    return len(heard(sound)) / 44_100


def test_speech_is_mp3_in_one_channel_and_says_that_it_is_a_sandbox_rendering() -> None:
    sound = render_speech("hello there", seed=1)
    assert sniff(sound) == MP3
    with av.open(io.BytesIO(sound), "r") as container:
        (stream,) = container.streams.audio
        assert (stream.codec_context.name, stream.rate) == ("mp3float", 44_100)
        assert len(stream.layout.channels) == 1
        assert container.metadata["title"] == "hello there"
        assert "not made by NetMind" in container.metadata["comment"]


def test_its_length_follows_the_text() -> None:
    once, twice = (seconds(render_speech("a bell in the fog. " * n, seed=1)) for n in (1, 2))
    assert 1.5 < once < 2.5
    assert twice == pytest.approx(2 * once, rel=0.05)


def test_a_comma_is_a_short_silence_and_a_full_stop_a_longer_one() -> None:
    plain, comma, stop = (
        seconds(render_speech(f"one{mark} two", seed=1)) for mark in ("", ",", ".")
    )
    assert plain + 0.1 < comma < stop - 0.1


def test_twice_the_speed_is_half_the_length() -> None:
    slow, fast = (seconds(render_speech("wind in the trees", seed=1, speed=n)) for n in (1, 2))
    assert fast == pytest.approx(slow / 2, rel=0.1)


def test_the_same_words_voice_and_seed_give_the_same_bytes() -> None:
    assert render_speech("wind", seed=1) == render_speech("wind", seed=1)
    assert render_speech("wind", seed=1) != render_speech("wind", seed=2)
    assert render_speech("wind", seed=1, voice="ann") != render_speech("wind", seed=1, voice="bob")


def pitch(sound: bytes) -> float:
    """Find the tone of a voice by where it is most like itself."""
    wave = heard(sound)
    power = np.abs(np.fft.rfft(wave, 2 * len(wave))) ** 2
    alike = np.fft.irfft(power)
    least, most = 44_100 // 300, 44_100 // 80
    return float(44_100 / (least + np.argmax(alike[least:most])))


def test_a_voice_keeps_its_tone_whatever_the_seed() -> None:
    tones = [pitch(render_speech("ma na la", seed=seed, voice="ann")) for seed in (1, 2, 3)]
    assert max(tones) < 1.25 * min(tones)


def test_vowels_are_voiced_and_hisses_are_not() -> None:
    """Most of a vowel lies below 2 kHz, most of an s above."""
    for text, low in (("aaa ooo uuu", True), ("sss sss", False)):
        power = np.abs(np.fft.rfft(heard(render_speech(text, seed=1)))) ** 2
        edge = len(power) * 2000 // 22_050
        assert bool(power[:edge].sum() > power[edge:].sum()) is low


@pytest.mark.parametrize("text", ["?!", "…", "42", "Grüße", "你好 世界", "привет", "\u200b", "🎧"])
def test_no_text_is_too_strange_to_be_said(text: str) -> None:
    wave = heard(render_speech(text, seed=1))
    assert 0.3 < len(wave) / 44_100 < 5
    assert 0.05 < np.abs(wave).max() < 1


def test_it_neither_begins_nor_ends_with_a_click() -> None:
    wave = np.abs(heard(render_speech("a", seed=1)))
    assert wave[:20].max() < 0.02
    assert wave[-20:].max() < 0.02
