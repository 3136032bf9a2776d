"""/studio block: people who may ask for nothing in this server."""

from collections.abc import Sequence
from datetime import timedelta

import discord
from discord import app_commands

from bot import messages, text
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.language import Language, Sentence
from bot.speech import language_of
from cogs.answer import answer, promptly
from cogs.studio import below_studio
from storage.blocks import Block

_NOT_YOURSELF = Sentence("You cannot block yourself.")
_SHOWN = 25
_LENGTHS = {
    "hour": (timedelta(hours=1), Sentence("an hour")),
    "day": (timedelta(days=1), Sentence("a day")),
    "week": (timedelta(weeks=1), Sentence("a week")),
    "month": (timedelta(days=30), Sentence("30 days")),
    "ever": (None, Sentence("until it is lifted")),
}


class Blocks(app_commands.Group):
    """A guild's blocks."""

    def __init__(self, bot: Foley) -> None:
        super().__init__(name="block", description="People who may ask for nothing here")
        self.services = bot.services

    @app_commands.command(name="add", description="Let a person ask for nothing here")
    @app_commands.describe(
        person="Who", reason="They read this when they ask", how_long="When it ends by itself"
    )
    @app_commands.choices(
        how_long=[
            app_commands.Choice(name=str(words), value=key) for key, (_, words) in _LENGTHS.items()
        ]
    )
    async def add(
        self,
        interaction: discord.Interaction[Foley],
        person: discord.User,
        reason: app_commands.Range[str, 1, 300],
        how_long: str = "ever",
    ) -> None:
        """Block a person. Raises Refusal."""
        if person.id == interaction.user.id:
            raise Refusal(_NOT_YOURSELF)
        length = _LENGTHS.get(how_long, _LENGTHS["ever"])[0]
        guild = interaction.guild_id or 0
        work = self.services.rules.block(guild, interaction.user.id, person.id, reason, length)
        block = await promptly(interaction, work, private=True)
        await self._show(interaction, "⛔", [block])

    @app_commands.command(name="lift", description="Let a blocked person ask again")
    @app_commands.describe(person="Who")
    async def lift(self, interaction: discord.Interaction[Foley], person: discord.User) -> None:
        """End a block. Raises Refusal."""
        work = self.services.rules.lift(interaction.guild_id or 0, interaction.user.id, person.id)
        await promptly(interaction, work, private=True)
        await self._list(interaction)

    @app_commands.command(name="list", description="Who is blocked here")
    async def show(self, interaction: discord.Interaction[Foley]) -> None:
        """List who is blocked."""
        await self._list(interaction)

    @app_commands.command(name="appeal", description="What blocked people read that they can do")
    @app_commands.describe(words="Such as whom to write to; empty: nothing")
    async def appeal(
        self,
        interaction: discord.Interaction[Foley],
        words: app_commands.Range[str, 0, 500] | None = None,
    ) -> None:
        """Choose what who is blocked reads."""
        work = self.services.rules.choose(
            interaction.guild_id or 0, interaction.user.id, appeal=(words or "").strip() or None
        )
        await promptly(interaction, work, private=True)
        await self._list(interaction)

    async def _list(self, interaction: discord.Interaction[Foley]) -> None:
        work = self.services.rules.blocked(interaction.guild_id or 0)
        await self._show(interaction, "📋", await promptly(interaction, work, private=True))

    async def _show(
        self, interaction: discord.Interaction[Foley], icon: str, held: Sequence[Block]
    ) -> None:
        say = await language_of(interaction)
        told = await self.services.rules.of_guild(interaction.guild_id or 0)
        lines = [_line(block, say) for block in held[:_SHOWN]]
        if more := max(0, len(held) - _SHOWN):
            lines.append(say.count("and {count} more", "and {count} more", more))
        lines = lines or [say("Nobody is blocked here.")]
        if told.settings.appeal:
            appeal = text.plain(told.settings.appeal, 500)
            lines.append("-# " + say("They also read: {text}", text=appeal))
        embed = discord.Embed(
            title=f"{icon} {say('Blocked')}",
            colour=int(messages.Colour.MAKING),
            description="\n".join(lines),
        )
        await answer(interaction, embed, deaf([]), private=True)


def _line(block: Block, say: Language) -> str:
    until = say("until it is lifted")
    if block.until is not None:
        until = say("until {when}", when=discord.utils.format_dt(block.until, "f"))
    by = say(
        "by {person} {when}", person=f"<@{block.by}>", when=discord.utils.format_dt(block.at, "R")
    )
    reason = text.plain(block.reason, 100)
    return f"<@{block.person_id}> {until}, {by}\n> {reason}"


async def setup(bot: Foley) -> None:
    """Load what is below /studio; discord.py calls this."""
    below_studio(bot, Blocks(bot))
