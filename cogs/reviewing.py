"""/studio review and look: what moderators see before it is made, or before it is posted."""

from typing import Any

import discord
from discord import app_commands

from bot import messages
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.language import Language, Sentence
from bot.speech import language_of
from cogs.answer import answer, promptly, say_privately
from cogs.studio import below_studio
from storage.guilds import GuildSettings
from storage.looks import Look

_SHOWN = 20
_NO_CHANNEL = Sentence("First choose the channel in which I ask you, with /studio reports.")
LOOKS = {
    Look.HIDE: Sentence("hidden until somebody looks"),
    Look.HOLD: Sentence("held until you decide"),
    Look.OFF: Sentence("posted like all others; I do not look"),
}
ENDS = {False: Sentence("rejected"), True: Sentence("approved")}


class Reviewing:
    """The commands; they share how they answer."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services

    @app_commands.describe(
        requests="Ask you before anything is made",
        results="Ask you before a result is posted",
        hours="How long you have; 24 unless you say otherwise",
        unanswered="What happens when nobody has decided in time",
    )
    @app_commands.choices(
        unanswered=[
            app_commands.Choice(name=str(words), value=str(words)) for words in ENDS.values()
        ]
    )
    async def review(
        self,
        interaction: discord.Interaction[Foley],
        requests: bool | None = None,  # noqa: FBT001 - Discord's parameter
        results: bool | None = None,  # noqa: FBT001 - Discord's parameter
        hours: app_commands.Range[int, 1, 168] | None = None,
        unanswered: str | None = None,
    ) -> None:
        """Choose what is decided by moderators. Raises Refusal."""
        wanted = {
            "review_prompts": requests,
            "review_results": results,
            "review_hours": hours,
            "review_approves": None if unanswered is None else unanswered == "approved",
        }
        await self._choose(interaction, wanted, asks=bool(requests or results))

    @app_commands.describe(
        doubtful="What happens with them", unseen="The same with what I could not look at"
    )
    @app_commands.choices(
        doubtful=[
            app_commands.Choice(name=str(words), value=str(key)) for key, words in LOOKS.items()
        ]
    )
    async def look(
        self,
        interaction: discord.Interaction[Foley],
        doubtful: str | None = None,
        unseen: bool | None = None,  # noqa: FBT001 - Discord's parameter
    ) -> None:
        """Choose what becomes of results that do not look right. Raises Refusal."""
        look = next((each for each in Look if each == doubtful), None)
        await self._choose(
            interaction, {"look": look, "look_closed": unseen}, asks=look is Look.HOLD
        )

    @app_commands.describe(person="Whom you had trusted")
    async def distrust(self, interaction: discord.Interaction[Foley], person: discord.User) -> None:
        """Have a person's jobs be looked at again. Raises Refusal."""
        work = self.services.reviews.distrust(
            interaction.guild_id or 0, interaction.user.id, person.id
        )
        await promptly(interaction, work, private=True)
        await say_privately(
            interaction,
            Sentence.of("What {person} asks for is looked at again.", person=person.mention),
        )

    async def _choose(
        self, interaction: discord.Interaction[Foley], wanted: dict[str, Any], *, asks: bool
    ) -> None:
        chosen = {name: value for name, value in wanted.items() if value is not None}
        guild_id = interaction.guild_id or 0
        told = await self.services.rules.of_guild(guild_id)
        if asks and told.settings.log_channel_id is None:
            raise Refusal(_NO_CHANNEL)
        if chosen:
            work = self.services.rules.choose(guild_id, interaction.user.id, **chosen)
            told = await promptly(interaction, work, private=True)
        trusted = await self.services.reviews.trusted(guild_id)
        say = await language_of(interaction)
        embed = shown(told.settings, trusted, say)
        await answer(interaction, embed, deaf([]), private=True)


def shown(settings: GuildSettings, trusted: list[int], say: Language) -> discord.Embed:
    """Show what moderators decide themselves."""
    asked = [
        *([say("requests, before anything is made")] if settings.review_prompts else []),
        *([say("results, before they are posted")] if settings.review_results else []),
    ]
    lines = [
        say("You decide: **{what}**", what=", ".join(asked) or say("nothing")),
        say(
            "What you have not decided after {count} hours is **{end}**",
            count=settings.review_hours,
            end=say.say(ENDS[settings.review_approves]),
        ),
        say("What does not look right is **{how}**", how=say.say(LOOKS[settings.look])),
    ]
    if settings.look_closed and settings.look is not Look.OFF:
        lines.append(say("So is what I could not look at."))
    if trusted:
        people = ", ".join(f"<@{person}>" for person in trusted[:_SHOWN])
        lines.append(say("Trusted, never asked about: {people}", people=people))
    return discord.Embed(
        title=f"🔎 {say('What you look at')}",
        colour=int(messages.Colour.MAKING),
        description="\n".join(lines),
    )


async def setup(bot: Foley) -> None:
    """Load what is below /studio; discord.py calls this."""
    reviewing = Reviewing(bot)
    review: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="review", description="What you decide yourselves", callback=reviewing.review
    )
    look: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="look",
        description="What happens with results that do not look right",
        callback=reviewing.look,
    )
    distrust: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="distrust",
        description="Look at somebody's requests again",
        callback=reviewing.distrust,
    )
    for command in (review, look, distrust):
        below_studio(bot, command)
