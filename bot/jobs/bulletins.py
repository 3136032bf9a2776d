"""Bulletins: messages about a job that moderators read, and what people read of moderators' acts.

They have the same words whenever they are written anew, so the nonce keeps each of them single.
"""

from dataclasses import dataclass
from typing import NamedTuple

from discord import ui

from bot import case_message
from bot.language import language
from storage import cases, guilds
from storage.database import Database
from storage.deliveries import Delivery, DeliveryKind
from storage.jobs import Job

KINDS = frozenset({DeliveryKind.CASE, DeliveryKind.REVIEW, DeliveryKind.NOTICE, DeliveryKind.LOG})
"""What is a bulletin."""


class Bulletin(NamedTuple):
    """What is to be posted."""

    text: str
    buttons: ui.View | None = None


@dataclass
class Bulletins:
    """Writes bulletins."""

    database: Database

    async def write(self, delivery: Delivery, job: Job) -> Bulletin | None:
        """Write what a delivery promises; None: there is nothing to say any more."""
        match delivery.kind:
            case DeliveryKind.CASE:
                return await self._case(delivery, job)
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
