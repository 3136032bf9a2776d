"""/queue: how busy it is, and when one's own jobs are ready. Others are counted, never named."""

from collections.abc import Iterator
from datetime import timedelta

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot import messages, text
from bot.client import Foley
from bot.jobs import reasons
from bot.jobs.desk import Busy
from bot.jobs.rules import Share
from bot.kinds import words_for, words_of
from bot.language import Language
from bot.messages import Standing
from bot.speech import language_of
from cogs.answer import promptly
from cogs.layouts import deaf_layout, show
from cogs.requests import roles_of
from storage.jobs import Job
from storage.states import JobState

_SHOWN = 8
_PROMPT_SHOWN = 80
_MODELS_SHOWN = 10


class Queue(commands.Cog):
    """What there is to do."""

    def __init__(self, bot: Foley) -> None:
        self.services = bot.services

    @app_commands.command(name="queue", description="How busy it is, and when yours are ready")
    async def show_queue(self, interaction: discord.Interaction[Foley]) -> None:
        """Show how the queue stands."""
        busy, share, say = await promptly(interaction, self._look(interaction), private=True)
        await show(interaction, layout(busy, share, say))

    async def _look(
        self, interaction: discord.Interaction[Foley]
    ) -> tuple[Busy, Share | None, Language]:
        busy = await self.services.desk.busy(interaction.user.id, _SHOWN)
        share = None
        if interaction.guild_id is not None:
            roles = roles_of(interaction)
            share = await self.services.rules.share(
                interaction.guild_id, interaction.user.id, roles
            )
        return busy, share, await language_of(interaction)


def layout(busy: Busy, share: Share | None, say: Language) -> ui.LayoutView:
    """Draw the queue; `share` is what the person may ask for here."""
    colour = messages.Colour.WAITING if busy.waiting or busy.outage else messages.Colour.MAKING
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=int(colour))
    box.add_item(ui.TextDisplay("\n".join([f"## {say('The queue')}", *_everybody(busy, say)])))
    box.add_item(ui.Separator())
    for job, standing in busy.own:
        box.add_item(ui.TextDisplay(_one(job, standing, say)))
    box.add_item(ui.TextDisplay("\n".join([_rest(busy, say), *_limits(share, say)])))
    return deaf_layout(box)


def _everybody(busy: Busy, say: Language) -> Iterator[str]:
    if busy.outage is not None:
        yield say.say(reasons.waiting(busy.outage))
    waiting = say.count("{count} job is waiting", "{count} jobs are waiting", busy.waiting)
    yield f"⏳ {waiting if busy.waiting else say('Nobody is waiting')}"
    kinds = " · ".join(
        f"{words_for(kind).icon} {say.say(words_for(kind).name)} {count}"
        for kind, count in busy.under_way.items()
    )
    taken = sum(busy.under_way.values())
    places = say("{taken} of {places} places are taken", taken=taken, places=busy.places)
    yield f"⚙️ {places}{f': {kinds}' if kinds else ''}"
    for model, usual in busy.usual[:_MODELS_SHOWN]:
        title = text.plain(say.word(model.title), 60)
        yield "-# " + say("{model} usually takes {time}", model=title, time=text.seconds(usual))


def _one(job: Job, standing: Standing, say: Language) -> str:
    prompt = text.plain(job.prompt, _PROMPT_SHOWN)
    made = job.state is JobState.GENERATING
    bar = f"{text.bar(messages.share(job, standing))}  " if made else ""
    outlook = f"{bar}{_outlook(job, standing, say)}"
    return f"{words_of(job).icon} **#{job.id}** {prompt}\n{outlook}"


def _outlook(job: Job, standing: Standing, say: Language) -> str:
    """Say when a job is ready, as far as anybody can know."""
    match job.state:
        case JobState.HELD:
            return say("waits for a moderator")
        case JobState.GENERATING:
            return _ready(job, standing, say)
        case JobState.QUEUED:
            return _queued(standing, say)
        case _:
            return say.say(words_of(job).starting)


def _ready(job: Job, standing: Standing, say: Language) -> str:
    begun = job.generating_at or job.created_at
    ready = begun + timedelta(seconds=standing.expected.usual)
    if ready <= standing.now:
        return say("takes longer than usual")
    return say("ready {when}", when=discord.utils.format_dt(ready, "R"))


def _queued(standing: Standing, say: Language) -> str:
    ahead = (
        say.count("{count} ahead of you", "{count} ahead of you", standing.ahead)
        if standing.ahead
        else say("you are next")
    )
    if standing.outage is not None:
        return say("{ahead}; starts when NetMind is back", ahead=ahead)
    seconds = (standing.starts_in or 0) + standing.expected.usual
    return say("{ahead}; ready in about {time}", ahead=ahead, time=text.seconds(seconds))


def _rest(busy: Busy, say: Language) -> str:
    if not busy.count:
        return say("Nothing of yours is on its way. `/help` says what I can make.")
    if more := busy.count - len(busy.own):
        return "-# " + say.count(
            "{count} more of yours; /jobs lists it", "{count} more of yours; /jobs lists them", more
        )
    return "-# " + say("Each result comes as a message of its own. `/jobs` lists all of yours.")


def _limits(share: Share | None, say: Language) -> Iterator[str]:
    if share is None:
        return
    allowed, parts = share.allowed, []
    if allowed.at_once is not None:
        parts.append(say("{count} at once", count=allowed.at_once))
    if allowed.per_day is not None:
        parts.append(say("{used} of {limit} today", used=share.used.today, limit=allowed.per_day))
    if parts:
        yield "-# " + say("Your limits here: {limits}", limits=" · ".join(parts))


async def setup(bot: Foley) -> None:
    """Load the cog; discord.py calls this."""
    await bot.add_cog(Queue(bot))
