"""Everything that can be done with a media file from outside; the work is done in a child."""

import asyncio
import dataclasses
from pathlib import Path
from typing import Any

from bot.media import errors
from bot.media.facts import Probe
from bot.media.limits import DRAWING_BYTES, MIB, Limits
from bot.media.measures import Measures
from bot.media.prepared import Prepared
from bot.media.runner import run
from bot.media.shape import Waveform

_SPARE_BYTES = MIB
"""A file may grow this much over its limit before the child is stopped from writing."""
_ERRORS: dict[str, type[errors.MediaError]] = {
    kind.__name__: kind
    for kind in (errors.NotReadableError, errors.TooHeavyError, errors.MediaCrashError)
}


class Workshop:
    """Works on files from outside, `places` at a time; the others wait for their turn.

    Every call reads `source` and, where it has one, writes `target` at once or not at all. All
    raise NotReadableError, TooHeavyError and MediaCrashError; cancelling one ends its process.
    """

    def __init__(self, limits: Limits | None = None, *, places: int = 1) -> None:
        self._limits = limits or Limits()
        self._turn = asyncio.Semaphore(places)

    async def examine(self, source: Path) -> Probe:
        """Say what a file is, after reading all of it."""
        return Probe(**await self._ask("examine", source))

    async def prepare(self, source: Path, target: Path, *, limit: int) -> Prepared:
        """Have a file that plays in Discord and has at most `limit` bytes.

        `target` is written only if the source has to change. Raises CannotFitError as well.
        """
        answer = await self._write("prepare", source, target, limit + _SPARE_BYTES, limit=limit)
        probes = {side: Probe(**answer.pop(side)) for side in ("before", "after")}
        path = source if answer["changed"] is None else target
        return Prepared(**answer | probes | {"path": path})

    async def waveform(self, source: Path) -> Waveform:
        """Give the length and shape of a file's sound."""
        return _waveform(await self._ask("waveform", source))

    async def voice(self, source: Path, target: Path, *, limit: int) -> Waveform:
        """Write the sound as Opus in Ogg for a voice message. Raises CannotFitError as well."""
        answer = await self._write("voice", source, target, limit + _SPARE_BYTES, limit=limit)
        return _waveform(answer)

    async def waveform_picture(self, source: Path, target: Path) -> None:
        """Write a PNG, 960 x 240, that shows the sound and its length."""
        await self._write("waveform_picture", source, target, DRAWING_BYTES)

    async def poster(self, source: Path, target: Path, *, blurred: bool = False) -> None:
        """Write one telling frame of a video (or picture) as JPEG, at most 1280 wide."""
        await self._write("poster", source, target, DRAWING_BYTES, blurred=blurred)

    async def look(self, source: Path) -> Measures:
        """Measure how often a file flashes and how loud it gets, after decoding all of it."""
        return Measures(**await self._ask("look", source))

    async def _write(
        self, operation: str, source: Path, target: Path, output_bytes: int, **arguments: Any
    ) -> dict[str, Any]:
        """Have the child write beside the target, and put that in its place when it is whole."""
        part = target.with_name(f"{target.name}.part")
        try:
            answer = await self._ask(
                operation, source, output_bytes=output_bytes, target=str(part), **arguments
            )
            if answer.get("changed", "written") is not None:
                part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        return answer

    async def _ask(
        self, operation: str, source: Path, *, output_bytes: int = 0, **arguments: Any
    ) -> dict[str, Any]:
        request = {
            "operation": operation,
            "source": str(source),
            "arguments": arguments,
            "output_bytes": output_bytes,
            "limits": dataclasses.asdict(self._limits),
        }
        async with self._turn:
            answer = await run(request, self._limits)
        if "error" in answer:
            raise _error(answer)
        return answer


def _waveform(answer: dict[str, Any]) -> Waveform:
    return Waveform(answer["seconds"], bytes(answer["peaks"]))


def _error(answer: dict[str, Any]) -> errors.MediaError:
    if answer["error"] == "CannotFitError":
        return errors.CannotFitError(answer["limit"], answer["least"])
    return _ERRORS.get(answer["error"], errors.MediaCrashError)(answer["text"])
