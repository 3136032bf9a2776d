"""Taking the messages of a result out of Discord, or hiding what is in them."""

from collections.abc import Iterable

import discord

from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.shelf import Place
from bot.language import Sentence

NOT_ALLOWED = Sentence(
    "NetMind's copy is deleted, but Discord does not let me into the message's channel any more."
)
_NOT_HIDDEN = Sentence("Discord hides no voice message. Remove takes it away.")
_NO_LINK = Sentence("Discord hides no link. Remove takes it away.")
_NO_FILE = Sentence("There is no file of it in Discord that could be hidden.")
_NO_WAY = Sentence("Discord does not let me into the message's channel any more.")
# What people write is escaped, so only a link of ours has this.
_LINK = "](http"
_GONE = frozenset({10003, 10008})  # unknown channel, unknown message


async def delete_messages(bot: Foley, places: Iterable[Place]) -> bool:
    """Delete these messages, or what is left of them. False: Discord forbids it for some."""
    allowed = True
    for place in places:
        channel = bot.get_partial_messageable(place.channel_id)
        try:
            await channel.get_partial_message(place.message_id).delete()
        except discord.Forbidden:
            allowed = False
        except discord.HTTPException as error:
            if error.code not in _GONE:
                raise
    return allowed


async def hide_messages(bot: Foley, places: Iterable[Place]) -> None:
    """Have Discord hide the files of these messages until somebody looks. Raises Refusal.

    A message keeps its place and its words; hidden twice is as good as once.
    """
    hidden = 0
    for place in places:
        channel = bot.get_partial_messageable(place.channel_id)
        try:
            message = await channel.fetch_message(place.message_id)
            if message.flags.voice:
                raise Refusal(_NOT_HIDDEN)
            if _LINK in message.content:
                raise Refusal(_NO_LINK)
            files = [await each.to_file(spoiler=True) for each in message.attachments]
            if files:
                await message.edit(attachments=files)
                hidden += 1
        except discord.Forbidden as error:
            raise Refusal(_NO_WAY) from error
        except discord.HTTPException as error:
            if error.code not in _GONE:
                raise
    if not hidden:
        raise Refusal(_NO_FILE)
