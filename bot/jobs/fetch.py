"""Getting a finished job's file: its link, the file, a fresh link where the first has expired."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import structlog

from bot import trace
from bot.errors import FoleyError
from bot.jobs.reasons import Reason
from bot.jobs.results import Results
from bot.netmind import download
from bot.netmind.client import NetmindClient
from bot.netmind.download import Downloaded, Downloader, Stream
from bot.netmind.errors import NetmindError, NotFound
from bot.netmind.protocol import ResultFile
from storage.jobs import Job

log = structlog.get_logger(__name__)


class Unfetchable(FoleyError):  # noqa: N818 - it names the condition
    """The file cannot be had. `passing`: it may be had later."""

    def __init__(self, reason: Reason, *, passing: bool) -> None:
        super().__init__(f"the file cannot be fetched: {reason}")
        self.reason = reason
        self.passing = passing


@dataclass
class Fetcher:
    """Fetches results into open files."""

    netmind: NetmindClient
    downloader: Downloader
    results: Results

    async def fetch(self, job: Job, into: BinaryIO, limit: int) -> Downloaded:
        """Write the job's file, of `limit` bytes at most. Raises Unfetchable."""
        with trace.call("fetch"), _told(job):
            return await self._fetch(job, into, limit)

    @asynccontextmanager
    async def open(self, job: Job, wanted: slice | None = None) -> AsyncIterator[Stream]:
        """Open the job's file, or a part of it, to be read as it comes.

        NetMind is asked for the link each time. Raises Unfetchable, or NoSuchPart; what goes wrong
        on the way is a DownloadError of the stream.
        """
        async with AsyncExitStack() as stack:
            with _told(job):
                stream = await self._open(stack, job, wanted)
            yield stream

    async def _open(self, stack: AsyncExitStack, job: Job, wanted: slice | None) -> Stream:
        file = await self._ask(job)
        try:
            return await stack.enter_async_context(self.downloader.open(file.url, wanted))
        except download.LinkExpired:
            link = await self._fresh_link(job, file)
            return await stack.enter_async_context(self.downloader.open(link, wanted))

    async def _fetch(self, job: Job, into: BinaryIO, limit: int) -> Downloaded:
        file = self.results.take(job.generation_id or "") or await self._ask(job)
        try:
            return await self.downloader.fetch(file.url, into, max_bytes=limit)
        except download.LinkExpired:
            link = await self._fresh_link(job, file)
            into.seek(0)
            into.truncate()
            return await self.downloader.fetch(link, into, max_bytes=limit)

    async def _ask(self, job: Job) -> ResultFile:
        generation = await self.netmind.get(job.generation_id or "")
        if not generation.results:
            raise Unfetchable(Reason.NO_RESULT, passing=True)
        return generation.results[0]

    async def _fresh_link(self, job: Job, file: ResultFile) -> str:
        """Ask the generation again; if it gives the same link, ask for the file itself."""
        again = await self._ask(job)
        if again.url != file.url or again.file_id is None:
            return again.url
        return await self.netmind.presigned_url(again.file_id)


@contextmanager
def _told(job: Job) -> Iterator[None]:
    """Turn what went wrong into Unfetchable; a part that is not there is the asker's mistake."""
    try:
        yield
    except download.NoSuchPart:
        raise
    except download.TooLarge as error:
        raise Unfetchable(Reason.TOO_LARGE, passing=False) from error
    except download.NotMedia as error:
        reason = Reason.EMPTY_FILE if error.empty else Reason.NOT_MEDIA
        raise Unfetchable(reason, passing=False) from error
    except download.ForbiddenAddress as error:
        # Waiting mends nothing: see DOWNLOAD_ALLOW.
        log.error("forbidden_address", job=job.id)  # noqa: TRY400 - its text may hold the link
        raise Unfetchable(Reason.DOWNLOAD_FAILED, passing=False) from error
    except NotFound as error:
        raise Unfetchable(Reason.GONE, passing=False) from error
    except (download.DownloadError, NetmindError) as error:
        log.warning("fetch_failed", job=job.id, error=str(error))
        raise Unfetchable(Reason.DOWNLOAD_FAILED, passing=True) from error
