"""Privacy: what is stored about a person, and having it deleted. It raises Refusal."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.clock import Clock
from bot.errors import Refusal
from bot.jobs.shelf import Place
from bot.language import Sentence
from storage import erasure, guilds, people, privacy
from storage.database import Database
from storage.people import Preferences
from storage.privacy import Counts
from storage.schema import jobs

log = structlog.get_logger(__name__)

_BEING_SENT = Sentence(
    "One of your messages is being posted at this moment. What was under way is cancelled; "
    "nothing else is deleted yet. Try again in a minute."
)


@dataclass(frozen=True)
class Stored:
    """What is stored about a person."""

    counts: Counts
    preferences: Preferences


@dataclass
class Privacy:
    """Shows, exports and deletes what is stored about people; notes which guilds were left."""

    database: Database
    clock: Clock
    on_change: Callable[[], None]

    async def of_person(self, person_id: int) -> Stored:
        """Return how much is stored about a person."""
        async with self.database.read() as connection:
            return Stored(
                await privacy.counts(connection, person_id),
                await people.preferences(connection, person_id),
            )

    async def export(self, person_id: int) -> bytes:
        """Return all that is stored about a person, as JSON."""
        async with self.database.read() as connection:
            found = await privacy.everything(connection, person_id)
        told = {"exported_at": self.clock().isoformat(), **found}
        return await asyncio.to_thread(_written, told)

    async def erase(self, person_id: int, *, messages: bool) -> list[Place]:
        """Delete what is stored about a person; return the messages that are to be deleted too.

        Open jobs are cancelled first. Refused while a message of theirs is being posted; nothing
        that waits is posted then, so that a later try finds an end of it.
        """
        now = self.clock()
        async with self.database.write() as connection:
            # First the messages, then the jobs: so does who posts them.
            await erasure.being_sent(connection, person_id, now)
            own = jobs.c.requester_id == person_id
            cancelled = await erasure.cancel_open(connection, own, now)
            found: list[Place] | None = None
            if await erasure.being_sent(connection, person_id, now):
                await erasure.withdraw(connection, person_id, now)
            else:
                found = [Place(*each) for each in await privacy.places(connection, person_id)]
                await erasure.erase_person(connection, person_id, now, cards_too=messages)
        log.info("person_erased", cancelled=len(cancelled), done=found is not None)
        self.on_change()
        if found is None:
            raise Refusal(_BEING_SENT)
        return found if messages else []

    async def note_left(self, guild_id: int) -> None:
        """Remember that the bot is no longer in a guild."""
        async with self.database.write() as connection:
            await guilds.set_left(connection, [guild_id], self.clock())

    async def note_joined(self, guild_id: int) -> None:
        """Remember that the bot is in a guild again."""
        async with self.database.write() as connection:
            await guilds.set_there(connection, [guild_id])

    async def call_roll(self, is_in: Callable[[int], bool | None]) -> None:
        """Note what guilds did while nobody heard of it: remove the bot, or take it back.

        `is_in` tells whether the bot is in a guild; None: that is not known here. Where it never
        was, people have it with them, and their jobs are their own.
        """
        async with self.database.write() as connection:
            known = await guilds.memberships(connection)
            there = [each for each in known if is_in(each.guild_id)]
            missing = [each for each in known if is_in(each.guild_id) is False]
            back = [each.guild_id for each in there if each.left or not each.joined]
            gone = [each.guild_id for each in missing if each.joined and not each.left]
            await guilds.set_there(connection, back)
            await guilds.set_left(connection, gone, self.clock())
        if back or gone:
            log.info("roll_called", back=len(back), gone=len(gone))


def _written(told: object) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
