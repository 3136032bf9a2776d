"""Two people in two channels, who give commands and press Cancel."""

import asyncio
import random
from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.rig.bots import Bot
from tests.rig.collect import GivenCancel, GivenCommand
from tests.standins.discord.process import ControlError, DiscordStandIn, answered
from tests.standins.discord.world import JSON

_WORDS = ("rain on slates", "wind over willow", "a far bell", "steps in snow", "an old clock")
_ANSWERS_WITHIN = 4.0
_STARTS_WITHIN = 120.0


@dataclass
class People:
    """What they did so far; `rng` decides who asks next, where, and how soon."""

    discord: DiscordStandIn
    rng: random.Random
    commands: list[GivenCommand] = field(default_factory=list)
    cancels: list[GivenCancel] = field(default_factory=list)
    _waiting: int = 0

    async def now(self) -> int:
        """Return where Discord's ledger ends now."""
        return max((entry.seq for entry in await self.discord.ledger()), default=0)

    async def see(self, bot: Bot, mark: int) -> bool:
        """Wait until the bot is online; False: it died before."""
        online = self.discord.wait_for(
            lambda entry: entry.kind == "gateway.identify", timeout=_STARTS_WITHIN, after=mark
        )
        return await _unless_dead(bot, online)

    def postpone(self, number: int) -> None:
        """Give so many commands in the next life."""
        self._waiting += number

    async def ask(self, bot: Bot, number: int) -> None:
        """Give so many commands, and those that are waiting; what a death prevents waits."""
        self._waiting += number
        asked = []
        while self._waiting and bot.alive:
            self._waiting -= 1
            asked.append(await self._ask_one())
            await asyncio.sleep(self.rng.uniform(0, 0.3))
        for interaction_id in asked:
            wait = self.discord.wait_for(answered(interaction_id), timeout=_ANSWERS_WITHIN)
            await _unless_dead(bot, wait)

    async def _ask_one(self) -> int:
        person, channel = self._who_and_where()
        prompt = f"{self.rng.choice(_WORDS)} number {len(self.commands) + 1}"
        at = datetime.now(UTC)
        interaction_id = await self.discord.invoke(
            "audio", {"prompt": prompt, "duration": 1}, user=person, channel=channel
        )
        self.commands.append(GivenCommand(interaction_id, person, channel, prompt, at))
        return interaction_id

    def _who_and_where(self) -> tuple[int, int]:
        """Draw a person and a channel; of the first two commands, nothing is the same."""
        people = (self.discord.home.alice, self.discord.home.bob)
        channels = (self.discord.home.channel, self.discord.home.other_channel)
        number = len(self.commands)
        if number < len(people):
            return people[number], channels[number]
        return self.rng.choice(people), self.rng.choice(channels)

    async def cancel(self, bot: Bot) -> None:
        """Press Cancel on one card after the other, until the bot dies of it."""
        for given in self.rng.sample(self.commands, len(self.commands)):
            if not bot.alive:
                return
            await self._press(bot, given)

    async def _press(self, bot: Bot, given: GivenCommand) -> None:
        card = (await self.discord.interaction(given.interaction_id))["original_id"]
        shown = await self.discord.message(card) if card else {}
        button = cancel_button(shown)
        if button is None:
            return
        at = datetime.now(UTC)
        try:
            pressed = await self.discord.click(card, button, user=given.person)
        except ControlError:
            return  # it is gone just now
        self.cancels.append(GivenCancel(pressed, given.interaction_id, given.person, at))
        await _unless_dead(bot, self.discord.wait_for(answered(pressed), timeout=_ANSWERS_WITHIN))


def cancel_button(message: JSON) -> str | None:
    """Return what the Cancel button of a card carries, if the card has one."""
    for row in message.get("components", []):
        for component in row.get("components", []):
            if component.get("label") == "Cancel":
                return str(component["custom_id"])
    return None


async def _unless_dead(bot: Bot, work: Awaitable[object]) -> bool:
    """Wait for the work, no longer than the bot lives; tell whether it came about."""
    waiting = asyncio.ensure_future(work)
    dying = asyncio.ensure_future(bot.process.wait())
    await asyncio.wait({waiting, dying}, return_when=asyncio.FIRST_COMPLETED)
    happened = waiting.done() and waiting.exception() is None
    for task in (waiting, dying):
        task.cancel()
    await asyncio.gather(waiting, dying, return_exceptions=True)
    return happened
