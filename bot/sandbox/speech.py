"""A voice from words: not speech, but the babble of somebody who talks, syllable by syllable.

Each letter has its place in the mouth; a voice with its overtones and some breath is shaped on the
way from one to the next. No word can be understood, and none is left out.
"""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

import av
import numpy as np
from numpy.typing import NDArray

from bot.sandbox.acoustics import (
    COARSE,
    RATE,
    Stage,
    Wave,
    gliding,
    level,
    noise,
    slow,
)
from bot.sandbox.sound import COMMENT
from bot.sandbox.words import seed_of

_LOUDNESS = 0.15
_HIGHEST_OVERTONE = 4800
_FORMANT_WIDTHS = (90.0, 120.0, 180.0)
_FORMANT_GAINS = (1.0, 0.6, 0.35)
_HISS, _BLOW = (4500.0, 9500.0), (1200.0, 6500.0)


@dataclass(frozen=True, slots=True)
class _Phone:
    """One position of the mouth: its resonances in Hz, how loud voice and breath are, up to 1."""

    seconds: float
    formants: tuple[float, float, float] = (450, 1400, 2500)
    voice: float = 0.0
    hiss: float = 0.0
    blow: float = 0.0


def _vowel(*formants: float, seconds: float = 0.12) -> _Phone:
    first, second, third = formants
    return _Phone(seconds, (first, second, third), voice=1.0)


_PHONES = {
    "a": _vowel(780, 1250, 2500),
    "e": _vowel(520, 1850, 2550),
    "i": _vowel(320, 2250, 2950),
    "o": _vowel(470, 900, 2450),
    "u": _vowel(340, 850, 2300),
    "y": _vowel(310, 2050, 2800, seconds=0.08),
    "ee": _vowel(300, 2300, 3000, seconds=0.17),
    "oo": _vowel(320, 800, 2250, seconds=0.17),
    "m": _Phone(0.07, (270, 1000, 2200), voice=0.45),
    "n": _Phone(0.06, (280, 1500, 2400), voice=0.45),
    "ng": _Phone(0.08, (280, 1900, 2500), voice=0.4),
    "l": _Phone(0.06, (360, 1200, 2700), voice=0.6),
    "r": _Phone(0.06, (350, 1150, 1650), voice=0.6),
    "w": _Phone(0.05, (310, 700, 2250), voice=0.6),
    "j": _Phone(0.06, (290, 2100, 2800), voice=0.4, blow=0.15),
    "b": _Phone(0.06, (300, 900, 2200), voice=0.2, blow=0.1),
    "d": _Phone(0.06, (320, 1700, 2600), voice=0.2, blow=0.15),
    "g": _Phone(0.06, (300, 1900, 2300), voice=0.2, blow=0.12),
    "p": _Phone(0.07, (400, 900, 2200), blow=0.3),
    "t": _Phone(0.06, (400, 1700, 2600), hiss=0.3),
    "k": _Phone(0.07, (400, 1900, 2300), blow=0.35),
    "s": _Phone(0.10, hiss=0.4),
    "z": _Phone(0.08, voice=0.3, hiss=0.2),
    "sh": _Phone(0.11, hiss=0.15, blow=0.4),
    "ch": _Phone(0.10, hiss=0.15, blow=0.4),
    "th": _Phone(0.08, hiss=0.12, blow=0.08),
    "f": _Phone(0.08, hiss=0.1, blow=0.1),
    "v": _Phone(0.06, (350, 1100, 2300), voice=0.4, blow=0.06),
    "h": _Phone(0.06, (550, 1500, 2500), blow=0.2),
}
_SPELLINGS = {"c": "k", "q": "k", "x": "ks", "ck": "k", "ph": "f"}
_PAUSES = {",": 0.18, ";": 0.22, ":": 0.22, ".": 0.38, "!": 0.38, "?": 0.38, "\n": 0.38}
_BETWEEN_WORDS = _Phone(0.03, voice=0.05)
_HUM = replace(_PHONES["m"], seconds=0.5)
_SOUNDS = re.compile(r"ee|oo|ng|ck|ph|sh|ch|th|[a-z]")
_PARTS = re.compile(r"[^\W_]+|[,;:.!?\n]")
_LONGEST_BREATH = 12
"""Words; whoever talks on for longer than that takes a breath."""


def render_speech(text: str, *, seed: int, voice: str = "", speed: float = 1.0) -> bytes:
    """Render MP3, 44.1 kHz, mono; its length follows the text. The same voice sounds the same."""
    who = np.random.default_rng(seed_of(0, voice) if voice else seed_of(seed, "voice"))
    pitch, mouth = who.uniform(95, 215), who.uniform(0.92, 1.12)
    rng = np.random.default_rng(seed_of(seed, text))
    pieces: list[NDArray[np.int16]] = []
    for phones, pause, rises in _breaths(text):
        said = [_scaled(phone, speed, mouth) for phone in phones]
        wave = np.tanh(_LOUDNESS * _said(said, rng, pitch, rises=rises))
        silence = np.zeros(round(pause / speed * RATE))
        pieces.append(np.rint(np.concatenate([wave, silence]) * 32767).astype(np.int16))
    return _encoded(np.concatenate(pieces), title=text)


def _breaths(text: str) -> Iterator[tuple[list[_Phone], float, bool]]:
    """Give what is said in one go, the pause that follows, and whether its tone rises."""
    phones: list[_Phone] = []
    words = 0
    for part in [*_PARTS.findall(text), "."]:
        pause = _PAUSES.get(part)
        if pause is None:
            phones += [*_phones_of(part), _BETWEEN_WORDS]
            words += 1
            pause = _PAUSES[","] if words == _LONGEST_BREATH else None
        if pause is not None and phones:
            yield phones, pause, part == "?"
            phones, words = [], 0
    if not any(letter.isalnum() for letter in text):
        yield [_HUM], _PAUSES["."], False


def _phones_of(word: str) -> Iterator[_Phone]:
    """Spell a word in sounds; letters that have none in this mouth get one of their own."""
    plain = "".join(map(_in_latin, unicodedata.normalize("NFKD", word.casefold())))
    once = re.sub(r"([^eo])\1", r"\1", plain)
    sounds = re.sub(r"(?<=[a-z]{3})e$", "", once)
    for sound in _SOUNDS.findall(sounds):
        spelt = _SPELLINGS.get(sound, sound)
        yield from (_PHONES[part] for part in ([spelt] if spelt in _PHONES else spelt))


def _in_latin(letter: str) -> str:
    if "a" <= letter <= "z" or not letter.isalnum():
        return letter
    number = ord(letter)
    return "mnldbk"[number % 6] + "aeiou"[number % 5]


def _scaled(phone: _Phone, speed: float, mouth: float) -> _Phone:
    """Say it faster or slower, with a smaller or a larger mouth."""
    first, second, third = (formant * mouth for formant in phone.formants)
    return replace(phone, seconds=phone.seconds / speed, formants=(first, second, third))


def _said(phones: list[_Phone], rng: np.random.Generator, pitch: float, *, rises: bool) -> Wave:
    """Say phones in one breath, at a level of about 1 where it is voiced."""
    ends = np.cumsum([phone.seconds for phone in phones])
    stage = Stage(rng, round(float(ends[-1]) * RATE))
    centres = ends - np.array([phone.seconds for phone in phones]) / 2
    times = np.arange(0, stage.length + COARSE, COARSE) / RATE

    def track(values: list[float]) -> Wave:
        return np.interp(times, [0.0, *centres, ends[-1]], [values[0], *values, values[-1]])

    formants = [track([phone.formants[number] for phone in phones]) for number in range(3)]
    loudness = np.interp(times, [0, *centres, ends[-1]], [0, *(one.voice for one in phones), 0])
    wave = _voiced(stage, times, formants, loudness, _melody(stage, pitch, rises=rises))
    for band, levels in (
        (_HISS, [phone.hiss for phone in phones]),
        (_BLOW, [phone.blow for phone in phones]),
    ):
        envelope = np.interp(stage.time, [0, *centres, ends[-1]], [0, *levels, 0])
        wave += 0.8 * envelope * noise(stage, *band)[0]
    return wave


def _melody(stage: Stage, pitch: float, *, rises: bool) -> Wave:
    """Give the tone of the voice: it wanders, and falls towards the end unless it asks."""
    part = np.linspace(0, 1, stage.length)
    bend = 0.35 * np.clip(part - 0.7, 0, None) / 0.3 if rises else -0.14 * part
    return pitch * (1 + bend + 0.16 * (slow(stage, 2.5) - 0.4))


def _voiced(stage: Stage, times: Wave, formants: list[Wave], loudness: Wave, melody: Wave) -> Wave:
    """Sound the overtones of a voice, each as loud as the mouth lets it be."""
    turn = np.exp(1j * gliding(melody))
    tone = np.interp(times, stage.time, melody)
    wave, overtone = np.zeros(stage.length), turn.copy()
    for number in range(1, int(_HIGHEST_OVERTONE / tone.min()) + 1):
        gain = np.zeros_like(times)
        for formant, width, strength in zip(formants, _FORMANT_WIDTHS, _FORMANT_GAINS, strict=True):
            gain += strength / (1 + ((number * tone - formant) / width) ** 2)
        wave += _fine(gain * loudness / number**0.5, stage.length) * overtone.imag
        overtone *= turn
    # What is hardly voiced stays as soft as it is.
    return level(wave) * float(np.sqrt(np.mean(loudness**2)))


def _fine(curve: Wave, length: int) -> Wave:
    """Draw straight lines between the points of a slow curve."""
    between = np.linspace(0, 1, COARSE, endpoint=False)
    fine: Wave = (curve[:-1, None] + np.diff(curve)[:, None] * between).reshape(-1)
    return fine[:length]


def _encoded(samples: NDArray[np.int16], *, title: str) -> bytes:
    """Pack the samples of one channel as MP3."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp3") as container:
        container.metadata.update({"title": title, "comment": COMMENT})
        stream = container.add_stream("libmp3lame", rate=RATE, layout="mono", format="s16p")
        assert isinstance(stream, av.AudioStream)  # noqa: S101 - what an MP3 stream is
        stream.bit_rate = 96_000
        frame = av.AudioFrame.from_ndarray(samples[None, :], format="s16p", layout="mono")
        frame.sample_rate = RATE
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return buffer.getvalue()
