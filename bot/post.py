"""Posting to Discord with the bot's own token: send, edit, find. It works without a gateway.

PostError
|-- NotAllowedError   the bot may not do it here (403)
|-- ChannelGoneError  there is no such channel or message any more (404)
|-- TooLargeError     the file is larger than this channel takes (413, code 40005)
|-- NotTakenError     Discord refused the message: it was surely not posted
`-- NoAnswerError     whether it was posted is unknown
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase
from typing import Any

import aiohttp
import discord
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot.crash import crash_point
from bot.errors import FoleyError

# Discord's code for "request entity too large"; it comes with 413, and sometimes with 400.
_ENTITY_TOO_LARGE = 40005
# How many messages are searched for one of ours; it happens after a crash only.
_SEARCHED = 500


class PostError(FoleyError):
    """Discord did not take a message."""


class NotAllowedError(PostError):
    """The bot may not do this in this channel."""


class ChannelGoneError(PostError):
    """The channel or message is not there any more."""


class TooLargeError(PostError):
    """The file is larger than this channel takes."""


class NotTakenError(PostError):
    """Discord refused the message; it was surely not posted."""


class NoAnswerError(PostError):
    """Discord gave no answer; whether the message was posted is unknown."""


@dataclass(frozen=True)
class Upload:
    """An open file to be posted under this name."""

    file: BufferedIOBase
    name: str


@dataclass(frozen=True)
class Letter:
    """One message to be posted: where, what, to whom, and the nonce that keeps it single."""

    channel_id: int
    text: str
    mention: int
    nonce: str
    reply_to: int | None = None
    upload: Upload | None = None


class Post:
    """Sends, edits and finds the bot's messages. Each call raises a PostError if it cannot."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def send(self, letter: Letter) -> int:
        """Post the letter and return the message's id. It mentions its addressee alone."""
        channel = self._client.get_partial_messageable(letter.channel_id)
        crash_point("delivery.posting")
        with _translated():
            message: discord.Message = await channel.send(letter.text, **_parts(letter))
        return message.id

    async def edit(
        self, channel_id: int, message_id: int, embed: discord.Embed, *, last: bool
    ) -> None:
        """Show something new on a message; the last time, its buttons go away."""
        channel = self._client.get_partial_messageable(channel_id)
        message = channel.get_partial_message(message_id)
        with _translated():
            if last:
                await message.edit(embed=embed, view=None)
            else:
                await message.edit(embed=embed)

    async def find(self, channel_id: int, after: int, marker: str) -> int | None:
        """Return the id of our message with this marker among those after `after`, or None."""
        channel = self._client.get_partial_messageable(channel_id)
        own = self._client.user
        with _translated():
            async for message in channel.history(limit=_SEARCHED, after=discord.Object(after)):
                if own is not None and message.author.id == own.id and marker in message.content:
                    return message.id
        return None

    async def limit(self, guild_id: int | None) -> int:
        """Return how many bytes one file may have there; the least if nobody can tell."""
        if guild_id is None:
            return DEFAULT_FILE_SIZE_LIMIT_BYTES
        guild = self._client.get_guild(guild_id)
        if guild is None:
            try:
                guild = await self._client.fetch_guild(guild_id, with_counts=False)
            except discord.HTTPException:
                return DEFAULT_FILE_SIZE_LIMIT_BYTES
        return guild.filesize_limit


def _parts(letter: Letter) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "nonce": letter.nonce,
        "allowed_mentions": discord.AllowedMentions(
            everyone=False,
            roles=False,
            users=[discord.Object(letter.mention)],
            replied_user=False,
        ),
    }
    if letter.reply_to is not None:
        parts["reference"] = discord.MessageReference(
            message_id=letter.reply_to, channel_id=letter.channel_id, fail_if_not_exists=False
        )
    if letter.upload is not None:
        parts["file"] = discord.File(letter.upload.file, filename=letter.upload.name)
    return parts


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into ours at this one border, and keep the cause."""
    try:
        yield
    except discord.Forbidden as error:
        raise NotAllowedError(f"Discord forbids it ({error.code}).") from error
    except discord.NotFound as error:
        raise ChannelGoneError(f"Discord does not know it any more ({error.code}).") from error
    except discord.HTTPException as error:
        raise _of_http(error) from error
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise NoAnswerError(f"Discord gave no answer ({type(error).__name__}).") from error


def _of_http(error: discord.HTTPException) -> PostError:
    if error.status == 413 or error.code == _ENTITY_TOO_LARGE:  # noqa: PLR2004 - HTTP's number
        return TooLargeError("The file is larger than this channel takes.")
    if error.status >= 500:  # noqa: PLR2004 - HTTP: the server's trouble, it may have taken it
        return NoAnswerError(f"Discord has trouble of its own ({error.status}).")
    return NotTakenError(f"Discord did not take it ({error.status}, {error.code}).")
