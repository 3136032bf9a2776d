"""Answering with a job's card, and bringing the file of one that was posted nowhere."""

import tempfile

import discord
import structlog

from bot import border, messages
from bot.buttons import on_card, on_private_card
from bot.client import Foley
from bot.crash import crash_point
from bot.jobs.desk import JobView
from cogs.answer import NO_ANSWER, answer
from cogs.consent import ask_for_consent
from storage.routes import Route

log = structlog.get_logger(__name__)


async def show_card(interaction: discord.Interaction[Foley], view: JobView) -> None:
    """Answer with the job's card and remember which message it is."""
    private = is_private(view)
    buttons = on_private_card(view.job) if private else on_card(view.job)
    embed = messages.card(view.job, view.standing, alone=private)
    try:
        card_id = await answer(interaction, embed, buttons, private=private)
    except NO_ANSWER as error:
        if isinstance(error, discord.HTTPException) and error.code in border.LOST_RACE:
            raise
        # The job is on disk and goes on; its result is a message of its own.
        log.warning("card_not_shown", job=view.job.id, error=type(error).__name__)
        return
    crash_point("card.sent")
    if card_id is not None and not private:
        await interaction.client.services.desk.note_card(view.job.id, card_id)
    await ask_for_consent(interaction, view)


def is_private(view: JobView) -> bool:
    """Tell whether only the requester is to see the card."""
    return view.job.route in {Route.PRIVATE, Route.DIRECT}


async def bring(interaction: discord.Interaction[Foley], view: JobView) -> None:
    """Send the person alone the file that was posted nowhere."""
    desk = interaction.client.services.desk
    with tempfile.TemporaryFile() as file:
        brought = await desk.bring(view, file, interaction.filesize_limit)
        name = messages.file_name(view.job, brought.media.extension)
        await interaction.followup.send(file=discord.File(file, name), ephemeral=True)
    await desk.note_told([view.job.id])
