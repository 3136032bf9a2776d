"""Rules: what moderators say about who may ask for how much. Each change is written down."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs import limits as deciding
from bot.jobs.limits import Allowed
from bot.language import Sentence
from storage import audit, blocks, guilds, limits, people
from storage.audit import Entry
from storage.blocks import Block
from storage.database import Database
from storage.guilds import GuildSettings
from storage.limits import Limit, Usage

log = structlog.get_logger(__name__)

UNDONE = frozenset({"limit", "settings", "block", "unblock"})
"""What can be undone."""

_NO_CHANGE = Sentence("That is no change that can be undone. Choose one from the list.")
_OVER = Sentence("That block would have ended by now.")
_NOT_BLOCKED = Sentence("This person is not blocked here.")
_NO_CHANNEL = Sentence("First choose the channel in which I write them, with /studio reports.")


@dataclass(frozen=True)
class Told:
    """What a guild has decided: its roles' limits, and its settings with the caps."""

    roles: list[Limit]
    settings: GuildSettings


@dataclass(frozen=True)
class Share:
    """What a person may ask for here, what they have had, and when the day ends."""

    allowed: Allowed
    used: Usage
    day_ends: datetime


@dataclass
class Rules:
    """Reads and changes a guild's limits and blocks; Discord says who may."""

    database: Database
    clock: Clock

    async def of_guild(self, guild_id: int) -> Told:
        """Return the limits of a guild."""
        async with self.database.read() as connection:
            roles = await limits.of_guild(connection, guild_id)
            return Told(roles, await guilds.settings(connection, guild_id))

    async def share(self, guild_id: int, person_id: int, roles: Collection[int]) -> Share:
        """Return what a person with these roles may ask for in a guild."""
        now = self.clock()
        told = await self.of_guild(guild_id)
        begin, end = deciding.day(now, told.settings.time_zone)
        async with self.database.read() as connection:
            used = await limits.usage(connection, begin, guild_id=guild_id, person_id=person_id)
        return Share(deciding.best(told.roles, roles), used, end)

    async def limit(self, guild_id: int, by: int, role_id: int, **changed: Any) -> Told:
        """Change what a role says, by the fields' names; None: it says nothing of it any more."""
        now = self.clock()
        async with self.database.write() as connection:
            await guilds.note(connection, guild_id, now)
            said = {limit.role_id: limit for limit in await limits.of_guild(connection, guild_id)}
            before = said.get(role_id, Limit(role_id))
            after = replace(before, **changed)
            await limits.put(connection, guild_id, after)
            detail = {"before": asdict(before), "after": asdict(after)}
            await audit.note(connection, guild_id, by, "limit", detail, now)
        log.info("limit_changed", guild=guild_id, by=by, role=role_id)
        return await self.of_guild(guild_id)

    async def choose(self, guild_id: int, by: int, **changed: Any) -> Told:
        """Change what holds for all people of a guild together, by the settings' names."""
        now = self.clock()
        async with self.database.write() as connection:
            before = asdict(await guilds.settings(connection, guild_id))
            await guilds.choose(connection, guild_id, now, **changed)
            detail = {
                "before": {name: _written(before[name]) for name in changed},
                "after": {name: _written(value) for name, value in changed.items()},
            }
            await audit.note(connection, guild_id, by, "settings", detail, now)
        log.info("guild_settings_changed", guild=guild_id, by=by, chosen=sorted(changed))
        return await self.of_guild(guild_id)

    async def write_lines(self, guild_id: int, by: int, *, on: bool) -> Told:
        """Have each job that ends from now on be a line for moderators, or none any more.

        Raises Refusal if there is no channel for it.
        """
        told = await self.of_guild(guild_id)
        if on and told.settings.log_channel_id is None:
            raise Refusal(_NO_CHANNEL)
        if on and told.settings.log_lines_since is not None:
            return told
        return await self.choose(guild_id, by, log_lines_since=self.clock() if on else None)

    async def changes(self, guild_id: int, limit: int) -> list[Entry]:
        """Return what moderators have changed in a guild, newest first."""
        async with self.database.read() as connection:
            return await audit.newest(connection, guild_id, limit)

    async def undo(self, guild_id: int, by: int, entry_id: int) -> None:
        """Have what was changed be as it was before. Raises Refusal if that cannot be."""
        async with self.database.read() as connection:
            entry = await audit.get(connection, guild_id, entry_id)
        if entry is None or entry.what not in UNDONE:
            raise Refusal(_NO_CHANGE)
        before: Mapping[str, Any] = entry.detail.get("before", {})
        match entry.what:
            case "limit":
                said = {name: value for name, value in before.items() if name != "role_id"}
                await self.limit(guild_id, by, before["role_id"], **said)
            case "settings":
                chosen = {name: _read(name, value) for name, value in before.items()}
                await self.choose(guild_id, by, **chosen)
            case "block":
                await self.lift(guild_id, by, entry.detail["person"])
            case "unblock":
                await self._block_again(guild_id, by, entry.detail)

    async def _block_again(self, guild_id: int, by: int, detail: Mapping[str, Any]) -> None:
        left = None
        if detail["until"] is not None:
            left = datetime.fromisoformat(detail["until"]) - self.clock()
            if left <= timedelta(0):
                raise Refusal(_OVER)
        await self.block(guild_id, by, detail["person"], detail["reason"], left)

    async def block(
        self, guild_id: int, by: int, person_id: int, reason: str, length: timedelta | None
    ) -> Block:
        """Let a person ask for nothing in a guild; `length` None: until it is lifted."""
        now = self.clock()
        until = None if length is None else now + length
        block = Block(guild_id, person_id, until, reason.strip(), by, now)
        async with self.database.write() as connection:
            await put_block(connection, block, now)
        log.info("person_blocked", guild=guild_id, by=by)
        return block

    async def lift(self, guild_id: int, by: int, person_id: int) -> None:
        """End a person's block. Raises Refusal if there is none."""
        async with self.database.write() as connection:
            if not await lift_block(connection, guild_id, person_id, by, self.clock()):
                raise Refusal(_NOT_BLOCKED)
        log.info("block_lifted", guild=guild_id, by=by)

    async def blocked(self, guild_id: int) -> list[Block]:
        """Return who is blocked in a guild, newest first."""
        async with self.database.read() as connection:
            return await blocks.of_guild(connection, guild_id, self.clock())


async def put_block(connection: AsyncConnection, block: Block, now: datetime) -> None:
    """Block a person, and write that down."""
    await people.note(connection, block.person_id, now)
    await blocks.put(connection, block)
    await _note_block(connection, block, "block", block.by, now)


async def lift_block(
    connection: AsyncConnection, guild_id: int, person_id: int, by: int, now: datetime
) -> bool:
    """End a person's block, and write that down. False: there was none."""
    held = await blocks.of_guild(connection, guild_id, now)
    block = next((each for each in held if each.person_id == person_id), None)
    if block is None:
        return False
    await blocks.lift(connection, guild_id, person_id)
    await _note_block(connection, block, "unblock", by, now)
    return True


async def _note_block(
    connection: AsyncConnection, block: Block, what: str, by: int, now: datetime
) -> None:
    until = None if block.until is None else block.until.isoformat()
    detail = {"person": block.person_id, "reason": block.reason, "until": until}
    await audit.note(connection, block.guild_id, by, what, detail, now)


def _written(value: Any) -> Any:
    """Return a setting as JSON has it."""
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    """Return a setting as it was before it was written as JSON."""
    moment = name == "log_lines_since" and value is not None
    return datetime.fromisoformat(value) if moment else value
