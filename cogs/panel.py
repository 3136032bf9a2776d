"""/studio settings: everything that a guild's moderators choose, in one place.

What a button or select does stands in its id, so a panel of any age works.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot import border
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.form import Field
from bot.jobs.rules import Told
from bot.language import Sentence, spoken
from bot.speech import language_of
from cogs import modal
from cogs.answer import promptly
from cogs.authority import check_manager
from cogs.layouts import change, show
from cogs.limits import check_zone
from cogs.panel_page import MOST, Panel, Part, layout
from cogs.studio import NOT_SEEN, Gallery, below_studio, check_channel
from storage.guilds import GuildSettings
from storage.looks import Look
from storage.routes import Route

_ID = re.compile(r"foley:panel:(use|results|moderators)(?::([a-z_]+)(?::([01]))?)?")
_FORM = "foley:numbers"
_NO_GALLERY = Sentence("Choose the gallery itself, in the list below.")
_NO_CHANNEL = Sentence("Choose your channel first: that is where I ask you.")
_TOO_MANY = Sentence(
    "There are more than {count} of them; /studio channels and /studio spoilers change so many."
)
_NO_NUMBER = Sentence("{name}: write a whole number, or nothing.")
_SWITCHES = frozenset({"paused", "voice", "review_prompts", "review_results", "review_approves"})
_ASKING = frozenset({"review_prompts", "review_results"})
_LONGEST_REVIEW = 168
_MOST_JOBS = 100_000

_FIELDS = {
    "cap_at_once": Sentence("all together, at once"),
    "cap_per_day": Sentence("all together, a day"),
    "review_hours": Sentence("hours to decide"),
    "time_zone": Sentence("time zone"),
    "appeal": Sentence("words to who is blocked"),
}


class Settings(commands.Cog):
    """The panel."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot

    async def open(self, interaction: discord.Interaction[Foley]) -> None:
        """Show the panel's first page."""
        panel = await promptly(interaction, self._panel(interaction, Part.USE), private=True)
        await show(interaction, layout(panel, await language_of(interaction)))

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Do what a button, a select or the form of the panel says."""
        data: Mapping[str, Any] = interaction.data or {}
        custom_id = str(data.get("custom_id", ""))
        match = _ID.fullmatch(custom_id)
        if match is None and custom_id != _FORM:
            return
        try:
            check_manager(interaction)
            if match is not None:
                await self._clicked(interaction, match, data.get("values", ()))
            elif interaction.type is discord.InteractionType.modal_submit:
                await self._take_form(interaction, dict(modal.written(data["components"])))
            else:
                await self._open_form(interaction)
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _clicked(
        self, interaction: discord.Interaction[Foley], match: re.Match[str], values: Sequence[str]
    ) -> None:
        part, name, on = Part(match[1]), match[2], match[3]
        if interaction.type is not discord.InteractionType.component:
            return
        work = self._changed(interaction, part, name, values if on is None else [on])
        panel = await promptly(interaction, work, thinking=False)
        await change(interaction, layout(panel, await language_of(interaction)))

    async def _changed(
        self,
        interaction: discord.Interaction[Foley],
        part: Part,
        name: str | None,
        values: Sequence[str],
    ) -> Panel:
        """Change what the name says, and return the page; a refusal stands on it."""
        note = None
        if name is not None:
            try:
                await self._set(interaction, name, values)
            except Refusal as refusal:
                (note, *_) = refusal.sentences
        return await self._panel(interaction, part, note)

    async def _set(
        self, interaction: discord.Interaction[Foley], name: str, values: Sequence[str]
    ) -> None:
        rules, guild_id, by = (
            self.bot.services.rules,
            interaction.guild_id or 0,
            interaction.user.id,
        )
        if name == "models":
            await rules.limit(guild_id, by, guild_id, models=list(values) or None)
            return
        told = await rules.of_guild(guild_id)
        if name in _SWITCHES:
            on = values[:1] == ["1"]
            if on and name in _ASKING and told.settings.log_channel_id is None:
                raise Refusal(_NO_CHANNEL)
            await rules.choose(guild_id, by, **{name: on})
        elif name == "log_lines":
            await rules.write_lines(guild_id, by, on=values[:1] == ["1"])
        elif name in _CHOICES:
            await rules.choose(guild_id, by, **_CHOICES[name](interaction, values, told.settings))

    async def _panel(
        self, interaction: discord.Interaction[Foley], part: Part, note: Sentence | None = None
    ) -> Panel:
        guild_id = interaction.guild_id or 0
        told = await self.bot.services.rules.of_guild(guild_id)
        return Panel(
            part,
            told.settings,
            self.bot.catalog.models,
            _models(told, guild_id),
            _roles(interaction),
            note,
        )

    async def _open_form(self, interaction: discord.Interaction[Foley]) -> None:
        told = await modal.in_time(self.bot.services.rules.of_guild(interaction.guild_id or 0))
        say = await language_of(interaction)
        fields = [
            Field(name, label, str(getattr(told.settings, name) or ""), 500, long=name == "appeal")
            for name, label in _FIELDS.items()
        ]
        form = modal.build(say("Numbers and words"), _FORM, fields, {}, say)
        await interaction.response.send_modal(form)

    async def _take_form(
        self, interaction: discord.Interaction[Foley], written: Mapping[str, str]
    ) -> None:
        chosen = _chosen(written)
        guild_id = interaction.guild_id or 0

        async def work() -> Panel:
            await self.bot.services.rules.choose(guild_id, interaction.user.id, **chosen)
            return await self._panel(interaction, Part.MODERATORS)

        panel = await promptly(interaction, work(), thinking=False)
        await change(interaction, layout(panel, await language_of(interaction)))


def _chosen(written: Mapping[str, str]) -> dict[str, Any]:
    """Return what the form sets. Raises Refusal."""
    chosen: dict[str, Any] = {
        name: _number(written, name, _MOST_JOBS) for name in ("cap_at_once", "cap_per_day")
    }
    chosen["review_hours"] = _number(written, "review_hours", _LONGEST_REVIEW) or 24
    chosen["time_zone"] = check_zone(written.get("time_zone", "").strip() or "UTC")
    chosen["appeal"] = written.get("appeal", "").strip() or None
    return chosen


def _number(written: Mapping[str, str], name: str, most: int) -> int | None:
    value = written.get(name, "").strip()
    if not value:
        return None
    if not value.isascii() or not value.isdigit() or int(value) > most:
        raise Refusal(Sentence.of(_NO_NUMBER.template, name=_FIELDS[name]))
    return int(value) or None


def _models(told: Told, guild_id: int) -> Collection[str] | None:
    said = next((limit for limit in told.roles if limit.role_id == guild_id), None)
    return None if said is None else said.models


def _roles(interaction: discord.Interaction[Foley]) -> frozenset[int]:
    guild = interaction.guild
    return frozenset() if guild is None else frozenset(role.id for role in guild.roles)


Choice = Callable[[discord.Interaction[Foley], Sequence[str], GuildSettings], dict[str, Any]]


def _route(_: object, values: Sequence[str], settings: GuildSettings) -> dict[str, Any]:
    route = Route(values[0])
    if route is Route.GALLERY and settings.gallery_id is None:
        raise Refusal(_NO_GALLERY)
    return {"route": route}


def _gallery(
    interaction: discord.Interaction[Foley], values: Sequence[str], settings: GuildSettings
) -> dict[str, Any]:
    if not values:
        back = Route.CHANNEL if settings.route is Route.GALLERY else settings.route
        return {"gallery_id": None, "route": back}
    return {"gallery_id": _channel(interaction, values[0]), "route": Route.GALLERY}


def _log_channel(
    interaction: discord.Interaction[Foley], values: Sequence[str], settings: GuildSettings
) -> dict[str, Any]:
    if not values and (settings.review_prompts or settings.review_results):
        raise Refusal(_NO_CHANNEL)
    return {"log_channel_id": _channel(interaction, values[0]) if values else None}


def _channel(interaction: discord.Interaction[Foley], value: str) -> int:
    """Return a channel in which the bot can post. Raises Refusal."""
    channel = interaction.guild and interaction.guild.get_channel(int(value))
    if not isinstance(channel, Gallery):
        raise Refusal(NOT_SEEN)
    check_channel(channel)
    return channel.id


def _language(_: object, values: Sequence[str], __: object) -> dict[str, Any]:
    return {"language": values[0] if values[0] in spoken() else None}


def _look(_: object, values: Sequence[str], settings: GuildSettings) -> dict[str, Any]:
    look = Look(values[0])
    if look is Look.HOLD and settings.log_channel_id is None:
        raise Refusal(_NO_CHANNEL)
    return {"look": look}


def _channels(_: object, values: Sequence[str], settings: GuildSettings) -> dict[str, Any]:
    _check_count(settings.channels)
    return {"channels": sorted(map(int, values)) or None}


def _spoilers(*, of_roles: bool) -> Choice:
    def chosen(
        interaction: discord.Interaction[Foley], values: Sequence[str], settings: GuildSettings
    ) -> dict[str, Any]:
        roles = _roles(interaction)
        kept = [each for each in settings.spoilers or () if (each in roles) is not of_roles]
        _check_count(settings.spoilers)
        return {"spoilers": sorted({*kept, *map(int, values)}) or None}

    return chosen


def _check_count(before: Collection[int] | None) -> None:
    """Raise Refusal if a select cannot show what is chosen already: it would be lost."""
    if len(before or ()) > MOST:
        raise Refusal(Sentence.of(_TOO_MANY.template, count=MOST))


_CHOICES: dict[str, Choice] = {
    "route": _route,
    "gallery_id": _gallery,
    "language": _language,
    "log_channel_id": _log_channel,
    "look": _look,
    "channels": _channels,
    "spoiler_channels": _spoilers(of_roles=False),
    "spoiler_roles": _spoilers(of_roles=True),
}


async def setup(bot: Foley) -> None:
    """Load the cog and its command; discord.py calls this."""
    settings = Settings(bot)
    await bot.add_cog(settings)
    below_studio(
        bot,
        app_commands.Command(
            name="settings",
            description="Everything you choose, in one place",
            callback=settings.open,
        ),
    )
