"""Which recipes make a sound play, within a size: decided without opening anything."""

from collections.abc import Iterator

from bot.media.errors import CannotFitError
from bot.media.facts import Probe
from bot.media.formats import FLAC, MP3, OGG, Format
from bot.media.recipes import COPY, AudioTarget, Recipe, overhead

OPUS_RATES = (192_000, 160_000, 128_000, 96_000, 64_000, 48_000)
"""Bits a second. From 128,000 on few people hear a difference; below 48,000 music in stereo
loses its room and its treble, and is not worth posting."""

OPUS_PACKETS = 50.0
"""A second; each costs the container a few bytes."""

_HOMES: dict[str | None, Format] = {"flac": FLAC, "mp3": MP3, "opus": OGG, "vorbis": OGG}
_CONTAINERS = {"flac": "flac", "mp3": "mp3", "opus": "ogg", "vorbis": "ogg"}
_DEEP = frozenset({"s32", "s32p", "flt", "fltp", "dbl", "dblp"})
_SAVING = 0.97
"""A variable rate may end a little above the one asked for."""
_CD_RATE = 48_000


def plays(probe: Probe) -> bool:
    """Tell whether Discord shows a player for the file."""
    return probe.audio_codec in _CONTAINERS and (probe.container == _CONTAINERS[probe.audio_codec])


def format_of(probe: Probe) -> Format | None:
    """Give the format in which the sound can be taken over as it is."""
    return _HOMES.get(probe.audio_codec)


def sound_recipes(probe: Probe, limit: int) -> Iterator[Recipe]:
    """Give what to try, the gentlest first. Raises CannotFitError when the least is too much."""
    home = format_of(probe)
    if home and not plays(probe):
        yield Recipe(home, audio=COPY)
    if is_lossless(probe):
        yield from _flac(probe)
    yield from opus_recipes(probe, limit)


def opus_recipes(probe: Probe, limit: int) -> Iterator[Recipe]:
    """Give Opus at each rate that fits. Raises CannotFitError when none does."""
    channels = min(probe.channels or 2, 2)
    room = 8 * (limit - overhead(probe.seconds, 0)) * _SAVING
    fitting = [rate for rate in OPUS_RATES if rate * probe.seconds <= room]
    if not fitting:
        least = OPUS_RATES[-1] / 8 * probe.seconds / _SAVING + overhead(probe.seconds, 0)
        raise CannotFitError(limit, max(round(least) + 1, limit + 1))
    for rate in fitting:
        yield Recipe(OGG, audio=AudioTarget("libopus", rate, 48_000, channels, "flt"))


def is_lossless(probe: Probe) -> bool:
    """Tell whether the sound has every sample still."""
    codec = probe.audio_codec or ""
    return codec in {"flac", "alac"} or codec.startswith("pcm_")


def _flac(probe: Probe) -> Iterator[Recipe]:
    """FLAC as deep as the sound is, then as deep as ears are."""
    channels, rate = min(probe.channels or 2, 2), probe.sample_rate or _CD_RATE
    deep = probe.sample_format in _DEEP
    if probe.audio_codec != "flac":
        yield Recipe(FLAC, audio=AudioTarget("flac", None, rate, channels, _flac_depth(deep=deep)))
    if deep or rate > _CD_RATE:
        yield Recipe(FLAC, audio=AudioTarget("flac", None, min(rate, _CD_RATE), channels, "s16"))


def _flac_depth(*, deep: bool) -> str:
    return "s32" if deep else "s16"
