"""Names and bits of the permissions that matter to a bot that posts files."""

from collections.abc import Iterable

BITS = {
    "administrator": 1 << 3,
    "manage_channels": 1 << 4,
    "manage_guild": 1 << 5,
    "add_reactions": 1 << 6,
    "view_channel": 1 << 10,
    "send_messages": 1 << 11,
    "manage_messages": 1 << 13,
    "embed_links": 1 << 14,
    "attach_files": 1 << 15,
    "read_message_history": 1 << 16,
    "mention_everyone": 1 << 17,
    "use_external_emojis": 1 << 18,
    "use_application_commands": 1 << 31,
    "manage_threads": 1 << 34,
    "create_public_threads": 1 << 35,
    "send_messages_in_threads": 1 << 38,
    "send_voice_messages": 1 << 46,
}


def bits(names: Iterable[str]) -> int:
    """Return the permissions of these names as one number; an unknown name is a KeyError."""
    total = 0
    for name in names:
        total |= BITS[name]
    return total


EVERYTHING = bits(BITS)
"""What the owner of a guild may do."""

EVERYDAY = EVERYTHING & ~bits(
    ["administrator", "manage_channels", "manage_guild", "manage_messages", "manage_threads"]
)
"""What the @everyone role gives, to people and to the bot."""
