"""Add sound: a form for the sound of a video that stands in a message.

The form's id names the message, so one that was opened before a restart can be sent after it.
"""

import re
from collections.abc import Mapping
from typing import Any, cast

import discord
from discord import app_commands
from discord.ext import commands

from bot import border, text
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs import form
from bot.jobs.desk import JobView
from bot.jobs.footage import LARGEST, video_among
from bot.language import Sentence
from bot.netmind.model import Model
from bot.speech import language_of
from cogs import modal
from cogs.modal import Drafts
from cogs.requests import Video, request

_NO_MODEL = Sentence("Adding a sound to a video is not on offer here any more.")
_NO_VIDEO = Sentence("There is no video in this message.")
_TOO_LARGE = Sentence("This video has {size}; I can take {limit} at most.")
_ELSEWHERE = Sentence("I can add a sound only where the video is.")
_WHISPERED = Sentence("Only you see this message; I cannot fetch the video from it.")
_NOT_SHOWN = Sentence(
    "Discord does not let me fetch a video from this message. It does from one that mentions me, "
    "or from a direct message to me."
)

_ID = re.compile(r"foley:film:([0-9]{1,19}):([0-9]{1,19})")


class Sound(commands.Cog):
    """Forms that make a job of somebody's video."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.drafts = Drafts()
        self._menu = app_commands.ContextMenu(name="Add sound", callback=self._on_message)

    async def cog_load(self) -> None:
        """Offer it in the menu of every message, if there is a model for it."""
        if self.bot.catalog.taking_video():
            self.bot.tree.add_command(self._menu)

    async def cog_unload(self) -> None:
        """Take it away again."""
        self.bot.tree.remove_command(self._menu.name, type=self._menu.type)

    async def _on_message(
        self, interaction: discord.Interaction[Foley], message: discord.Message
    ) -> None:
        await self.begin(interaction, message)

    async def begin(
        self, interaction: discord.Interaction[Foley], message: discord.Message
    ) -> None:
        """Show the form for the video in a message. Raises Refusal."""
        _check(interaction, message)
        await self._open(interaction, Video(message.channel.id, message.id))

    async def _open(self, interaction: discord.Interaction[Foley], video: Video) -> None:
        models = _models(interaction, video)
        say = await language_of(interaction)
        draft = self.drafts.get(interaction.user.id, _form_id(video))
        fields = form.fields(models[0], models, "", {})
        await interaction.response.send_modal(
            modal.build(say("Add sound"), _form_id(video), fields, draft, say)
        )

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Take a form that was sent, or open one again."""
        data: Mapping[str, Any] = interaction.data or {}
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        if match is None:
            return
        video = Video(int(match[1]), int(match[2]))
        try:
            if interaction.type is discord.InteractionType.modal_submit:
                written = dict(modal.written(data["components"]))
                work = _request(interaction, video, written)
                await modal.take(interaction, self.drafts, _form_id(video), written, work)
            else:
                await self._open(interaction, video)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)


async def add_sound(interaction: discord.Interaction[Foley], job_id: int) -> None:  # noqa: ARG001 - the message says all
    """Show the form for the video in the message with the button. Raises Refusal."""
    if interaction.message is None:
        raise Refusal(_NO_VIDEO)
    # discord.py loads a cog's file a second time, so its class is not the one of this module.
    cog = cast("Sound", interaction.client.get_cog(Sound.__name__))
    await cog.begin(interaction, interaction.message)


def _form_id(video: Video) -> str:
    return f"foley:film:{video.channel_id}:{video.message_id}"


def _models(interaction: discord.Interaction[Foley], video: Video) -> tuple[Model, ...]:
    """Return the models on offer for a video that the person can see. Raises Refusal."""
    if video.channel_id != interaction.channel_id:
        raise Refusal(_ELSEWHERE)  # an id can be made up
    models = interaction.client.catalog.taking_video()
    if not models:
        raise Refusal(_NO_MODEL)
    return models


def _check(interaction: discord.Interaction[Foley], message: discord.Message) -> None:
    """Raise Refusal unless there is a video that can be fetched when its turn has come."""
    video = video_among(message.attachments)
    if video is None:
        raise Refusal(_NO_VIDEO)
    if video.size > LARGEST:
        size, limit = text.size(video.size), text.size(LARGEST)
        raise Refusal(Sentence.of(_TOO_LARGE.template, size=size, limit=limit))
    if message.flags.ephemeral:
        raise Refusal(_WHISPERED)
    if not _shown_later(interaction, message):
        raise Refusal(_NOT_SHOWN)


def _shown_later(interaction: discord.Interaction[Foley], message: discord.Message) -> bool:
    """Tell whether Discord will show us the message's files without this interaction.

    It hides the files of other people's messages from a bot that is not to read them.
    """
    flags, own = interaction.client.application_flags, interaction.client.user
    if flags.gateway_message_content or flags.gateway_message_content_limited:
        return True
    if own is None or interaction.guild_id is None or message.author.id == own.id:
        return True
    return own.id in {person.id for person in message.mentions}


async def _request(
    interaction: discord.Interaction[Foley], video: Video, written: Mapping[str, str]
) -> JobView:
    models = _models(interaction, video)
    asked = form.read(models, models[0], written)
    kind = next(model.kind for model in models if model.key == asked.model)
    return await request(interaction, kind, asked.model, asked.prompt, asked.options, video=video)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Sound(bot))
