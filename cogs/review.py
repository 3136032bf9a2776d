"""Reviewing: what moderators click below a job that waits for them.

A button's id names the review, so it outlives a restart; so does the form that asks why.
"""

import re
import tempfile
from collections.abc import Mapping
from typing import Any, Self

import discord
from discord import ui
from discord.ext import commands

from bot import border, messages
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.form import Field
from bot.jobs.reviews import Decision, Reviewed
from bot.language import Sentence
from bot.review_message import FORM, TEMPLATE, Verdict
from bot.speech import language_of
from cogs import modal
from cogs.answer import promptly
from cogs.authority import DECIDED, check_moderator
from storage.review_states import ReviewState

_ID = re.compile(FORM)
_WHY = Field("words", Sentence("Why not? The person reads it."), "", 300, long=True, required=True)


class Rejections(commands.Cog):
    """Takes the form that asks why."""

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Reject what the form is about."""
        data: Mapping[str, Any] = interaction.data or {}
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        if interaction.type is not discord.InteractionType.modal_submit or match is None:
            return
        try:
            written = dict(modal.written(data["components"]))
            words = written.get(_WHY.key, "").strip()
            decision = Decision(interaction.user.id, approved=False, words=words)
            await _decide(interaction, int(match[1]), decision)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


class ReviewButton(ui.DynamicItem[ui.Button[ui.View]], template=TEMPLATE):
    """A button below a review, on a message of any age, made anew from its id."""

    def __init__(self, verdict: Verdict, review_id: int, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.verdict = verdict
        self.review_id = review_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003 - discord.py's signature
        item: ui.Item[ui.View],  # noqa: ARG003 - discord.py's signature
        match: re.Match[str],
    ) -> Self:
        """Read the button's id."""
        return cls(Verdict(match["verdict"]), int(match["review"]), match.string)

    async def callback(self, interaction: discord.Interaction[Foley]) -> None:  # type: ignore[override] # our client
        """Do what the button is for."""
        try:
            await _clicked(interaction, self.verdict, self.review_id)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def _clicked(
    interaction: discord.Interaction[Foley], verdict: Verdict, review_id: int
) -> None:
    check_moderator(interaction)
    match verdict:
        case Verdict.LOOK:
            await _look(interaction, review_id)
        case Verdict.REJECT:
            await _ask_why(interaction, review_id)
        case _:
            trust = verdict is Verdict.TRUST
            decision = Decision(interaction.user.id, approved=True, trust=trust)
            await _decide(interaction, review_id, decision)


async def _ask_why(interaction: discord.Interaction[Foley], review_id: int) -> None:
    """Open the form, unless it is decided already."""
    reviews = interaction.client.services.reviews
    reviewed = await modal.in_time(reviews.open(review_id, interaction.guild_id))
    if reviewed.review.state is not ReviewState.OPEN:
        await _show(interaction, reviewed)
        raise Refusal(DECIDED)
    say = await language_of(interaction)
    form_id = f"foley:rejection:{review_id}"
    await interaction.response.send_modal(modal.build(say("Reject"), form_id, [_WHY], {}, say))


async def _decide(
    interaction: discord.Interaction[Foley], review_id: int, decision: Decision
) -> None:
    check_moderator(interaction)
    work = interaction.client.services.reviews.decide(review_id, interaction.guild_id, decision)
    reviewed = await promptly(interaction, work, thinking=False)
    await _show(interaction, reviewed)
    if not reviewed.first:
        raise Refusal(DECIDED)


async def _show(interaction: discord.Interaction[Foley], reviewed: Reviewed) -> None:
    """Show on the message what was decided."""
    if interaction.response.is_done():
        await interaction.edit_original_response(content=reviewed.words, view=deaf([]))
    else:
        await interaction.response.edit_message(content=reviewed.words, view=deaf([]))


async def _look(interaction: discord.Interaction[Foley], review_id: int) -> None:
    """Show the file itself, to this moderator alone."""
    await interaction.response.defer(thinking=True, ephemeral=True)
    bot = interaction.client
    reviewed = await bot.services.reviews.open(review_id, interaction.guild_id)
    with tempfile.TemporaryFile() as file:
        brought = await bot.services.desk.fetch(reviewed.job, file, interaction.filesize_limit)
        name = messages.file_name(reviewed.job, brought.media.extension)
        await interaction.edit_original_response(attachments=[discord.File(file, name)])


async def setup(bot: Foley) -> None:
    """Load the cog and know its buttons; discord.py calls this."""
    bot.add_dynamic_items(ReviewButton)
    await bot.add_cog(Rejections())
