"""Ask the operator's own moderation service: docs/moderation-service.md has the protocol.

It gets the file, its kind, the prompt and the model; never whose it is or where it goes.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import stamina
from pydantic import BaseModel, ValidationError

from bot.errors import FoleyError
from bot.text import visible

PATIENCE = 30.0
"""Seconds for everything, the second try included."""
REASON_LENGTH = 200
"""Characters of a reason that are kept."""

_MOST_BYTES = 64 * 1024
"""More than any answer."""
_BROKEN = 500
"""From this status on a server has trouble of its own."""


class NoVerdictError(FoleyError):
    """The service did not say what it thinks; str() tells why, and neither address nor file."""


class _PassingError(NoVerdictError):
    """It may answer if it is asked again."""


_asking = stamina.AsyncRetryingCaller(attempts=2, wait_initial=0.5).on(_PassingError)


@dataclass(frozen=True)
class Verdict:
    """What the service thinks. `reason` is one line of its words, perhaps empty; not escaped."""

    flagged: bool
    reason: str = ""


class _Answer(BaseModel):
    flagged: bool
    reason: str | None = None


class ModerationService:
    """The service at an address. `timeout` is in seconds, for a verdict with all its tries."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        token: str | None = None,
        *,
        timeout: float = PATIENCE,
    ) -> None:
        self._session = session
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout = timeout

    async def judge(self, path: Path, kind: str, prompt: str, model: str) -> Verdict:
        """Send a file and return what the service says. Raises NoVerdictError, OSError."""
        try:
            async with asyncio.timeout(self._timeout):
                return await _asking(self._ask, path, kind, prompt, model)
        except TimeoutError:
            raise NoVerdictError("it took too long") from None

    async def _ask(self, path: Path, kind: str, prompt: str, model: str) -> Verdict:
        return read_verdict(*await self._send(path, kind, prompt, model))

    async def _send(self, path: Path, kind: str, prompt: str, model: str) -> tuple[int, bytes]:
        """Send once; return the status and the body, or the first of it."""
        with path.open("rb") as file:
            form = aiohttp.FormData(
                {
                    "kind": kind,
                    "prompt": prompt,
                    "model": model,
                    "channel_is_age_restricted": "false",
                }
            )
            form.add_field("file", file, filename="result", content_type="application/octet-stream")
            try:
                async with self._session.post(
                    self._url,
                    data=form,
                    headers=self._headers,
                    timeout=aiohttp.ClientTimeout(total=None),
                    # The file and the token are for this address and no other.
                    allow_redirects=False,
                ) as response:
                    return response.status, await _body(response)
            except (aiohttp.ClientError, ConnectionError) as error:
                # The chain is cut: the library's own text tells the address.
                raise _PassingError(f"the connection broke: {type(error).__name__}") from None


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(_MOST_BYTES):
        body += chunk
        if len(body) > _MOST_BYTES:
            break
    return bytes(body)


def read_verdict(status: int, body: bytes) -> Verdict:
    """Understand an answer. Raises NoVerdictError."""
    if status >= _BROKEN:
        raise _PassingError(f"it answered with status {status}")
    if status != 200:  # noqa: PLR2004 - OK, and nothing else is
        raise NoVerdictError(f"it answered with status {status}")
    if len(body) > _MOST_BYTES:
        raise NoVerdictError("its answer is too long")
    try:
        answer = _Answer.model_validate_json(body, strict=True)
    except ValidationError:
        raise NoVerdictError("its answer is not what was agreed on") from None
    return Verdict(answer.flagged, visible(answer.reason or "", REASON_LENGTH))
