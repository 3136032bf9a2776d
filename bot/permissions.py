"""What the bot must be allowed to do in a channel: Discord's name and the words people see."""

from collections.abc import Mapping

import discord

from bot.language import Sentence

NEEDED = {
    "view_channel": Sentence("View Channel"),
    "send_messages": Sentence("Send Messages"),
    "attach_files": Sentence("Attach Files"),
    "embed_links": Sentence("Embed Links"),
    "read_message_history": Sentence("Read Message History"),
}
# A thread has a permission of its own for writing.
NEEDED_IN_THREADS = {
    **{name: words for name, words in NEEDED.items() if name != "send_messages"},
    "send_messages_in_threads": Sentence("Send Messages in Threads"),
}

# What more is needed where each result gets a thread of its own.
NEEDED_FOR_THREADS = {
    "create_public_threads": Sentence("Create Public Threads"),
    "send_messages_in_threads": Sentence("Send Messages in Threads"),
}

NEEDED_IN_FORUMS = NEEDED | NEEDED_IN_THREADS

# Without this, sounds come as files.
NEEDED_FOR_VOICE = {"send_voice_messages": Sentence("Send Voice Messages")}

INVITED_WITH = discord.Permissions(
    **dict.fromkeys(NEEDED | NEEDED_IN_THREADS | NEEDED_FOR_THREADS | NEEDED_FOR_VOICE, True)
)


def missing_in(gallery: discord.abc.GuildChannel) -> list[Sentence]:
    """Return the words for what is needed in a gallery and not allowed."""
    needed = NEEDED_IN_FORUMS if isinstance(gallery, discord.ForumChannel) else NEEDED
    return missing(gallery.permissions_for(gallery.guild.me), needed)


def missing(allowed: discord.Permissions, needed: Mapping[str, Sentence]) -> list[Sentence]:
    """Return the words for what is needed and not allowed."""
    return [words for name, words in needed.items() if not getattr(allowed, name)]
