"""/studio limits: how much people may ask for, by their roles. The best of a person's counts."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo, available_timezones

import discord
from discord import app_commands

from bot import messages, text
from bot.buttons import deaf
from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.limits import NO_LIMIT
from bot.jobs.rules import Told
from bot.language import Language, Sentence
from bot.netmind.catalog import Catalog
from bot.speech import language_of
from cogs.answer import answer, promptly
from cogs.studio import below_studio
from storage.limits import Limit

_NOTHING = Sentence("Say at least one thing that is to change.")
_NO_ZONE = Sentence("I do not know that time zone. Choose one from the list.")
_NO_MODEL = Sentence("There is no model {model}. There are: {models}.")
# What stands for "every model" in the command.
_EVERY = "*"
_SHOWN = 25
_MOST = app_commands.Range[int, 0, 100_000]
# Discord takes 4096 characters; every role is a line of 200 at most.
_ROLES_SHOWN = 20


class Limits(app_commands.Group):
    """A guild's limits."""

    def __init__(self, bot: Foley) -> None:
        super().__init__(name="limits", description="How much people may ask for, by their roles")
        self.services = bot.services
        self.catalog = bot.catalog

    @app_commands.command(name="show", description="All limits of this server")
    async def show(self, interaction: discord.Interaction[Foley]) -> None:
        """Show all limits."""
        work = self.services.rules.of_guild(interaction.guild_id or 0)
        await self._tell(interaction, await promptly(interaction, work, private=True))

    @app_commands.command(name="role", description="What people with a role may ask for")
    @app_commands.describe(
        role="The role; @everyone for all",
        at_once="How many may be under way at once; 0: any number",
        per_day="How many a day; 0: any number",
        longest="How many seconds a result may last; 0: any length",
        models="Which models, with commas between; * for all",
    )
    async def role(  # noqa: PLR0917 - the options of a command
        self,
        interaction: discord.Interaction[Foley],
        role: discord.Role,
        at_once: _MOST | None = None,
        per_day: _MOST | None = None,
        longest: _MOST | None = None,
        models: str | None = None,
    ) -> None:
        """Change what a role says. Raises Refusal."""
        numbers = {"at_once": at_once, "per_day": per_day, "longest": longest}
        changed: dict[str, object] = {
            name: value for name, value in numbers.items() if value is not None
        }
        if models is not None:
            changed["models"] = _models(models, self.catalog)
        if not changed:
            raise Refusal(_NOTHING)
        work = self.services.rules.limit(
            interaction.guild_id or 0, interaction.user.id, role.id, **changed
        )
        await self._tell(interaction, await promptly(interaction, work, private=True))

    @role.autocomplete("models")
    async def suggest_models(
        self,
        interaction: discord.Interaction[Foley],  # noqa: ARG002 - discord.py's signature
        current: str,
    ) -> list[app_commands.Choice[str]]:
        """Suggest one model more than is written already."""
        before, _, last = current.rpartition(",")
        named = f"{before}, " if before.strip() else ""
        found = [
            app_commands.Choice(name=f"{named}{model.title}"[:100], value=f"{named}{model.key}")
            for model in self.catalog.models
            if last.strip().casefold() in f"{model.title} {model.key}".casefold()
            and model.key not in before
        ]
        return [choice for choice in found if len(str(choice.value)) <= 100][:_SHOWN]  # noqa: PLR2004 - Discord's length

    @app_commands.command(name="forget", description="Let a role say nothing any more")
    @app_commands.describe(role="The role")
    async def forget(self, interaction: discord.Interaction[Foley], role: discord.Role) -> None:
        """Forget what a role says."""
        nothing = dict.fromkeys(("at_once", "per_day", "longest", "models"))
        work = self.services.rules.limit(
            interaction.guild_id or 0, interaction.user.id, role.id, **nothing
        )
        await self._tell(interaction, await promptly(interaction, work, private=True))

    @app_commands.command(name="server", description="What all people here may ask for together")
    @app_commands.describe(
        at_once="How many may be under way at once; 0: any number",
        per_day="How many a day; 0: any number",
        time_zone="Where the day begins at midnight",
    )
    async def server(
        self,
        interaction: discord.Interaction[Foley],
        at_once: _MOST | None = None,
        per_day: _MOST | None = None,
        time_zone: str | None = None,
    ) -> None:
        """Change what holds for the server as a whole. Raises Refusal."""
        changed: dict[str, object] = {}
        for name, number in (("cap_at_once", at_once), ("cap_per_day", per_day)):
            if number is not None:
                changed[name] = number or None
        if time_zone is not None:
            changed["time_zone"] = check_zone(time_zone)
        if not changed:
            raise Refusal(_NOTHING)
        work = self.services.rules.choose(interaction.guild_id or 0, interaction.user.id, **changed)
        await self._tell(interaction, await promptly(interaction, work, private=True))

    @server.autocomplete("time_zone")
    async def suggest_zone(
        self,
        interaction: discord.Interaction[Foley],  # noqa: ARG002 - discord.py's signature
        current: str,
    ) -> list[app_commands.Choice[str]]:
        """Suggest time zones."""
        wanted = current.casefold().replace(" ", "_")
        found = sorted(zone for zone in available_timezones() if wanted in zone.casefold())
        return [app_commands.Choice(name=zone, value=zone) for zone in found[:_SHOWN]]

    async def _tell(self, interaction: discord.Interaction[Foley], told: Told) -> None:
        say = await language_of(interaction)
        embed = _shown(told, interaction.guild, self.catalog, say)
        await answer(interaction, embed, deaf([]), private=True)


def check_zone(name: str) -> str:
    """Return the name of a time zone that there is. Raises Refusal."""
    if name not in available_timezones():
        raise Refusal(_NO_ZONE)
    return name


def _models(written: str, catalog: Catalog) -> list[str] | None:
    """Return the keys of the models that are named; None: all of them. Raises Refusal."""
    names = [name.strip().casefold() for name in written.split(",") if name.strip()]
    if _EVERY in names:
        return None
    known = {
        name.casefold(): model.key for model in catalog.models for name in (model.key, model.title)
    }
    for name in names:
        if name not in known:
            titles = Sentence.row(Sentence(model.title) for model in catalog.models)
            wrong = text.plain(name, 60)
            raise Refusal(Sentence.of(_NO_MODEL.template, model=wrong, models=titles))
    return sorted({known[name] for name in names}) or None


def _shown(
    told: Told, guild: discord.Guild | None, catalog: Catalog, say: Language
) -> discord.Embed:
    settings = told.settings
    lines = [
        text.shorten(
            f"**{_role(limit.role_id, guild)}**: {' · '.join(_parts(limit, catalog, say))}", 180
        )
        for limit in told.roles[:_ROLES_SHOWN]
    ]
    if more := len(told.roles) - _ROLES_SHOWN:
        lines += [say.count("and {count} role more", "and {count} roles more", more)] * (more > 0)
    caps = _parts(Limit(0, settings.cap_at_once, settings.cap_per_day), catalog, say)
    lines.append(f"**{say('All together')}**: {' · '.join(caps) or say('no limit')}")
    lines.append("-# " + say("Of several roles the best counts, each thing by itself."))
    lines.append("-# " + _day(settings.time_zone, say))
    if not told.roles:
        lines.insert(0, say("No role says anything, so people may ask for as much as they like."))
    return discord.Embed(
        title=f"🎚️ {say('Limits')}",
        colour=int(messages.Colour.MAKING),
        description="\n".join(lines),
    )


def _day(time_zone: str, say: Language) -> str:
    now = discord.utils.utcnow().astimezone(ZoneInfo(time_zone))
    zone = text.plain(time_zone, 60)
    return say(
        "The day begins at midnight in {zone}; there it is {time}.", zone=zone, time=f"{now:%H:%M}"
    )


def _role(role_id: int, guild: discord.Guild | None) -> str:
    role = None if guild is None else guild.get_role(role_id)
    # A role that is gone is shown as Discord shows one.
    return f"<@&{role_id}>" if role is None else text.plain(role.name, 60)


def _parts(limit: Limit, catalog: Catalog, say: Language) -> Iterator[str]:
    if limit.at_once is not None:
        yield say("{count} at once", count=_number(limit.at_once, say))
    if limit.per_day is not None:
        yield say("{count} a day", count=_number(limit.per_day, say))
    if limit.longest is not None:
        longest = text.seconds(limit.longest) if limit.longest else Sentence("any length")
        yield say("at most {time} long", time=longest) if limit.longest else say.say(longest)
    if limit.models is not None:
        titles = (catalog.get(key) for key in limit.models)
        named = [say.word(model.title) for model in titles if model is not None]
        yield say("only {models}", models=", ".join(named))


def _number(number: int, say: Language) -> str:
    return say("any number") if number == NO_LIMIT else str(number)


async def setup(bot: Foley) -> None:
    """Load what is below /studio; discord.py calls this."""
    below_studio(bot, Limits(bot))
