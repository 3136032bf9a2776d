"""The parcel: a job's file, made ready for the place it is posted in.

As it is, if it plays there and fits; else changed as little as possible; else a link to it.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot import messages
from bot.jobs.fetch import Fetcher, Unfetchable
from bot.jobs.reasons import Reason
from bot.language import Language
from bot.letter import Upload
from bot.media.errors import CannotFitError, MediaError
from bot.media.shape import Waveform
from bot.media.workshop import Workshop
from bot.netmind.download import Downloaded
from bot.netmind.magic import FLAC, GIF, JPEG, MP3, OGG, PNG, WEBP, sniff
from bot.post import ChannelGoneError, NotAllowedError, Post
from storage.deliveries import Delivery
from storage.jobs import Job

log = structlog.get_logger(__name__)

# Bytes. Far beyond what these models make; it bounds the disk that one file takes.
LARGEST = 512 * 1024**2
# A file that Discord has is read into memory, one at a time.
LARGEST_POSTED = 100 * 1024**2
# Their first bytes tell that they play everywhere; for the others a process has to be started.
_PLAYS = frozenset({FLAC, MP3, PNG, JPEG, WEBP, GIF})


@dataclass(frozen=True)
class Parcel:
    """A file that can be posted.

    `original_size`: in bytes, if the file had to be made smaller than that. `voice`: it can be a
    voice message, of this shape. `picture`: what the sound looks like.
    """

    path: Path
    name: str
    original_size: int | None = None
    voice: Waveform | None = None
    picture: Path | None = None

    @property
    def size(self) -> int:
        """How many bytes the file has."""
        return self.path.stat().st_size

    def hidden(self) -> "Parcel":
        """Return the parcel as Discord shows it to nobody who does not want to look."""
        return replace(self, name=f"SPOILER_{self.name.removeprefix('SPOILER_')}", voice=None)

    @contextmanager
    def opened(self, say: Language) -> Iterator[list[Upload]]:
        """Open what is to be uploaded, the file first."""
        with ExitStack() as stack:
            file = stack.enter_context(self.path.open("rb"))
            uploads = [Upload(file, self.name, voice=self.voice)]
            if self.picture is not None:
                drawn = stack.enter_context(self.picture.open("rb"))
                name = f"{Path(self.name).stem}.png"
                uploads.append(Upload(drawn, name, say("The sound, drawn as a wave")))
            yield uploads


@dataclass
class Packer:
    """Makes files ready. Raises Unfetchable: TOO_LARGE if it can be posted in no form."""

    fetcher: Fetcher
    workshop: Workshop
    post: Post

    async def pack(
        self,
        job: Job,
        posted: Delivery | None,
        folder: Path,
        limit: int,
        *,
        spoken: bool = False,
    ) -> Parcel:
        """Fetch the job's file into the folder, and make one of it that has `limit` bytes.

        `posted` is the message that brought it before, for a file that NetMind has no more.
        `spoken`: a sound is made ready for a voice message, if it can be.
        """
        original = folder / "original"
        fetched = await self._fetch(job, posted, original)
        if spoken and (parcel := await self._speak(job, fetched, original, limit)):
            return parcel
        name = messages.file_name(job, fetched.media.extension)
        if fetched.size <= limit and fetched.media in _PLAYS:
            parcel = Parcel(original, name)
        else:
            parcel = await self._fit(job, fetched, original, limit)
        return await self._drawn(parcel) if fetched.media.kind == "audio" else parcel

    async def preview(self, job: Job, folder: Path) -> Path | None:
        """Return a picture that shows the file without showing all of it, if one can be made."""
        original, picture = folder / "original", folder / "preview"
        try:
            fetched = await self._fetch(job, None, original)
            if fetched.media.kind == "audio":
                await self.workshop.waveform_picture(original, picture)
            else:
                await self.workshop.poster(original, picture, blurred=True)
        except (Unfetchable, MediaError) as error:
            log.warning("no_preview", error=str(error))
            return None
        return picture

    async def _speak(
        self, job: Job, fetched: Downloaded, original: Path, limit: int
    ) -> Parcel | None:
        if fetched.media.kind != "audio":
            return None
        target = original.with_name("spoken")
        try:
            voice = await self.workshop.voice(original, target, limit=limit)
        except MediaError as error:
            log.warning("no_voice_message", error=str(error))
            return None
        return Parcel(target, messages.file_name(job, OGG.extension), voice=voice)

    async def _drawn(self, parcel: Parcel) -> Parcel:
        """Add a picture of the sound, if one can be made."""
        picture = parcel.path.with_name("waveform")
        try:
            await self.workshop.waveform_picture(parcel.path, picture)
        except MediaError as error:
            log.warning("no_waveform_picture", error=str(error))
            return parcel
        return replace(parcel, picture=picture)

    async def _fit(self, job: Job, fetched: Downloaded, original: Path, limit: int) -> Parcel:
        target = original.with_name("fitted")
        try:
            ready = await self.workshop.prepare(original, target, limit=limit)
        except CannotFitError as error:
            raise Unfetchable(Reason.TOO_LARGE, passing=False) from error
        except MediaError as error:
            log.warning("file_not_understood", error=str(error))
            if fetched.size > limit:
                raise Unfetchable(Reason.TOO_LARGE, passing=False) from error
            return Parcel(original, messages.file_name(job, fetched.media.extension))
        name = messages.file_name(job, ready.extension)
        return Parcel(ready.path, name, fetched.size if ready.changed == "smaller" else None)

    async def _fetch(self, job: Job, posted: Delivery | None, into: Path) -> Downloaded:
        with into.open("wb+") as file:
            try:
                return await self.fetcher.fetch(job, file, LARGEST)
            except Unfetchable as error:
                brought = await self._posted_file(posted) if error.reason is Reason.GONE else None
                if brought is None:
                    raise
                file.seek(0)
                file.truncate()
                file.write(brought)
        media = sniff(brought)
        if media is None:
            raise Unfetchable(Reason.NOT_MEDIA, passing=False)
        return Downloaded(len(brought), media)

    async def _posted_file(self, posted: Delivery | None) -> bytes | None:
        """Return the file as Discord has it; None if it is not there any more."""
        if posted is None or posted.message_id is None:
            return None
        try:
            return await self.post.read_file(posted.channel_id, posted.message_id, LARGEST_POSTED)
        except (ChannelGoneError, NotAllowedError):
            return None
