"""What else a guild has, which nobody in a test uses; a bot has to read it and may keep it."""

from dataclasses import dataclass

from tests.standins.discord.permissions import EVERYDAY
from tests.standins.discord.world import JSON

TEXT, VOICE, CATEGORY, PUBLIC_THREAD = 0, 2, 4, 11
_OVERWRITES = 3
_MADE = "2024-05-01T12:00:00+00:00"


@dataclass(frozen=True)
class Furniture:
    """How much of each a guild has."""

    roles: int
    channels: int
    threads: int
    emojis: int
    stickers: int
    people: int


SMALL = Furniture(roles=8, channels=15, threads=0, emojis=5, stickers=0, people=60)
MIDDLING = Furniture(roles=25, channels=40, threads=3, emojis=40, stickers=5, people=2_000)
LARGE = Furniture(roles=80, channels=120, threads=40, emojis=150, stickers=30, people=40_000)


def size_of(number: int) -> Furniture:
    """Of ten guilds, six are small, three middling, and one is large."""
    return [SMALL, MIDDLING, SMALL, SMALL, LARGE, SMALL, MIDDLING, SMALL, MIDDLING, SMALL][
        number % 10
    ]


def furnish(guild_id: int, size: Furniture) -> JSON:
    """Return what GUILD_CREATE has of it; the ids follow that of the guild."""
    ids = iter(range(guild_id + 1, guild_id + (1 << 22)))
    roles = [next(ids) for _ in range(size.roles)]
    channels = [_channel(guild_id, next(ids), n, roles) for n in range(size.channels)]
    return {
        "member_count": size.people,
        "large": size.people > 250,
        "roles": [_role(role, position + 1) for position, role in enumerate(roles)],
        "channels": channels,
        "threads": [
            _thread(guild_id, next(ids), int(channels[1]["id"])) for _ in range(size.threads)
        ],
        "emojis": [_emoji(next(ids), guild_id) for _ in range(size.emojis)],
        "stickers": [_sticker(guild_id, next(ids)) for _ in range(size.stickers)],
    }


def _role(role_id: int, position: int) -> JSON:
    return {
        "id": str(role_id),
        "name": f"Members of rank {position}",
        "description": None,
        "permissions": str(EVERYDAY),
        "position": position,
        "color": 3_447_003,
        "colors": {"primary_color": 3_447_003, "secondary_color": None, "tertiary_color": None},
        "hoist": position % 3 == 0,
        "managed": False,
        "mentionable": False,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }


def _channel(guild_id: int, channel_id: int, number: int, roles: list[int]) -> JSON:
    common = {
        "id": str(channel_id),
        "type": CATEGORY if number % 8 == 0 else VOICE if number % 8 > 5 else TEXT,
        "guild_id": str(guild_id),
        "name": f"a-place-to-talk-{number}",
        "position": number,
        "flags": 0,
        "parent_id": str(channel_id - number % 8) if number % 8 else None,
        "permission_overwrites": [
            {"id": str(role), "type": 0, "allow": "1024", "deny": "2048"}
            for role in roles[:_OVERWRITES]
        ],
    }
    if common["type"] == CATEGORY:
        return common
    talk = {"nsfw": False, "rate_limit_per_user": 0, "last_message_id": str(channel_id + 1)}
    if common["type"] == VOICE:
        return common | talk | {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    topic = "What we talk about here, what we do not, and where to ask when something is unclear."
    return common | talk | {"topic": topic, "last_pin_timestamp": None}


def _thread(guild_id: int, thread_id: int, parent_id: int) -> JSON:
    return {
        "id": str(thread_id),
        "type": PUBLIC_THREAD,
        "guild_id": str(guild_id),
        "name": "A longer talk about one thing",
        "parent_id": str(parent_id),
        "owner_id": str(guild_id + 1),
        "flags": 0,
        "rate_limit_per_user": 0,
        "last_message_id": str(thread_id + 1),
        "message_count": 12,
        "member_count": 5,
        "total_message_sent": 12,
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": _MADE,
            "auto_archive_duration": 4320,
            "locked": False,
            "create_timestamp": _MADE,
        },
    }


def _emoji(emoji_id: int, guild_id: int) -> JSON:
    return {
        "id": str(emoji_id),
        "name": f"face_{emoji_id - guild_id}",
        "roles": [],
        "require_colons": True,
        "managed": False,
        "animated": False,
        "available": True,
    }


def _sticker(guild_id: int, sticker_id: int) -> JSON:
    return {
        "id": str(sticker_id),
        "name": "A sticker",
        "description": "Somebody waves",
        "tags": "wave",
        "type": 2,
        "format_type": 1,
        "available": True,
        "guild_id": str(guild_id),
    }
