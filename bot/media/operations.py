"""What the child can be asked for, and how it says what went wrong."""

import dataclasses
import errno
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av

from bot.media.drawing import draw_waveform
from bot.media.errors import CannotFitError, MediaError
from bot.media.examination import examine
from bot.media.limits import Limits
from bot.media.looking import look
from bot.media.poster import make_poster
from bot.media.preparation import make_voice, prepare
from bot.media.shape import Waveform
from bot.media.waveform import waveform_of

_Json = dict[str, Any]


def _examine(source: Path, *, limits: Limits) -> _Json:
    return dataclasses.asdict(examine(source, limits))


def _prepare(source: Path, *, target: Path, limit: int, limits: Limits) -> _Json:
    found = dataclasses.asdict(prepare(source, target, limit, limits))
    return found | {"path": str(found["path"])}


def _waveform(source: Path, *, limits: Limits) -> _Json:
    return _shape(waveform_of(source, limits))


def _voice(source: Path, *, target: Path, limit: int, limits: Limits) -> _Json:
    make_voice(source, target, limit, limits)
    return _shape(waveform_of(target, limits))


def _draw(source: Path, *, target: Path, limits: Limits) -> _Json:
    draw_waveform(source, target, limits)
    return {}


def _poster(source: Path, *, target: Path, blurred: bool, limits: Limits) -> _Json:
    make_poster(source, target, limits, blurred=blurred)
    return {}


def _look(source: Path, *, limits: Limits) -> _Json:
    return dataclasses.asdict(look(source, limits))


def _shape(waveform: Waveform) -> _Json:
    return {"seconds": waveform.seconds, "peaks": list(waveform.peaks)}


OPERATIONS: dict[str, Callable[..., _Json]] = {
    "examine": _examine,
    "prepare": _prepare,
    "waveform": _waveform,
    "voice": _voice,
    "waveform_picture": _draw,
    "poster": _poster,
    "look": _look,
}


def error_answer(error: Exception) -> _Json:
    """Say an error in JSON: the name of its class in bot.media.errors, its text and facts."""
    if isinstance(error, CannotFitError):
        return {"error": "CannotFitError", "limit": error.limit, "least": error.least}
    if isinstance(error, MediaError):
        return {"error": type(error).__name__, "text": str(error)}
    if isinstance(error, MemoryError):
        return {"error": "TooHeavyError", "text": "the file needs too much memory"}
    if isinstance(error, OSError) and error.errno == errno.EFBIG:
        return {"error": "TooHeavyError", "text": "what was made of the file grew too large"}
    if isinstance(error, av.FFmpegError):
        return {"error": "NotReadableError", "text": "the file cannot be read as media"}
    return {"error": "MediaCrashError", "text": f"the work ended with {type(error).__name__}"}
