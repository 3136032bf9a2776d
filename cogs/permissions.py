"""What the bot must be allowed to do in a channel before it takes a job there."""

import discord

from bot.errors import Refusal

_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}


def check_permissions(interaction: discord.Interaction) -> None:
    """Raise Refusal if the result could not be posted in this channel."""
    if interaction.guild_id is None:
        return  # in a direct message there is nothing to be allowed
    allowed = interaction.app_permissions
    needed = dict(_NEEDED)
    if isinstance(interaction.channel, discord.Thread):
        needed["send_messages_in_threads"] = "Send Messages in Threads"
        del needed["send_messages"]
    missing = [words for name, words in needed.items() if not getattr(allowed, name)]
    if missing:
        raise Refusal(
            f"I could not post the result in this channel. I need: {', '.join(missing)}. "
            "A moderator can allow that in the channel's settings."
        )
