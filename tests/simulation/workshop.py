"""No child processes: they would live in real time, outside of everything that is simulated."""

from pathlib import Path
from typing import Any

from bot.media.errors import NotReadableError
from bot.media.workshop import Workshop


class Closed(Workshop):
    """A workshop that can read nothing, so that files which fit are posted as they are."""

    async def _ask(self, operation: str, source: Path, **arguments: Any) -> dict[str, Any]:  # noqa: ARG002 - as the other
        raise NotReadableError("the workshop is closed")
