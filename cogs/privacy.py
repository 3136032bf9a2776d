"""/privacy: what is stored about a person, as a file to keep, and having it deleted.

It notes, too, which servers the bot was removed from: what is stored of those goes a week later.
"""

import gzip
import io
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import discord
import structlog
from discord import app_commands, ui
from discord.ext import commands

from bot import border, messages
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.privacy import Stored
from bot.jobs.shelf import Place
from bot.language import Language
from bot.speech import language_of
from cogs.answer import NO_ANSWER, answer, promptly
from cogs.removal import delete_messages
from storage.errors import StorageError
from storage.people import Preferences

log = structlog.get_logger(__name__)

_ID = re.compile(r"foley:privacy:(?P<name>show|export|ask|all|data)")


class PrivacyCog(commands.Cog, name="Privacy"):
    """Shows what is stored about a person, hands it out and deletes it."""

    def __init__(self, bot: Foley) -> None:
        self.bot = bot
        self.services = bot.services

    @app_commands.command(
        name="privacy", description="What I have stored about you: see it, get it, delete it"
    )
    async def show(self, interaction: discord.Interaction[Foley]) -> None:
        """Show how much is stored."""
        work = self.services.privacy.of_person(interaction.user.id)
        stored = await promptly(interaction, work, private=True)
        say = await language_of(interaction)
        await answer(interaction, _panel(stored, say), _buttons(say), private=True)

    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Foley]) -> None:
        """Take a click; the buttons are known by their ids."""
        data: Mapping[str, Any] = interaction.data or {}
        match = _ID.fullmatch(str(data.get("custom_id", "")))
        if match is None:
            return
        try:
            await self._take(interaction, match["name"])
        except Exception as error:  # noqa: BLE001 - the border tells and logs whatever it is
            await border.tell(interaction, error)

    async def _take(self, interaction: discord.Interaction[Foley], name: str) -> None:
        say = await language_of(interaction)
        match name:
            case "export":
                await self._export(interaction)
            case "ask":
                await _edit(interaction, _question(say), _choices(say))
            case "all" | "data":
                await self._erase(interaction, say, and_messages=name == "all")
            case _:
                work = self.services.privacy.of_person(interaction.user.id)
                stored = await promptly(interaction, work, thinking=False)
                await _edit(interaction, _panel(stored, say), _buttons(say))

    async def _export(self, interaction: discord.Interaction[Foley]) -> None:
        """Send the person alone everything as a file."""
        work = self.services.privacy.export(interaction.user.id)
        content, name = await promptly(interaction, work, private=True), "foley-data.json"
        if len(content) > interaction.filesize_limit:
            content, name = gzip.compress(content), f"{name}.gz"
        file = discord.File(io.BytesIO(content), name)
        if interaction.response.is_done():
            await interaction.edit_original_response(attachments=[file])
        else:
            await interaction.response.send_message(file=file, ephemeral=True)

    async def _erase(
        self, interaction: discord.Interaction[Foley], say: Language, *, and_messages: bool
    ) -> None:
        """Delete; the messages after the answer, for there may be many."""
        work = self.services.privacy.erase(interaction.user.id, messages=and_messages)
        try:
            places = await promptly(interaction, work, thinking=False)
        except Refusal as refusal:
            await _edit(interaction, _told("🔏", refusal.said(say), say), _buttons(say))
            return
        done = [say("What was stored about you is deleted.")]
        try:
            await _edit(interaction, _told("🗑️", "\n".join([*done, _going(places, say)]), say))
        finally:
            left = await self._delete(places)
        if places:
            ended = "\n".join([*done, _gone(len(places), left, say)])
            await interaction.edit_original_response(embed=_told("🗑️", ended, say), view=None)

    async def _delete(self, places: Iterable[Place]) -> int:
        """Delete messages, each whatever becomes of the others; return how many are left."""
        left = 0
        for place in places:
            try:
                left += not await delete_messages(self.bot, [place])
            except NO_ANSWER as error:
                log.warning("message_not_deleted", error=type(error).__name__)
                left += 1
        return left

    @commands.Cog.listener()
    async def on_shard_ready(self, shard_id: int) -> None:
        """Remember which servers removed the bot, or took it back, while it was not connected."""
        try:
            await self.services.privacy.call_roll(partial(self._is_in, shard_id))
        except StorageError as error:
            log.warning("roll_not_called", shard=shard_id, error=str(error))

    def _is_in(self, shard_id: int, guild_id: int) -> bool | None:
        """Tell whether the bot is in a server; None: another shard's. An outage changes nothing."""
        # https://discord.com/developers/docs/events/gateway#sharding
        if (guild_id >> 22) % (self.bot.shard_count or 1) != shard_id:
            return None
        return self.bot.get_guild(guild_id) is not None

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Remember that a server has removed the bot; the library tells of no outage here."""
        try:
            await self.services.privacy.note_left(guild.id)
        except StorageError as error:
            log.warning("leaving_not_noted", guild=guild.id, error=str(error))

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        """Remember that the bot is in a server again."""
        try:
            await self.services.privacy.note_joined(guild.id)
        except StorageError as error:
            log.warning("joining_not_noted", guild=guild.id, error=str(error))


def _panel(stored: Stored, say: Language) -> discord.Embed:
    counts = stored.counts
    chosen = stored.preferences != Preferences()
    lines = [
        say.count(
            "**{count}** job with its words, options and times",
            "**{count}** jobs with their words, options and times",
            counts.jobs,
        ),
        say.count("**{count}** star", "**{count}** stars", counts.stars),
        say.count(
            "**{count}** report that you wrote",
            "**{count}** reports that you wrote",
            counts.reports,
        ),
        say.count(
            "**{count}** message of mine about your jobs in Discord, of which I keep the number",
            "**{count}** messages of mine about your jobs in Discord, of which I keep the numbers",
            counts.messages,
        ),
        say("Preferences: yours, as /preferences shows them")
        if chosen
        else say("Preferences: none of your own"),
    ]
    if counts.since is not None:
        when = discord.utils.format_dt(counts.since, "D")
        lines.append(say("Since: {when}", when=when))
    if counts.bare:
        lines.append(
            say.count(
                "**{count}** emptied job that only counts in limits, until it is two days old",
                "**{count}** emptied jobs that only count in limits, until they are two days old",
                counts.bare,
            )
        )
    return _told("🔏", "\n".join(f"• {line}" for line in lines), say)


def _told(icon: str, text: str, say: Language) -> discord.Embed:
    return discord.Embed(
        title=f"{icon} {say('What I have stored about you')}",
        colour=int(messages.Colour.MAKING),
        description=text,
    )


def _question(say: Language) -> discord.Embed:
    lines = [
        say("**Delete everything?** It cannot be taken back."),
        say(
            "• What is under way is cancelled; your words, results, stars, preferences and reports "
            "are deleted, and so are reports about your jobs and NetMind's copies of your results."
        ),
        say("• Whether my messages about your jobs stay in Discord is yours to choose."),
        say(
            "• Jobs of the last two days are emptied, and go when they are two days old: until "
            "then they count in limits."
        ),
        say(
            "• What moderators have decided stays: blocks of you, their record of what they did, "
            "and what they were told in their own channel."
        ),
    ]
    return _told("🗑️", "\n".join(lines), say)


def _going(places: Iterable[Place], say: Language) -> str:
    count = len(list(places))
    if not count:
        return ""
    return say.count(
        "{count} message is being deleted…", "{count} messages are being deleted…", count
    )


def _gone(count: int, left: int, say: Language) -> str:
    deleted = count - left
    lines = [say.count("{count} message is deleted.", "{count} messages are deleted.", deleted)]
    if left:
        lines.append(
            say.count(
                "{count} message could not be deleted: Discord does not let me.",
                "{count} messages could not be deleted: Discord does not let me.",
                left,
            )
        )
    return "\n".join(lines)


def _buttons(say: Language) -> ui.View:
    return deaf(
        [
            _button(say("Export"), "export", emoji="📦"),
            _button(say("Delete everything"), "ask", discord.ButtonStyle.danger, "🗑️"),
        ]
    )


def _choices(say: Language) -> ui.View:
    danger = discord.ButtonStyle.danger
    return deaf(
        [
            _button(say("Delete, and my messages too"), "all", danger),
            _button(say("Delete, but leave the messages"), "data", danger),
            _button(say("Back"), "show"),
        ]
    )


def _button(
    label: str,
    name: str,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    emoji: str | None = None,
) -> ui.Button[ui.View]:
    custom_id = f"foley:privacy:{name}"
    return ui.Button(label=label[:80], style=style, emoji=emoji, custom_id=custom_id)


async def _edit(
    interaction: discord.Interaction[Foley], embed: discord.Embed, view: ui.View | None = None
) -> None:
    """Show this on the message with the button."""
    if interaction.response.is_done():
        await interaction.edit_original_response(embed=embed, view=view)
    else:
        await interaction.response.edit_message(embed=embed, view=view)


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(PrivacyCog(bot))
