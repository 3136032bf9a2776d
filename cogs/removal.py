"""Taking the messages of a result out of Discord."""

from collections.abc import Iterable

import discord

from bot.client import Foley
from bot.jobs.shelf import Place
from bot.language import Sentence

NOT_ALLOWED = Sentence(
    "NetMind's copy is deleted, but Discord does not let me into the message's channel any more."
)
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
