"""Large files for whoever holds a signed link, streamed through from where they are.

The provider's own link names the account that pays, so nobody is sent there.
"""

import asyncio
from dataclasses import dataclass, field
from typing import ClassVar

import structlog
from aiohttp import web

from bot import ids, messages
from bot.jobs.fetch import Fetcher, Unfetchable
from bot.netmind.download import DownloadError, NoSuchPart, Stream
from bot.web import page
from bot.web.links import ExpiredLinkError, ForgedLinkError, MediaLinks
from storage import jobs
from storage.database import Database
from storage.errors import StorageError
from storage.jobs import Job
from storage.states import JobState

log = structlog.get_logger(__name__)

AT_ONCE = 16
# Seconds that a reader may take for a piece of 64 KiB, and for everything.
SLOWEST = 60.0
LONGEST = 2 * 3600.0

# A browser shows a sound or film that is opened by itself in a page of its own making.
_POLICY = (
    "default-src 'none'; media-src 'self'; img-src 'self'; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass
class MediaHandler:
    """Answers GET and HEAD of /media/{token}. `slowest` is in seconds; see SLOWEST."""

    path: ClassVar[str] = "/media/{token}"

    database: Database
    fetcher: Fetcher
    links: MediaLinks
    slowest: float = SLOWEST
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Give the file, or a page that says why not."""
        try:
            job_id = self.links.read(request.match_info["token"])
        except ForgedLinkError:
            return page.of(request, page.NOTHING)
        except ExpiredLinkError:
            return page.of(request, page.EXPIRED)
        try:
            return await self._find(request, job_id)
        except StorageError as error:
            log.warning("media_not_looked_up", job=job_id, error=str(error))
            return page.of(request, page.TROUBLE)

    async def _find(self, request: web.Request, job_id: int) -> web.StreamResponse:
        async with self.database.read() as connection:
            job = await jobs.get(connection, job_id)
        if job is None or job.removed_at is not None or job.state is not JobState.FINISHED:
            log.info("media", job=job_id, outcome="gone")
            return page.of(request, page.GONE)
        if self.places.locked():
            log.info("media", job=job_id, outcome="busy")
            return page.of(request, page.BUSY)
        async with self.places:
            with ids.about(job):
                return await self._give(request, job)

    async def _give(self, request: web.Request, job: Job) -> web.StreamResponse:
        try:
            async with self.fetcher.open(job, _wanted(request)) as stream:
                answer = _head(job, stream)
                await answer.prepare(request)
                if request.method != "HEAD":
                    await self._pass_on(request, answer, job, stream)
                return answer
        except NoSuchPart as error:
            return web.Response(status=416, headers={"Content-Range": f"bytes */{error.total}"})
        except Unfetchable as error:
            log.info("media", job=job.id, outcome=error.reason.value)
            return page.of(request, page.TROUBLE if error.passing else page.GONE)

    async def _pass_on(
        self, request: web.Request, answer: web.StreamResponse, job: Job, stream: Stream
    ) -> None:
        """Pass the bytes on as fast as they are read; what is not whole breaks off."""
        outcome = "reader_left"
        try:
            async with asyncio.timeout(LONGEST):
                async for chunk in stream.chunks:
                    async with asyncio.timeout(self.slowest):
                        await answer.write(chunk)
                async with asyncio.timeout(self.slowest):
                    await answer.write_eof()
            outcome = "given" if stream.part is None else "part_given"
        except TimeoutError:
            outcome = "reader_too_slow"
        except DownloadError as error:
            outcome = type(error).__name__
        except ConnectionError:
            pass  # its reader left; the line below tells of it
        finally:
            # A proper end would make it look whole.
            if "given" not in outcome and request.transport is not None:
                request.transport.abort()
            log.info("media", job=job.id, outcome=outcome)


def _wanted(request: web.Request) -> slice | None:
    """Return which bytes are asked for; None for all of them.

    What cannot be read is no range (RFC 9110), nor is one that depends on marks we do not give.
    """
    if request.method == "HEAD" or "Range" not in request.headers or "If-Range" in request.headers:
        return None
    try:
        return request.http_range
    except ValueError:
        return None


def _head(job: Job, stream: Stream) -> web.StreamResponse:
    name = messages.file_name(job, stream.media.extension)
    headers = {
        "Cache-Control": "private",
        "Content-Disposition": f'inline; filename="{name}"',
        "Content-Security-Policy": _POLICY,
    }
    if stream.parts:
        headers["Accept-Ranges"] = "bytes"
    if (part := stream.part) is not None:
        headers["Content-Range"] = f"bytes {part.first}-{part.last}/{part.total}"
    answer = web.StreamResponse(status=200 if stream.part is None else 206, headers=headers)
    answer.content_type = stream.media.content_type
    if stream.size is not None:
        answer.content_length = stream.size
    return answer
