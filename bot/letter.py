"""A letter: one message as it is to be posted, and how discord.py takes that."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

import discord
from discord import ui

from bot.media.shape import Waveform


@dataclass(frozen=True)
class Upload:
    """An open file to be posted under this name; `about`: what is in it, for who cannot see it.

    `voice`: it is the one file of a voice message, and this is the shape of its sound.
    """

    file: BufferedIOBase
    name: str
    about: str | None = None
    voice: Waveform | None = None


@dataclass(frozen=True)
class Found:
    """A message of ours that is in Discord."""

    message_id: int
    has_file: bool
    channel_id: int


@dataclass(frozen=True)
class Letter:
    """One message to be posted: where, what, to whom, and the nonce that keeps it single.

    `forum_post`: the channel is a forum, and this is the name of the post that is opened there.
    """

    channel_id: int
    text: str
    mention: int | None
    nonce: str
    reply_to: int | None = None
    uploads: Sequence[Upload] = ()
    buttons: ui.View | None = None
    forum_post: str | None = None

    @property
    def spoken(self) -> bool:
        """Whether it is a voice message: one sound and nothing else, by Discord's rule."""
        return any(upload.voice is not None for upload in self.uploads)


class _File(discord.File):
    """A file with what the library does not send of a voice message."""

    def __init__(self, upload: Upload) -> None:
        super().__init__(upload.file, filename=upload.name, description=upload.about)
        self._voice = upload.voice

    def to_dict(self, index: int) -> dict[str, Any]:
        """Describe the file to Discord."""
        described: dict[str, Any] = super().to_dict(index)
        if self._voice is not None:
            described["duration_secs"] = self._voice.seconds
            described["waveform"] = self._voice.encoded
        return described


def parts_of(letter: Letter) -> dict[str, Any]:
    """Return the letter as the library's `send` takes it, but for the text; it mentions one."""
    users = [] if letter.mention is None else [discord.Object(letter.mention)]
    parts: dict[str, Any] = {
        "nonce": letter.nonce,
        "allowed_mentions": discord.AllowedMentions(
            everyone=False, roles=False, users=users, replied_user=False
        ),
    }
    if letter.reply_to is not None:
        parts["reference"] = discord.MessageReference(
            message_id=letter.reply_to, channel_id=letter.channel_id, fail_if_not_exists=False
        )
    if letter.uploads:
        parts["files"] = [_File(upload) for upload in letter.uploads]
    if letter.buttons is not None:
        parts["view"] = letter.buttons
    return parts
