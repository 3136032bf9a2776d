"""Asking, once, whether private results may come by direct message."""

import re
from typing import Self

import discord
import structlog
from discord import ui

from bot import border
from bot.buttons import deaf
from bot.client import Foley
from bot.jobs.desk import JobView
from bot.language import Language, Sentence
from bot.speech import language_of
from cogs.answer import NO_ANSWER, promptly
from cogs.permissions import is_reachable
from storage.errors import StorageError
from storage.routes import Route

log = structlog.get_logger(__name__)

_QUESTION = Sentence("Shall I send private results to your direct messages?")
_QUESTION_ELSEWHERE = Sentence(
    "I am no member here, so only you get the result. "
    "Shall I send such results to your direct messages?"
)


async def ask_for_consent(interaction: discord.Interaction[Foley], view: JobView) -> None:
    """Ask a person whose result would otherwise have to be fetched, unless they have answered."""
    if view.job.route is not Route.PRIVATE:
        return
    try:
        await _ask(interaction)
    except (*NO_ANSWER, StorageError) as error:
        # The job is on disk and goes on; the next one brings the question.
        log.warning("consent_not_asked", job=view.job.id, error=type(error).__name__)


async def _ask(interaction: discord.Interaction[Foley]) -> None:
    if (
        await interaction.client.services.choices.of_person(interaction.user.id)
    ).direct is not None:
        return
    say = await language_of(interaction)
    await interaction.followup.send(
        say.say(_QUESTION if is_reachable(interaction) else _QUESTION_ELSEWHERE),
        view=deaf([_button("yes", say), _button("no", say)]),
        ephemeral=True,
    )


def _button(answer: str, say: Language) -> ui.Button[ui.View]:
    yes = answer == "yes"
    return ui.Button(
        label=say("Yes, send them") if yes else say("No, I use /job"),
        style=discord.ButtonStyle.primary if yes else discord.ButtonStyle.secondary,
        custom_id=f"foley:direct:{answer}",
    )


class ConsentButton(ui.DynamicItem[ui.Button[ui.View]], template=r"foley:direct:(?P<a>yes|no)"):
    """Keeps the answer; it can be changed with /preferences."""

    def __init__(self, agreed: bool) -> None:  # noqa: FBT001 - the one thing it knows
        super().__init__(ui.Button(custom_id=f"foley:direct:{'yes' if agreed else 'no'}"))
        self.agreed = agreed

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003 - discord.py's signature
        item: ui.Item[ui.View],  # noqa: ARG003 - discord.py's signature
        match: re.Match[str],
    ) -> Self:
        """Read the button's id."""
        return cls(match["a"] == "yes")

    async def callback(self, interaction: discord.Interaction[Foley]) -> None:  # type: ignore[override] # our client
        """Remember the answer."""
        try:
            await self._remember(interaction)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _remember(self, interaction: discord.Interaction[Foley]) -> None:
        work = interaction.client.services.choices.agree(interaction.user.id, agreed=self.agreed)
        await promptly(interaction, work, thinking=False)
        say = await language_of(interaction)
        words = (
            say("Your private results come by direct message. /preferences changes that.")
            if self.agreed
            else say("Your private results wait for you in /job. /preferences changes that.")
        )
        if interaction.response.is_done():
            await interaction.edit_original_response(content=words, view=None)
        else:
            await interaction.response.edit_message(content=words, view=None)


async def setup(bot: Foley) -> None:
    """Know the buttons; discord.py calls this."""
    bot.add_dynamic_items(ConsentButton)
