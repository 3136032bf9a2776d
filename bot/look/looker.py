"""Look at a result: by our own measures, then by the operator's service if there is one."""

from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.look.finding import Finding
from bot.look.measured import finding_of
from bot.look.service import ModerationService, NoVerdictError
from bot.media.errors import MediaError
from bot.media.workshop import Workshop

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Seen:
    """What does not look right, None if nothing; `words` are the service's own, not escaped."""

    finding: Finding | None
    words: str = ""


class Looker:
    """Looks at files. What goes wrong is a finding too: UNSEEN, and a line in the log."""

    def __init__(self, workshop: Workshop, service: ModerationService | None = None) -> None:
        self._workshop = workshop
        self._service = service

    async def look(self, path: Path, kind: str, prompt: str, model: str) -> Seen:
        """Say what does not look right; the service hears only of what we find nothing wrong with.

        `kind` is audio, video or image. Takes as long as the limits of the workshop and the
        service together let it.
        """
        measured = await self._measure(path)
        if measured not in {None, Finding.UNSEEN}:
            return Seen(measured)
        said = await self._ask(path, kind, prompt, model)
        return Seen(measured) if said.finding is None else said

    async def _measure(self, path: Path) -> Finding | None:
        try:
            return finding_of(await self._workshop.look(path))
        except (MediaError, OSError) as error:
            # Only its name: the text of the error may tell that of the file.
            _log.warning("result_not_measured", error=type(error).__name__)
            return Finding.UNSEEN

    async def _ask(self, path: Path, kind: str, prompt: str, model: str) -> Seen:
        if self._service is None:
            return Seen(None)
        try:
            verdict = await self._service.judge(path, kind, prompt, model)
        except NoVerdictError as error:
            _log.warning("moderation_service_failed", why=str(error))
        except OSError as error:
            _log.warning("result_not_sent", error=type(error).__name__)
        else:
            return Seen(Finding.SERVICE, verdict.reason) if verdict.flagged else Seen(None)
        return Seen(Finding.UNSEEN)
