"""What people and guilds have chosen, and what follows from it for a new job."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.clock import Clock
from bot.language import Language, language
from storage import guilds, jobs, people
from storage.database import Database
from storage.guilds import GuildSettings
from storage.jobs import NewJob
from storage.people import Preferences
from storage.routes import Route


@dataclass(frozen=True)
class Wish:
    """What a person wants of one job beside the job itself.

    `private` None: as they usually do. `reachable`: the bot may post in the channel.
    """

    private: bool | None = None
    reachable: bool = True


def decided(new: NewJob, person: Preferences, guild: GuildSettings, wish: Wish) -> NewJob:
    """Return the job with its language, its way to Discord, and its person's defaults."""
    private = person.private if wish.private is None else wish.private
    route = route_of(person, guild, private=private or not wish.reachable)
    usual = dict(person.defaults.get(new.kind, {}))
    spoken = person.language or new.language
    return replace(
        new,
        route=route,
        gallery_id=guild.gallery_id if route is Route.GALLERY else None,
        voice=guild.voice,
        mention=person.mention,
        language=spoken if private else guild.language or spoken,
        options=usual | dict(new.options),
    )


def route_of(person: Preferences, guild: GuildSettings, *, private: bool) -> Route:
    """Return the way a result takes; nobody gets a direct message who has not agreed to it."""
    if not private:
        return guild.route
    return Route.DIRECT if person.direct else Route.PRIVATE


@dataclass
class Choices:
    """Reads and changes what people and guilds have chosen."""

    database: Database
    clock: Clock

    async def of_person(self, person_id: int) -> Preferences:
        """Return what a person has chosen."""
        async with self.database.read() as connection:
            return await people.preferences(connection, person_id)

    async def prefer(self, person_id: int, **chosen: Any) -> Preferences:
        """Change some of a person's preferences."""
        async with self.database.write() as connection:
            return await people.prefer(connection, person_id, self.clock(), **chosen)

    async def agree(self, person_id: int, *, agreed: bool) -> None:
        """Keep whether results may come by direct message; a yes holds for what is open, too."""
        async with self.database.write() as connection:
            await people.prefer(connection, person_id, self.clock(), direct=agreed)
            if agreed:
                await jobs.open_by_direct(connection, person_id)

    async def set_defaults(self, person_id: int, kind: str, chosen: Mapping[str, Any]) -> None:
        """Have a person get these values of a kind's options where they set nothing."""
        async with self.database.write() as connection:
            before = await people.preferences(connection, person_id)
            defaults = {**before.defaults, kind: dict(chosen)}
            await people.prefer(connection, person_id, self.clock(), defaults=defaults)

    async def of_guild(self, guild_id: int) -> GuildSettings:
        """Return what holds in a guild."""
        async with self.database.read() as connection:
            return await guilds.settings(connection, guild_id)

    async def choose(self, guild_id: int, **chosen: Any) -> GuildSettings:
        """Change some of a guild's settings."""
        async with self.database.write() as connection:
            return await guilds.choose(connection, guild_id, self.clock(), **chosen)

    async def language(self, person_id: int, otherwise: str) -> Language:
        """Return the language a person has chosen, else the one with the other code."""
        return language((await self.of_person(person_id)).language or otherwise)
