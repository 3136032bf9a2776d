"""Posting to Discord with the bot's own token: send, edit, find. It works without a gateway.

PostError
|-- NotAllowedError   the bot may not do it here (403)
|-- ChannelGoneError  there is no such channel or message any more (404)
|-- TooLargeError     the file is larger than this channel takes (413, code 40005)
|-- NotTakenError     Discord refused the message: it was surely not posted
|-- RestingError      Discord wants to hear nothing of us for a while: surely not posted
`-- NoAnswerError     whether it was posted is unknown
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import aiohttp
import discord
from discord import MessageFlags, ui
from discord.http import handle_message_parameters
from discord.utils import DEFAULT_FILE_SIZE_LIMIT_BYTES

from bot import trace
from bot.crash import crash_point
from bot.errors import FoleyError
from bot.letter import Found, Letter, parts_of
from bot.rest import LONGEST, Rest

# Discord's code for "request entity too large"; it comes with 413, and sometimes with 400.
_ENTITY_TOO_LARGE = 40005
# Unauthorized, forbidden, too many: Discord counts these against us.
_REFUSED = frozenset({401, 403, 429})
# The library waits by itself where one route is asked too often; what comes here is the address's
# or the token's.
_MEANS_US = frozenset({401, 429})
_HAS_A_THREAD = 160004
# Minutes without a message after which Discord folds a thread away.
_ARCHIVED_AFTER: Literal[1440] = 1440
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


class RestingError(PostError):
    """Discord wants to hear nothing of us for so many seconds; the message was not posted."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Discord is given a rest of {seconds:.0f} seconds.")
        self.seconds = seconds


class NoAnswerError(PostError):
    """Discord gave no answer; whether the message was posted is unknown."""


class Post:
    """Sends, edits and finds the bot's messages. Each call raises a PostError if it cannot.

    `on_send` is told of each message: why it was not posted, or None.
    """

    def __init__(
        self,
        client: discord.Client,
        rest: Rest,
        on_send: Callable[[PostError | None], None] | None = None,
    ) -> None:
        self._client = client
        self._rest = rest
        self._on_send = on_send

    async def send(self, letter: Letter) -> Found:
        """Post the letter and return its message. It mentions its addressee alone."""
        crash_point("delivery.posting")
        with trace.call("discord send"):
            try:
                found = await self._post(letter)
            except PostError as error:
                self._tell_of(error)
                raise
        self._tell_of(None)
        return found

    def _tell_of(self, error: PostError | None) -> None:
        if self._on_send is not None:
            self._on_send(error)

    async def _post(self, letter: Letter) -> Found:
        with self._asked():
            if letter.spoken:
                return await self._speak(letter)
            message = await self._send(letter)
        return Found(message.id, bool(letter.uploads), message.channel.id)

    async def _speak(self, letter: Letter) -> Found:
        """Post a voice message, for which the library has no call of its own."""
        parts = parts_of(letter)
        if reference := parts.pop("reference", None):
            parts["message_reference"] = reference.to_dict()
        with handle_message_parameters(**parts, flags=MessageFlags(voice=True)) as params:
            sent = await self._client.http.send_message(letter.channel_id, params=params)
        return Found(int(sent["id"]), has_file=True, channel_id=letter.channel_id)

    async def _send(self, letter: Letter) -> discord.Message:
        parts = parts_of(letter)
        if letter.forum_post is None:
            channel = self._client.get_partial_messageable(letter.channel_id)
            message: discord.Message = await channel.send(letter.text, **parts)
            return message
        forum = await self._forum(letter.channel_id)
        # Discord takes no nonce here; who sends again looks for the post by its name.
        del parts["nonce"]
        opened = await forum.create_thread(name=letter.forum_post, content=letter.text, **parts)
        return opened.message

    async def _forum(self, channel_id: int) -> discord.ForumChannel:
        channel = await self._channel(channel_id)
        if not isinstance(channel, discord.ForumChannel):
            raise ChannelGoneError("The channel is no forum any more.")
        return channel

    async def _channel(self, channel_id: int) -> object:
        known = self._client.get_channel(channel_id)
        return known or await self._client.fetch_channel(channel_id)

    async def is_forum(self, channel_id: int) -> bool:
        """Tell whether messages there need a post of their own."""
        with self._asked():
            return isinstance(await self._channel(channel_id), discord.ForumChannel)

    async def open_direct(self, person_id: int) -> int:
        """Return the channel of direct messages with this person; there is only one."""
        with self._asked():
            opened = await self._client.http.start_private_message(person_id)
        return int(opened["id"])

    async def open_thread(self, channel_id: int, message_id: int, name: str) -> int:
        """Return the thread below a message, opened now or before; it has the message's id."""
        with self._asked():
            try:
                await self._client.http.start_thread_with_message(
                    channel_id, message_id, name=name, auto_archive_duration=_ARCHIVED_AFTER
                )
            except discord.HTTPException as error:
                if error.code != _HAS_A_THREAD:
                    raise
        return message_id

    async def find_forum_post(self, channel_id: int, name: str) -> Found | None:
        """Return the first message of our post with this name, or None."""
        with self._asked():
            forum = await self._forum(channel_id)
            for thread in await forum.guild.active_threads():
                if thread.parent_id == forum.id and thread.name == name and self._is_own(thread):
                    return Found(thread.id, has_file=True, channel_id=thread.id)
        return None

    def _is_own(self, thread: discord.Thread) -> bool:
        own = self._client.user
        return own is not None and thread.owner_id == own.id

    async def read_file(self, channel_id: int, message_id: int, largest: int) -> bytes | None:
        """Return the file of a message of ours; None if it has none, or a larger one."""
        channel = self._client.get_partial_messageable(channel_id)
        with self._asked():
            message = await channel.fetch_message(message_id)
            for file in message.attachments:
                if file.size <= largest:
                    return await file.read()
        return None

    async def files(self, channel_id: int, message_id: int) -> list[discord.Attachment]:
        """Return the files of anybody's message."""
        channel = self._client.get_partial_messageable(channel_id)
        with self._asked():
            message: discord.Message = await channel.fetch_message(message_id)
        return message.attachments

    async def read(self, file: discord.Attachment) -> bytes:
        """Return a file of a message, all of it in memory."""
        with self._asked():
            return await file.read()

    async def edit(
        self, channel_id: int, message_id: int, embed: discord.Embed, buttons: ui.View
    ) -> None:
        """Show something new on a message, with these buttons below it."""
        channel = self._client.get_partial_messageable(channel_id)
        message = channel.get_partial_message(message_id)
        with self._asked():
            await message.edit(embed=embed, view=buttons)

    async def rewrite(self, channel_id: int, message_id: int, words: str) -> None:
        """Have a message say something else, without buttons."""
        channel = self._client.get_partial_messageable(channel_id)
        with self._asked():
            await channel.get_partial_message(message_id).edit(content=words, view=None)

    async def age_restricted(self, channel_id: int) -> bool:
        """Tell whether Discord shows a channel, or the one that a thread is in, to adults only."""
        with self._asked():
            channel = await self._channel(channel_id)
            if isinstance(channel, discord.Thread):
                channel = channel.parent or await self._channel(channel.parent_id)
        return bool(getattr(channel, "nsfw", False))

    async def find(
        self, channel_id: int, after: int, marker: str, spoken_to: int | None = None
    ) -> Found | None:
        """Return our message with this marker among those after `after`, or None.

        A voice message has no text; it is known by the message `spoken_to` that it answers.
        """

        def is_it(message: discord.Message) -> bool:
            if message.flags.voice:
                answered = message.reference and message.reference.message_id
                return spoken_to is not None and answered == spoken_to
            return marker in message.content

        return await self._search(channel_id, after, is_it)

    async def find_answer(self, channel_id: int, interaction_id: int) -> Found | None:
        """Return our message that answered this interaction, or None."""

        def is_it(message: discord.Message) -> bool:
            answered = message.interaction_metadata
            return answered is not None and answered.id == interaction_id

        return await self._search(channel_id, interaction_id, is_it)

    async def _search(
        self, channel_id: int, after: int, is_it: Callable[[discord.Message], bool]
    ) -> Found | None:
        channel = self._client.get_partial_messageable(channel_id)
        own = self._client.user
        with self._asked():
            async for message in channel.history(limit=_SEARCHED, after=discord.Object(after)):
                if own is not None and message.author.id == own.id and is_it(message):
                    return Found(message.id, bool(message.attachments), channel_id)
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

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Ask nothing during a rest; turn the library's errors into ours, and keep the cause."""
        if (left := self._rest.left()) > 0:
            raise RestingError(left)
        try:
            yield
        except discord.HTTPException as error:
            if error.status in _REFUSED:
                self._rest.refused()
            if error.status in _MEANS_US:
                self._rest.begin(_retry_after(error))
                raise RestingError(self._rest.left()) from error
            raise _of_http(error) from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise NoAnswerError(f"Discord gave no answer ({type(error).__name__}).") from error


def _retry_after(error: discord.HTTPException) -> float:
    """Return the seconds that Discord asks us to wait."""
    try:
        return float(error.response.headers.get("Retry-After", LONGEST))
    except ValueError:
        return LONGEST


def _of_http(error: discord.HTTPException) -> PostError:
    if isinstance(error, discord.Forbidden):
        return NotAllowedError(f"Discord forbids it ({error.code}).")
    if isinstance(error, discord.NotFound):
        return ChannelGoneError(f"Discord does not know it any more ({error.code}).")
    if error.status == 413 or error.code == _ENTITY_TOO_LARGE:  # noqa: PLR2004 - HTTP's number
        return TooLargeError("The file is larger than this channel takes.")
    if error.status >= 500:  # noqa: PLR2004 - HTTP: the server's trouble, it may have taken it
        return NoAnswerError(f"Discord has trouble of its own ({error.status}).")
    return NotTakenError(f"Discord did not take it ({error.status}, {error.code}).")
