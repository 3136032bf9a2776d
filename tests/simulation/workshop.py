"""No child processes: they would live in real time, outside of everything that is simulated."""

from pathlib import Path

from bot.media.errors import NotReadableError
from bot.media.prepared import Prepared
from bot.media.workshop import Workshop


class Closed(Workshop):
    """A workshop that can read nothing, so that files which fit are posted as they are."""

    async def prepare(self, source: Path, target: Path, *, limit: int) -> Prepared:  # noqa: ARG002 - as the other
        """Refuse the file."""
        raise NotReadableError("the workshop is closed")
