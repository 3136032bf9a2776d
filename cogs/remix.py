"""Remix: a form with a request's words and options, to be changed and asked for again.

A form is known by its id alone, so one that was opened before a restart can be sent after it.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import border
from bot.buttons import TEMPLATE, Action, custom_id
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs import form
from bot.language import Language, Sentence
from bot.netmind.model import Model
from bot.speech import language_of
from cogs import modal
from cogs.modal import Drafts
from cogs.requests import request, video_of, was_private
from storage.jobs import Job

_NO_MODEL = Sentence("The model of this job is not on offer any more.")
_NOT_MINE = Sentence("There is no result of mine in this message.")

_ID = re.compile(rf"foley:{Action.REMIX}:([0-9]{{1,19}})")


class Remix(commands.Cog):
    """Forms that make a new job of an old one."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.drafts = Drafts()
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
        say = await language_of(interaction)
        job = await modal.in_time(_visible(interaction, job_id))
        draft = self.drafts.get(interaction.user.id, _form_id(job_id))
        await interaction.response.send_modal(_modal(self.bot, job, draft, say))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Take a form that was sent."""
        data: Mapping[str, Any] = interaction.data or {}
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        if interaction.type is not discord.InteractionType.modal_submit or match is None:
            return
        try:
            written = dict(modal.written(data["components"]))
            job_id = int(match[1])
            work = _request(interaction, job_id, written)
            await modal.take(interaction, self.drafts, _form_id(job_id), written, work)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def open_form(interaction: discord.Interaction[Foley], job_id: int) -> None:
    """Show the form for a job. Raises Refusal."""
    # discord.py loads a cog's file a second time, so its class is not the one of this module.
    cog = cast("Remix", interaction.client.get_cog(Remix.__name__))
    await cog.open(interaction, job_id)


def job_of(interaction: discord.Interaction[Foley], message: discord.Message) -> int:
    """Return the job that a message of ours is about. Raises Refusal."""
    if message.author == interaction.client.user:
        for row in message.components:
            for item in getattr(row, "children", []):
                match = re.fullmatch(TEMPLATE, getattr(item, "custom_id", None) or "")
                if match:
                    return int(match["job"])
    raise Refusal(_NOT_MINE)


async def _visible(interaction: discord.Interaction[Foley], job_id: int) -> Job:
    shelf = interaction.client.services.shelf
    return await shelf.visible(job_id, interaction.user.id, interaction.guild_id)


async def _request(
    interaction: discord.Interaction[Foley], job_id: int, written: Mapping[str, str]
) -> Any:
    job = await _visible(interaction, job_id)
    models = _models(interaction.client, job)
    asked = form.read(models, _model(interaction.client, job), written)
    return await request(
        interaction,
        job.kind,
        asked.model,
        asked.prompt,
        asked.options,
        private=was_private(job),
        usual=False,
        video=video_of(interaction, job),
    )


def _models(bot: Foley, job: Job) -> tuple[Model, ...]:
    """Return the models that can make the like of it."""
    models = bot.catalog.of_kind(job.kind)
    if job.video_message_id is None:
        return models
    return tuple(model for model in models if model.takes_video)


def _model(bot: Foley, job: Job) -> Model:
    models = _models(bot, job)
    model = next((model for model in models if model.key == job.model), None)
    model = model or next(iter(models), None)
    if model is None:
        raise Refusal(_NO_MODEL)
    return model


def _modal(bot: Foley, job: Job, draft: Mapping[str, str], say: Language) -> ui.Modal:
    fields = form.fields(_model(bot, job), _models(bot, job), job.prompt, job.options)
    return modal.build(say("Remix"), _form_id(job.id), fields, draft, say)


def _form_id(job_id: int) -> str:
    return custom_id(Action.REMIX, job_id)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Remix(bot))
