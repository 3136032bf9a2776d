"""Bulletins: messages about a job that moderators read, and what people read of moderators' acts.

They have the same words whenever they are written anew, so the nonce keeps each of them single.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from discord import ui

from bot import case_message, log_line, messages, notice, review_message
from bot.jobs.parcel import Packer
from bot.language import language
from storage import cases, deliveries, guilds, notices, people, reviews
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job
from storage.review_states import Matter, ReviewState

KINDS = frozenset({DeliveryKind.CASE, DeliveryKind.REVIEW, DeliveryKind.NOTICE, DeliveryKind.LOG})
"""What is a bulletin."""


class Bulletin(NamedTuple):
    """What is to be posted."""

    text: str
    buttons: ui.View | None = None
    picture: Path | None = None


@dataclass
class Bulletins:
    """Writes bulletins."""

    database: Database
    packer: Packer

    async def write(self, delivery: Delivery, job: Job, folder: Path) -> Bulletin | None:
        """Write what a delivery promises; None: there is nothing to say any more.

        A picture that goes with it is made in the folder.
        """
        match delivery.kind:
            case DeliveryKind.CASE:
                return await self._case(delivery, job)
            case DeliveryKind.REVIEW:
                return await self._review(delivery, job, folder)
            case DeliveryKind.LOG:
                return await self._log(delivery, job)
            case DeliveryKind.NOTICE:
                return await self._notice(delivery, job)
            case _:
                return None

    async def _case(self, delivery: Delivery, job: Job) -> Bulletin | None:
        """Tell moderators what was reported, whatever has become of the result."""
        async with self.database.read() as connection:
            case = await cases.get(connection, delivery.case_id or 0)
            settings = await guilds.settings(connection, job.guild_id)
        if case is None:
            return None
        say = language(settings.language)
        words = case_message.write(case, job, delivery.id, say)
        return Bulletin(words, case_message.buttons(case, say))

    async def _review(self, delivery: Delivery, job: Job, folder: Path) -> Bulletin | None:
        """Ask moderators; what is to be posted is shown blurred, or as the shape of its sound."""
        async with self.database.read() as connection:
            review = await reviews.get(connection, delivery.review_id or 0)
            settings = await guilds.settings(connection, job.guild_id)
        if review is None or review.state is not ReviewState.OPEN:
            return None
        say = language(settings.language)
        words = review_message.write(review, job, delivery.id, say)
        shown = review.what is Matter.RESULT
        picture = await self.packer.preview(job, folder) if shown else None
        return Bulletin(words, review_message.buttons(review, say), picture)

    async def _log(self, delivery: Delivery, job: Job) -> Bulletin:
        """Tell moderators how a job has ended."""
        async with self.database.read() as connection:
            told = (await deliveries.of_jobs(connection, [job.id])).get(job.id)
            settings = await guilds.settings(connection, job.guild_id)
        return Bulletin(log_line.write(job, told, delivery.id, language(settings.language)))

    async def _notice(self, delivery: Delivery, job: Job) -> Bulletin | None:
        """Tell a person by direct message what moderators did."""
        async with self.database.read() as connection:
            found = await notices.get(connection, delivery.notice_id or 0)
            if found is None:
                return None
            person = await people.preferences(connection, found.person_id)
        own = job.language if found.person_id == job.requester_id else None
        words = notice.write(found, job, language(person.language or own))
        return Bulletin(f"{words}\n-#{messages.marker(job, delivery.id)}")
