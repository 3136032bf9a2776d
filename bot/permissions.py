"""What the bot must be allowed to do in a channel: Discord's name and the words people see."""

import discord

NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "attach_files": "Attach Files",
    "embed_links": "Embed Links",
    "read_message_history": "Read Message History",
}
# A thread has a permission of its own for writing.
NEEDED_IN_THREADS = {
    **{name: words for name, words in NEEDED.items() if name != "send_messages"},
    "send_messages_in_threads": "Send Messages in Threads",
}

INVITED_WITH = discord.Permissions(**dict.fromkeys(NEEDED | NEEDED_IN_THREADS, True))
