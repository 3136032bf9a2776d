"""Report: telling the moderators of a server about a result, and what they do about it.

The form's id names job and message, and a button's id the case, so both outlive a restart.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

import discord
import structlog
from discord import app_commands, ui
from discord.ext import commands

from bot import border
from bot.buttons import deaf
from bot.case_message import FORM, TEMPLATE, Verdict
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.cases import Outcome, Ruling, Told
from bot.jobs.form import Field
from bot.jobs.shelf import Place
from bot.language import Sentence
from bot.speech import language_of
from cogs import modal
from cogs.answer import promptly, say_privately
from cogs.authority import DECIDED, check_moderator
from cogs.removal import NOT_ALLOWED, delete_messages, hide_messages
from storage.case_states import CaseAction, CaseState

log = structlog.get_logger(__name__)

_NOT_MINE = Sentence("There is no result of mine in this message.")
_THANKS = Sentence("Thank you. The moderators of this server will look at it.")

_ID = re.compile(r"foley:report:([0-9]{1,18}):([0-9]{1,19})")
_WORDS = Field("words", Sentence("What is wrong with it?"), "", 500, long=True, required=True)
_BLOCK_ID = re.compile(FORM)
_REASON = Field("words", Sentence("Why? The person reads it."), "", 300, long=True, required=True)
_DAYS = Field("days", Sentence("For how many days? Empty: until lifted"), "", 4)
_BLOCK = (_REASON, _DAYS)
_MOST_DAYS = 3650
_NO_DAYS = Sentence("Write the days as a whole number, or nothing.")


class Report(commands.Cog):
    """The menu of a message, and its form."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self._menu = app_commands.ContextMenu(
            name="Report",
            callback=self._on_message,
            allowed_contexts=app_commands.AppCommandContext(
                guild=True, dm_channel=False, private_channel=False
            ),
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),
        )

    async def cog_load(self) -> None:
        """Offer it in the menu of every message."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _on_message(
        self, interaction: discord.Interaction[Foley], message: discord.Message
    ) -> None:
        """Show the form for the result in a message. Raises Refusal."""
        job_id = await modal.in_time(_reportable(interaction, message))
        await _open(interaction, job_id, message.id)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Take a form that was sent: of a report, or of a block."""
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        report, block = _ID.fullmatch(custom_id), _BLOCK_ID.fullmatch(custom_id)
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        try:
            if report is not None:
                await _report(interaction, report, dict(modal.written(data["components"])))
            elif block is not None:
                written = dict(modal.written(data["components"]))
                await _block(interaction, int(block[1]), written)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def _report(
    interaction: discord.Interaction[Foley], match: re.Match[str], written: Mapping[str, str]
) -> None:
    """Take a report. Raises Refusal."""
    message = Place(interaction.channel_id or 0, int(match[2]))
    work = interaction.client.services.cases.report(
        int(match[1]),
        message,
        interaction.user.id,
        interaction.guild_id,
        written.get(_WORDS.key, ""),
    )
    await promptly(interaction, work, private=True)
    await say_privately(interaction, _THANKS)


async def open_form(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Show the form for the result above the button. Raises Refusal."""
    if interaction.message is None:
        raise Refusal(_NOT_MINE)
    work = interaction.client.services.cases.check(
        job_id, interaction.user.id, interaction.guild_id
    )
    await modal.in_time(work)
    await _open(interaction, job_id, interaction.message.id)


async def _open(interaction: discord.Interaction[Foley], job_id: int, message_id: int) -> None:
    say = await language_of(interaction)
    form_id = f"foley:report:{job_id}:{message_id}"
    await interaction.response.send_modal(modal.build(say("Report"), form_id, [_WORDS], {}, say))


async def _reportable(interaction: discord.Interaction[Foley], message: discord.Message) -> int:
    """Return the job that a message of ours is about. Raises Refusal if it may not be reported."""
    if message.author != interaction.client.user:
        raise Refusal(_NOT_MINE)
    cases, answered = interaction.client.services.cases, message.interaction_metadata
    job_id = await cases.job_of(message.id, None if answered is None else answered.id)
    await cases.check(job_id, interaction.user.id, interaction.guild_id)
    return job_id


class CaseButton(ui.DynamicItem[ui.Button[ui.View]], template=TEMPLATE):
    """A button below a case, on a message of any age, made anew from its id."""

    def __init__(self, verdict: Verdict, case_id: int, custom_id: str) -> None:
        super().__init__(ui.Button(custom_id=custom_id))
        self.verdict = verdict
        self.case_id = case_id

    @classmethod
    async def from_custom_id(
        cls,
        interaction: discord.Interaction,  # noqa: ARG003 - discord.py's signature
        item: ui.Item[ui.View],  # noqa: ARG003 - discord.py's signature
        match: re.Match[str],
    ) -> Self:
        """Read the button's id."""
        return cls(Verdict(match["verdict"]), int(match["case"]), match.string)

    async def callback(self, interaction: discord.Interaction[Foley]) -> None:  # type: ignore[override] # our client
        """Decide the case."""
        try:
            await _decide(interaction, self.verdict, self.case_id)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def _decide(interaction: discord.Interaction[Foley], verdict: Verdict, case_id: int) -> None:
    """Do what a button below a case is for. Raises Refusal."""
    by = interaction.user.id
    check_moderator(interaction)
    match verdict:
        case Verdict.REMOVE:
            await _rule(interaction, case_id, Ruling(by, CaseState.REMOVED))
        case Verdict.DISMISS:
            await _rule(interaction, case_id, Ruling(by, CaseState.DISMISSED))
        case Verdict.HIDE:
            ruling = Ruling(by, CaseState.REMOVED, CaseAction.HIDE)
            await _rule(interaction, case_id, ruling)
        case Verdict.BLOCK:
            await _ask_why(interaction, case_id, Ruling(by, CaseState.REMOVED, CaseAction.BLOCK))


async def _ask_why(interaction: discord.Interaction[Foley], case_id: int, ruling: Ruling) -> None:
    """Open the form of a block."""
    say = await language_of(interaction)
    cases = interaction.client.services.cases
    await modal.in_time(cases.open(case_id, ruling, interaction.guild_id))
    form = modal.build(say("Remove and block"), f"foley:blocking:{case_id}", _BLOCK, {}, say)
    await interaction.response.send_modal(form)


async def _block(
    interaction: discord.Interaction[Foley], case_id: int, written: Mapping[str, str]
) -> None:
    """Remove a result and block its person, as the form says. Raises Refusal."""
    check_moderator(interaction)
    days = written.get(_DAYS.key, "").strip()
    if days and not (days.isascii() and days.isdigit() and 0 < int(days) <= _MOST_DAYS):
        raise Refusal(_NO_DAYS)
    length = timedelta(days=int(days)) if days else None
    reason = written.get(_REASON.key, "")
    by = interaction.user.id
    ruling = Ruling(by, CaseState.REMOVED, CaseAction.BLOCK, reason, length)
    await _rule(interaction, case_id, ruling)


async def _rule(interaction: discord.Interaction[Foley], case_id: int, ruling: Ruling) -> None:
    """Decide a case, and show everywhere what was decided. Raises Refusal."""
    work = _carried_out(interaction, case_id, ruling)
    outcome, allowed = await promptly(interaction, work, thinking=False)
    words = next(each.words for each in outcome.told if each.case_id == case_id)
    if interaction.response.is_done():
        await interaction.edit_original_response(content=words, view=deaf([]))
    else:
        await interaction.response.edit_message(content=words, view=deaf([]))
    if not outcome.first:
        raise Refusal(DECIDED)
    if not allowed:
        raise Refusal(NOT_ALLOWED)


async def _carried_out(
    interaction: discord.Interaction[Foley], case_id: int, ruling: Ruling
) -> tuple[Outcome, bool]:
    """Decide; return the outcome, and whether Discord let us delete what was to be deleted."""
    bot = interaction.client
    if ruling.action is CaseAction.HIDE:
        # First in Discord: who dies in between leaves the case open, and a second click mends it.
        case, places = await bot.services.cases.open(case_id, ruling, interaction.guild_id)
        if case.state is CaseState.OPEN:
            await hide_messages(bot, places)
        ruling = replace(ruling, hidden=places)
    outcome = await bot.services.cases.decide(case_id, ruling, interaction.guild_id)
    allowed = await delete_messages(bot, outcome.removed)
    for told in outcome.told:
        if told.case_id != case_id:
            await _show(bot, told)
    return outcome, allowed


async def _show(bot: Foley, told: Told) -> None:
    """Show what was decided on the message of another case of the same job."""
    if told.place is None:
        return
    channel = bot.get_partial_messageable(told.place.channel_id)
    message = channel.get_partial_message(told.place.message_id)
    try:
        await message.edit(content=told.words, view=None)
    except discord.HTTPException as error:
        # A click on its buttons will show it.
        log.warning("case_not_shown", case=told.case_id, code=error.code)


async def setup(bot: Foley) -> None:
    """Load the cog and know its buttons; discord.py calls this."""
    bot.add_dynamic_items(CaseButton)
    await bot.add_cog(Report(bot))
