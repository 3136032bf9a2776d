"""Videos that get a sound: from the message they stand in to NetMind."""

import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

import discord
import structlog

from bot.errors import FoleyError
from bot.jobs.reasons import Reason
from bot.netmind import download
from bot.netmind.client import NetmindClient
from bot.netmind.download import Downloader
from bot.netmind.errors import NotFound, NotSent, OutcomeUnknown, ServerTrouble, Unreadable
from bot.netmind.magic import MediaType, sniff
from bot.post import ChannelGoneError, NotAllowedError, Post, PostError
from storage import jobs
from storage.database import Database
from storage.jobs import Job

log = structlog.get_logger(__name__)

LARGEST = 100 * 1024**2
"""Bytes that a video may have."""

# Bytes. Most videos are no larger, and the library reads them over the connection that it has; one
# that is larger is streamed to the disk, so that it does not fill the memory.
SMALL = 10 * 1024**2
_EXTENSIONS = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".ogv"})

# These may be over when the same is tried again; all others are a plain no, or concern every job.
_PASSING = (NotSent, OutcomeUnknown, ServerTrouble, Unreadable)


class NotReady(FoleyError):  # noqa: N818 - it names the condition
    """NetMind does not have the video. `passing`: it may have it later."""

    def __init__(self, reason: Reason, *, passing: bool) -> None:
        super().__init__(f"the video is not at NetMind: {reason}")
        self.reason = reason
        self.passing = passing


def video_among(files: Iterable[discord.Attachment]) -> discord.Attachment | None:
    """Return the first video of a message's files, by what Discord says of them; None: no video."""
    return next((file for file in files if _is_video(file)), None)


def _is_video(file: discord.Attachment) -> bool:
    told = (file.content_type or "").startswith("video/")
    return told or PurePath(file.filename.lower()).suffix in _EXTENSIONS


@dataclass
class Footage:
    """Gives NetMind the videos of jobs."""

    database: Database
    netmind: NetmindClient
    post: Post
    downloader: Downloader

    async def link(self, job: Job) -> str:
        """Return a fresh link to the job's video at NetMind, where it is brought if need be.

        It opens the video to whoever holds it: never store or log it. Raises NotReady, and what
        the API says of this request, or of all, as a NetmindError.
        """
        try:
            return await self._link(job)
        except (NotAllowedError, ChannelGoneError, download.LinkExpired) as error:
            raise NotReady(Reason.NO_VIDEO, passing=False) from error
        except (download.NotMedia, download.TooLarge, download.ForbiddenAddress) as error:
            raise NotReady(Reason.BAD_VIDEO, passing=False) from error
        except (PostError, download.DownloadError) as error:
            raise NotReady(Reason.NO_VIDEO, passing=True) from error
        except _PASSING as error:
            raise NotReady(Reason.UNAVAILABLE, passing=True) from error

    async def _link(self, job: Job) -> str:
        if job.video_file_id is not None:
            try:
                return await self.netmind.presigned_url(job.video_file_id)
            except NotFound:
                log.info("video_forgotten")
        return await self.netmind.presigned_url(await self._upload(job))

    async def _upload(self, job: Job) -> str:
        """Bring the video to NetMind, under a name that tells nothing; return its file id there."""
        with tempfile.TemporaryFile() as file:
            media = await self._fetch(job, file)
            name = f"video.{media.extension}"
            file_id = await self.netmind.upload(name, media.content_type, file)
        async with self.database.write() as connection:
            await jobs.set_video_file(connection, job.id, file_id)
        log.info("video_uploaded")
        return file_id

    async def _fetch(self, job: Job, into: BinaryIO) -> MediaType:
        files = await self.post.files(job.video_channel_id or 0, job.video_message_id or 0)
        video = video_among(files)
        if video is None:
            raise NotReady(Reason.NO_VIDEO, passing=False)
        media = await self._save(video, into)
        if media is None or media.kind != "video":
            raise NotReady(Reason.BAD_VIDEO, passing=False)
        return media

    async def _save(self, video: discord.Attachment, into: BinaryIO) -> MediaType | None:
        if video.size > SMALL:
            return (await self.downloader.fetch(video.url, into, max_bytes=LARGEST)).media
        data = await self.post.read(video)
        into.write(data)
        return sniff(data)
