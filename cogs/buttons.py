"""What happens when somebody clicks one of the buttons that carry a job's number.

The buttons are known by their ids alone (bot/buttons.py), so they work on messages of any age.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Self

import discord
from discord import ui

from bot import border, messages
from bot.buttons import TEMPLATE, Action, on_card, on_private_card
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.choices import Way
from bot.jobs.desk import JobView
from bot.language import Sentence
from cogs import report
from cogs.answer import promptly, say_privately
from cogs.cards import bring, show_card
from cogs.own_card import show_privately
from cogs.permissions import check_permissions, is_reachable
from cogs.remix import open_form
from cogs.removal import NOT_ALLOWED, delete_messages
from cogs.requests import again
from cogs.sound import add_sound
from storage.routes import Route

_UNKNOWN = Sentence("This button is of another version of mine. /job shows what can be done now.")
_NOT_HERE = Sentence("I am not in this place myself, so I cannot post here.")

Click = Callable[[discord.Interaction[Foley], int], Awaitable[None]]


class JobButton(ui.DynamicItem[ui.Button[ui.View]], template=TEMPLATE):
    """A button on a message of any age, made anew from its id."""

    def __init__(self, action: str, job_id: int, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.action = action
        self.job_id = job_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003 - discord.py's signature
        item: ui.Item[ui.View],  # noqa: ARG003 - discord.py's signature
        match: re.Match[str],
    ) -> Self:
        """Read the button's id."""
        return cls(match["action"], int(match["job"]), match.string)

    async def callback(self, interaction: discord.Interaction[Foley]) -> None:  # type: ignore[override] # our client
        """Do what the button is for."""
        try:
            await _CLICKS.get(self.action, _unknown)(interaction, self.job_id)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def _unknown(interaction: discord.Interaction[Foley], job_id: int) -> None:  # noqa: ARG001 - as the others
    await border.let_others_answer()
    raise Refusal(_UNKNOWN)


async def _cancel(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """End the job without a result and show that on the card."""
    desk = interaction.client.services.desk
    view = await promptly(interaction, desk.cancel(job_id, interaction.user.id), thinking=False)
    await _show(interaction, view)
    # A private card has this button too; the card that others see is another message then.
    if interaction.message is not None and interaction.message.id == view.job.card_id:
        await desk.note_closed(view.job.id)


async def _refresh(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Show how the job stands, and bring its file if that is in no channel."""
    desk = interaction.client.services.desk
    view = await promptly(interaction, desk.show(job_id, interaction.user.id), thinking=False)
    await _show(interaction, view)
    if view.unposted:
        await bring(interaction, view)


async def _show(interaction: discord.Interaction[Foley], view: JobView) -> None:
    """Show the job on the message with the button."""
    seen_by_all = interaction.message is None or not interaction.message.flags.ephemeral
    embed = messages.card(view.job, view.standing, alone=not seen_by_all)
    buttons = on_card(view.job) if seen_by_all else on_private_card(view.job)
    if interaction.response.is_done():
        await interaction.edit_original_response(embed=embed, view=buttons)
    else:
        await interaction.response.edit_message(embed=embed, view=buttons)


async def _again(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Make another one of the same words and options, with a seed of its own."""
    await show_card(interaction, await promptly(interaction, again(interaction, job_id)))


async def _star(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Star the job, or take the star away."""
    work = interaction.client.services.shelf.star(job_id, interaction.user.id)
    starred = await promptly(interaction, work, private=True)
    await say_privately(
        interaction,
        Sentence("⭐ Starred. /jobs shows your stars.")
        if starred
        else Sentence("The star is taken away."),
    )


async def _send(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Send the file to its person by direct message; the click is their consent to this one."""
    work = interaction.client.services.shelf.copy(job_id, interaction.user.id, interaction.id, None)
    await promptly(interaction, work, private=True)
    await say_privately(interaction, Sentence("📥 It is on its way to your direct messages."))


async def _post(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Post the file in this channel, for all to see."""
    if not is_reachable(interaction):
        raise Refusal(_NOT_HERE)
    check_permissions(interaction, Way(Route.CHANNEL))
    work = interaction.client.services.shelf.copy(
        job_id, interaction.user.id, interaction.id, interaction.channel_id
    )
    await promptly(interaction, work, private=True)
    await say_privately(interaction, Sentence("📣 It is on its way to this channel."))


async def _delete(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Delete the result: its messages, and NetMind's copy."""
    await promptly(interaction, _deleted(interaction, job_id), private=True)
    await say_privately(interaction, Sentence("🗑️ It is deleted, NetMind's copy too."))


async def _deleted(interaction: discord.Interaction[Foley], job_id: int) -> None:
    bot = interaction.client
    moderates = interaction.guild_id if interaction.permissions.manage_messages else None
    places = await bot.services.shelf.remove(job_id, interaction.user.id, moderates)
    if not await delete_messages(bot, places):
        raise Refusal(NOT_ALLOWED)


_CLICKS: dict[str, Click] = {
    Action.OPEN: show_privately,
    Action.CANCEL: _cancel,
    Action.REFRESH: _refresh,
    Action.AGAIN: _again,
    Action.REMIX: open_form,
    Action.STAR: _star,
    Action.SEND: _send,
    Action.POST: _post,
    Action.SOUND: add_sound,
    Action.DELETE: _delete,
    Action.REPORT: report.open_form,
}


async def setup(bot: Foley) -> None:
    """Know the buttons; discord.py calls this."""
    bot.add_dynamic_items(JobButton)
