"""Remix: a form with a request's words and options, to be changed and asked for again.

A form is known by its id alone, so one that was opened before a restart can be sent after it.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import border
from bot.buttons import TEMPLATE, Action, custom_id, deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs import form
from bot.jobs.form import Field
from bot.language import Language, Sentence
from bot.netmind.model import Model
from cogs.answer import promptly
from cogs.cards import show_card
from cogs.requests import request, was_private
from cogs.speech import language_of
from storage.jobs import Job

# A form has to be the first answer, and Discord waits three seconds for that.
_PATIENCE = 2.0
# What was refused is shown again when the form is opened anew.
_DRAFTS = 500
_SLOW = Sentence("My memory is slow just now. Try again in a moment.")
_NO_MODEL = Sentence("The model of this job is not on offer any more.")
_NOT_MINE = Sentence("There is no result of mine in this message.")

_ID = re.compile(rf"foley:{Action.REMIX}:([0-9]{{1,19}})")


class Remix(commands.Cog):
    """Forms that make a new job of an old one."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.drafts: OrderedDict[tuple[int, int], Mapping[str, str]] = OrderedDict()
        self._menu = app_commands.ContextMenu(name="Remix", callback=self._on_message)

    async def cog_load(self) -> None:
        """Offer it in the menu of every message."""
        self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _on_message(
        self, interaction: discord.Interaction[Foley], message: discord.Message
    ) -> None:
        await self.open(interaction, job_of(interaction, message))

    async def open(self, interaction: discord.Interaction[Foley], job_id: int) -> None:
        """Show the form. Raises Refusal."""
        try:
            async with asyncio.timeout(_PATIENCE):
                say = await language_of(interaction)
                job = await _visible(interaction, job_id)
        except TimeoutError as error:
            raise Refusal(_SLOW) from error
        draft = self.drafts.get((interaction.user.id, job_id), {})
        await interaction.response.send_modal(_modal(self.bot, job, draft, say))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Take a form that was sent."""
        data: Mapping[str, Any] = interaction.data or {}
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        if interaction.type is not discord.InteractionType.modal_submit or match is None:
            return
        try:
            await self._take(interaction, int(match[1]), dict(_written(data["components"])))
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _take(
        self, interaction: discord.Interaction[Foley], job_id: int, written: Mapping[str, str]
    ) -> None:
        try:
            view = await promptly(interaction, _request(interaction, job_id, written))
        except Refusal as refusal:
            self._keep(interaction.user.id, job_id, written)
            await _open_again(interaction, job_id, refusal)
            return
        self.drafts.pop((interaction.user.id, job_id), None)
        await show_card(interaction, view)

    def _keep(self, person_id: int, job_id: int, written: Mapping[str, str]) -> None:
        self.drafts[person_id, job_id] = written
        while len(self.drafts) > _DRAFTS:
            self.drafts.popitem(last=False)


async def open_form(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Show the form for a job. Raises Refusal."""
    cog = interaction.client.get_cog(Remix.__name__)
    assert isinstance(cog, Remix)  # noqa: S101 - it is loaded with the buttons
    await cog.open(interaction, job_id)


def job_of(interaction: discord.Interaction[Foley], message: discord.Message) -> int:
    """Return the job that a message of ours is about. Raises Refusal."""
    if message.author.id == interaction.client.application_id:
        for row in message.components:
            for item in getattr(row, "children", []):
                match = re.fullmatch(TEMPLATE, getattr(item, "custom_id", None) or "")
                if match:
                    return int(match["job"])
    raise Refusal(_NOT_MINE)


async def _visible(interaction: discord.Interaction[Foley], job_id: int) -> Job:
    shelf = interaction.client.shelf
    return await shelf.visible(job_id, interaction.user.id, interaction.guild_id)


async def _request(
    interaction: discord.Interaction[Foley], job_id: int, written: Mapping[str, str]
) -> Any:
    job = await _visible(interaction, job_id)
    models = interaction.client.catalog.of_kind(job.kind)
    asked = form.read(models, _model(interaction.client, job), written)
    return await request(
        interaction, job.kind, asked.model, asked.prompt, asked.options, private=was_private(job)
    )


def _model(bot: Foley, job: Job) -> Model:
    model = bot.catalog.get(job.model) or next(iter(bot.catalog.of_kind(job.kind)), None)
    if model is None:
        raise Refusal(_NO_MODEL)
    return model


def _modal(bot: Foley, job: Job, draft: Mapping[str, str], say: Language) -> ui.Modal:
    modal = ui.Modal(title=say("Remix"), custom_id=custom_id(Action.REMIX, job.id))
    models = bot.catalog.of_kind(job.kind)
    for field in form.fields(_model(bot, job), models, job.prompt, job.options):
        modal.add_item(_label(field, draft.get(field.key, field.value), say))
    modal.stop()  # its id says all, so the library need not remember it
    return modal


def _label(field: Field, value: str, say: Language) -> ui.Label[ui.Modal]:
    return ui.Label(
        text=say.word(field.label)[:45],
        description=say.word(field.description)[:100] or None,
        component=_select(field, value, say) if field.choices else _text(field, value),
    )


def _text(field: Field, value: str) -> ui.TextInput[ui.Modal]:
    return ui.TextInput(
        custom_id=field.key,
        style=discord.TextStyle.paragraph if field.long else discord.TextStyle.short,
        default=value[: field.limit] or None,
        max_length=field.limit,
        required=field.required,
    )


def _select(field: Field, value: str, say: Language) -> ui.Select[ui.Modal]:
    options = [
        discord.SelectOption(label=say.word(choice), value=choice, default=choice == value)
        for choice in field.choices
    ]
    return ui.Select(custom_id=field.key, options=options, required=False, min_values=0)


def _written(components: list[dict[str, Any]]) -> Any:
    """Yield what was written into each field, by its id."""
    for outer in components:
        for item in [outer.get("component"), *outer.get("components", [])]:
            if item is not None:
                yield item["custom_id"], item.get("value") or "".join(item.get("values", []))


async def _open_again(
    interaction: discord.Interaction[Foley], job_id: int, refusal: Refusal
) -> None:
    """Say what is wrong, with a button that opens the form as it was sent."""
    say = await language_of(interaction)
    button: ui.Button[ui.View] = ui.Button(
        label=say("Open the form again"),
        style=discord.ButtonStyle.primary,
        custom_id=custom_id(Action.REMIX, job_id),
    )
    words, view = refusal.said(say), deaf([button])
    if interaction.response.is_done():
        await interaction.followup.send(words, view=view, ephemeral=True)
    else:
        await interaction.response.send_message(words, view=view, ephemeral=True)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Remix(bot))
