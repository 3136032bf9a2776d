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

MODEL = "model"
"""The name under which a person's defaults have the model."""


@dataclass(frozen=True)
class Wish:
    """What a person wants of one job beside the job itself, and what its place allows.

    `private` None: as they usually do. `usual`: what they usually set fills in what is not set.
    `reachable`: the bot is where the channel is. `threads`: one can be opened below its messages.
    `roles`: those that the person has in the guild; the guild's own number is everyone's.
    `places`: the channel, and what it is in: the thread's channel, the category.
    """

    private: bool | None = None
    usual: bool = True
    reachable: bool = True
    threads: bool = True
    roles: frozenset[int] = frozenset()
    places: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Way:
    """The way a result takes; `gallery_id` is where Route.GALLERY leads."""

    route: Route
    gallery_id: int | None = None

    @property
    def private(self) -> bool:
        """Whether nobody but its person sees the result, or the card."""
        return self.route in {Route.PRIVATE, Route.DIRECT}


def decided(new: NewJob, person: Preferences, guild: GuildSettings, wish: Wish) -> NewJob:
    """Return the job with its language, its way to Discord, and its person's defaults."""
    way = way_of(person, guild, wish)
    spoken = person.language or new.language
    spoiler = not (wish.roles | wish.places).isdisjoint(guild.spoilers or ())
    return replace(
        new,
        route=way.route,
        gallery_id=way.gallery_id,
        # Discord hides no voice message.
        voice=guild.voice and _is_heard(new) and not spoiler,
        spoiler=spoiler,
        mention=person.mention,
        language=spoken if way.private else guild.language or spoken,
        options=_usual(person, new.kind, wish) | dict(new.options),
    )


def _is_heard(new: NewJob) -> bool:
    """Tell whether a sound alone is asked for, as far as the kind's name tells."""
    return new.kind not in {"video", "image"} and new.video_message_id is None


def _usual(person: Preferences, kind: str, wish: Wish) -> dict[str, Any]:
    usual = person.defaults.get(kind, {}) if wish.usual else {}
    return {name: value for name, value in usual.items() if name != MODEL}


def way_of(person: Preferences, guild: GuildSettings, wish: Wish) -> Way:
    """Return the way a result takes; nobody gets a direct message who has not agreed to it.

    Where a guild wants results to be private until they are published, no wish goes before that.
    """
    private = person.private if wish.private is None else wish.private
    if private or not wish.reachable or guild.route is Route.PRIVATE:
        return Way(Route.DIRECT if person.direct else Route.PRIVATE)
    if guild.route is Route.THREAD and not wish.threads:
        return Way(Route.CHANNEL)
    return Way(guild.route, guild.gallery_id if guild.route is Route.GALLERY else None)


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

    async def way(self, person_id: int, guild_id: int | None, wish: Wish) -> Way:
        """Return the way that a result would take."""
        async with self.database.read() as connection:
            person = await people.preferences(connection, person_id)
            return way_of(person, await guilds.settings(connection, guild_id), wish)

    async def set_defaults(self, person_id: int, kind: str, chosen: Mapping[str, Any]) -> None:
        """Have a person get these values of a kind's options where they set nothing.

        The one under MODEL is the key of the model. Empty: nothing of this kind any more.
        """
        async with self.database.write() as connection:
            before = await people.preferences(connection, person_id)
            every = {**before.defaults, kind: dict(chosen)}
            defaults = {name: usual for name, usual in every.items() if usual}
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
