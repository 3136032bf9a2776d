"""The Cancel button. It carries the job's number, so it works after any restart."""

import re
from typing import Self

import discord
from discord import ui

from bot import border, messages
from bot.client import Foley
from cogs.answer import promptly
from storage.jobs import Job


class CancelButton(ui.DynamicItem[ui.Button[ui.View]], template=r"foley:cancel:(?P<job>[0-9]+)"):
    """Ends a job without a result; only its requester can."""

    def __init__(self, job_id: int) -> None:
        super().__init__(
            ui.Button(
                label="Cancel",
                style=discord.ButtonStyle.secondary,
                custom_id=f"foley:cancel:{job_id}",
            )
        )
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003 - discord.py's signature
        item: ui.Item[ui.View],  # noqa: ARG003 - discord.py's signature
        match: re.Match[str],
    ) -> Self:
        """Make the button anew from a message of any age."""
        return cls(int(match["job"]))

    async def callback(self, interaction: discord.Interaction[Foley]) -> None:  # type: ignore[override] # our client
        """Cancel the job and show it on the card."""
        try:
            await self._cancel(interaction)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _cancel(self, interaction: discord.Interaction[Foley]) -> None:
        desk = interaction.client.desk
        work = desk.cancel(self.job_id, interaction.user.id)
        view = await promptly(interaction, work, thinking=False)
        embed = messages.card(view.job, view.standing)
        if interaction.response.is_done():
            await interaction.edit_original_response(embed=embed, view=None)
        else:
            await interaction.response.edit_message(embed=embed, view=None)
        # The private answer of /job has this button too; the card is another message then.
        if interaction.message is not None and interaction.message.id == view.job.card_id:
            await desk.note_closed(view.job.id)


def cancel_view(job: Job) -> ui.View:
    """Return the buttons below an open job's card."""
    view = ui.View(timeout=None)
    if not job.ended:
        view.add_item(CancelButton(job.id))
    return view
