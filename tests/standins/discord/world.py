"""The world that the stand-in shows: people, guilds, channels, messages, interactions."""

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from tests.standins.discord.clock import Clock
from tests.standins.discord.permissions import EVERYDAY, EVERYTHING, bits

JSON = dict[str, Any]


def without_nulls(value: Any) -> Any:
    """Leave out whatever was sent as null, however deep: Discord shows it as absent."""
    if isinstance(value, dict):
        return {k: without_nulls(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value


MIB = 1024 * 1024
UPLOAD_LIMIT_BY_TIER = {0: 10 * MIB, 1: 10 * MIB, 2: 50 * MIB, 3: 100 * MIB}
UPLOAD_LIMIT_WITH_NITRO = 500 * MIB
TOKEN_MARK = "standin-interaction-"
"""Every interaction token starts so: the ledger strikes them out by this mark."""

DM = 1
THREAD = 11
EPHEMERAL = 1 << 6
LOADING = 1 << 7
VOICE_MESSAGE = 1 << 13
COMPONENTS_V2 = 1 << 15


@dataclass
class User:
    """A person, or the bot."""

    id: int
    name: str
    bot: bool = False
    nitro: bool = False
    dms_closed: bool = False
    locale: str = "en-US"


@dataclass
class Guild:
    """A guild, its boosts and who is in it (each with what they may do beyond @everyone)."""

    id: int
    name: str
    owner_id: int
    members: dict[int, int] = field(default_factory=dict)
    premium_tier: int = 0
    upload_limit: int | None = None
    bot_member: bool = True
    locale: str = "en-US"
    missing: list[str] = field(default_factory=list)
    """What @everyone, and with it the bot, may not do there."""
    furniture: JSON = field(default_factory=dict)
    """What else GUILD_CREATE has, see `furniture.furnish`."""

    @property
    def file_limit(self) -> int:
        """The largest file that the bot may post here, in bytes."""
        if self.upload_limit is not None:
            return self.upload_limit
        return UPLOAD_LIMIT_BY_TIER[self.premium_tier]


@dataclass
class Channel:
    """A text channel or thread of a guild, or the direct messages with one person."""

    id: int
    name: str = ""
    type: int = 0
    guild_id: int | None = None
    parent_id: int | None = None
    recipient_id: int | None = None
    nsfw: bool = False
    archived: bool = False
    locked: bool = False
    missing: list[str] = field(default_factory=list)


@dataclass
class Attachment:
    """A stored file."""

    id: int
    channel_id: int
    filename: str
    content_type: str
    data: bytes
    details: JSON = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


@dataclass
class Message:
    """A message as it stands now; a deleted one is kept and marked."""

    id: int
    channel_id: int
    author_id: int
    created_at: datetime
    type: int = 0
    content: str = ""
    embeds: list[JSON] = field(default_factory=list)
    components: list[JSON] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    flags: int = 0
    nonce: str | int | None = None
    tts: bool = False
    reference_id: int | None = None
    mentions: list[int] = field(default_factory=list)
    mention_everyone: bool = False
    allowed_mentions: JSON | None = None
    interaction_id: int | None = None
    edited_at: datetime | None = None
    deleted: bool = False

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & EPHEMERAL)


@dataclass
class Interaction:
    """Something a person did that the bot has to answer."""

    id: int
    token: str
    type: int
    user_id: int
    channel_id: int
    created_at: datetime
    data: JSON
    file_limit: int
    message_id: int | None = None
    parent_id: int | None = None
    answered: int | None = None
    original_id: int | None = None
    modal: JSON | None = None
    followups: int = 0
    expired: bool = False


@dataclass
class Settings:
    """What a test may turn, in seconds where it is a time."""

    nonce_window: float = 180.0
    answer_within: float = 3.0
    token_lifetime: float = 900.0
    link_lifetime: float = 86_400.0
    heartbeat_interval: float = 41.25
    heartbeat_acks: bool = True
    shards: int = 1
    application: JSON = field(default_factory=dict)
    """What the developer portal has set otherwise, by Discord's names."""


@dataclass(frozen=True)
class Home:
    """The ids of the world as it is at the start; the same in every run."""

    application: int = 300_000_000_000_000_001
    guild: int = 300_000_000_000_000_100
    channel: int = 300_000_000_000_000_200
    other_channel: int = 300_000_000_000_000_201
    alice: int = 300_000_000_000_000_011
    bob: int = 300_000_000_000_000_012
    moderator: int = 300_000_000_000_000_013


@dataclass
class World:
    """Everything that exists, and how to find it."""

    token: str
    base_url: str = ""
    clock: Clock = field(default_factory=Clock)
    settings: Settings = field(default_factory=Settings)
    application_id: int = Home.application
    users: dict[int, User] = field(default_factory=dict)
    guilds: dict[int, Guild] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    messages: dict[int, Message] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    interactions: dict[int, Interaction] = field(default_factory=dict)
    commands: dict[int | None, list[JSON]] = field(default_factory=dict)
    identifies: int = 0

    def become(self, other: "World") -> None:
        """Take over everything that exists in another world, but stay where this one is served."""
        for part in fields(self):
            if part.name != "base_url":
                setattr(self, part.name, getattr(other, part.name))

    def guild_of(self, channel: Channel) -> Guild | None:
        return None if channel.guild_id is None else self.guilds.get(channel.guild_id)

    def missing(self, channel: Channel) -> set[str]:
        """Say what the bot may not do in this channel; a thread inherits from its parent."""
        parent = self.channels.get(channel.parent_id or 0)
        guild = self.guild_of(channel)
        above = (*(parent.missing if parent else ()), *(guild.missing if guild else ()))
        return {*channel.missing, *above}

    def bot_permissions(self, channel: Channel) -> int:
        return EVERYDAY & ~bits(self.missing(channel))

    def member_permissions(self, guild: Guild, user_id: int) -> int:
        if user_id == guild.owner_id:
            return EVERYTHING
        return EVERYDAY | guild.members.get(user_id, 0)

    def file_limit(self, channel: Channel) -> int:
        """Return the largest file that the bot's own messages may carry here."""
        guild = self.guild_of(channel)
        return guild.file_limit if guild else UPLOAD_LIMIT_BY_TIER[0]

    def interaction_of(self, token: str) -> Interaction | None:
        return next((i for i in self.interactions.values() if i.token == token), None)

    def messages_in(self, channel_id: int) -> Iterator[Message]:
        """Every message ever posted in the channel, oldest first."""
        return (m for m in self.messages.values() if m.channel_id == channel_id)

    def direct_messages(self, user_id: int) -> Channel:
        """Return the direct message channel with this person, made when there is none yet."""
        for channel in self.channels.values():
            if channel.type == DM and channel.recipient_id == user_id:
                return channel
        return self.add_channel(Channel(self.clock.snowflake(), type=DM, recipient_id=user_id))

    def add_channel(self, channel: Channel) -> Channel:
        self.channels[channel.id] = channel
        return channel

    def add_message(self, message: Message) -> Message:
        self.messages[message.id] = message
        return message

    def new_token(self) -> str:
        return TOKEN_MARK + secrets.token_hex(24)


def home_world(token: str) -> World:
    """One guild with two channels and three people, one of them a moderator."""
    world, home = World(token), Home()
    people = {home.alice: "alice", home.bob: "bob", home.moderator: "morgan"}
    world.users = {user_id: User(user_id, name) for user_id, name in people.items()}
    world.users[home.application] = User(home.application, "foley", bot=True)
    owner = 300_000_000_000_000_010
    world.users[owner] = User(owner, "olivia")
    members = {home.alice: 0, home.bob: 0, home.moderator: bits(["manage_guild"]), owner: 0}
    world.guilds[home.guild] = Guild(home.guild, "Studio", owner, members)
    world.add_channel(Channel(home.channel, "general", guild_id=home.guild))
    world.add_channel(Channel(home.other_channel, "sounds", guild_id=home.guild))
    return world
