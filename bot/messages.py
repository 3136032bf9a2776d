"""What people see: the card, the result, the failure. Made from values, without I/O."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

import discord

from bot import text
from bot.jobs import reasons
from bot.jobs.pace import Expectation
from bot.kinds import words_of
from bot.language import COMMAND, Language, Sentence, language
from bot.look.finding import SENTENCES, Finding
from bot.netmind.option import Option
from storage.jobs import Job
from storage.routes import Route
from storage.states import JobState

_PROMPT_SHOWN = 300
_REMINDED = 5
# Without an end in sight the bar stops here: it is full when the job is done, not before.
_ALMOST = 0.95


class Colour(IntEnum):
    """One colour for each thing that a card can say."""

    WAITING = 0x8A94A6
    MAKING = 0x5865F2
    DONE = 0x3BA55D
    FAILED = 0xD9534F
    CANCELLED = 0x6B7280


@dataclass(frozen=True)
class Standing:
    """What a card shows beside the job itself.

    `ahead` counts the jobs that get their turn before; `starts_now`: there is a free place;
    `starts_in`: seconds until its turn, if that can be told; `outage`: why nothing starts for
    anybody at the moment.
    """

    now: datetime
    model: str
    options: Mapping[str, Option]
    ahead: int
    starts_now: bool
    expected: Expectation
    outage: reasons.Reason | None = None
    starts_in: float | None = None


def marker(job: Job, copy: int | None = None) -> str:
    """Return the text by which our message about this job is found again.

    `copy`: the delivery that brings the result once more. In a prompt the number sign is always
    escaped, so nobody else can write this.
    """
    return f" #{job.id} ·" if copy is None else f" #{job.id}/{copy} ·"


def card(job: Job, standing: Standing, *, alone: bool = False) -> discord.Embed:
    """Draw the one message that answers the command and follows the job.

    `alone`: no message below it says how the job ended, so the card says all of it.
    """
    say = language(job.language)
    title, colour, lines = _say(job, standing, say, alone=alone)
    embed = discord.Embed(
        title=f"{_icon(job)} {title}",
        colour=int(colour),
        description="\n".join([f"> {text.plain(job.prompt, _PROMPT_SHOWN)}", *lines]),
    )
    facts = [f"#{job.id}", say.word(standing.model), listed(job.options, standing.options, say)]
    embed.set_footer(text=" · ".join(filter(None, facts)))
    return embed


def share(job: Job, standing: Standing) -> float:
    """Return how far a generation probably is, from 0 to 1."""
    if job.generating_at is None:
        return 0.0
    age = (standing.now - job.generating_at).total_seconds()
    return max(0.0, min(_ALMOST, age / standing.expected.usual))


def _icon(job: Job) -> str:
    if job.state is JobState.FAILED or _unposted(job):
        return "⚠️"
    return "🚫" if job.state in {JobState.CANCELLED, JobState.REJECTED} else words_of(job).icon


def _unposted(job: Job) -> bool:
    """Tell whether there is a file that could not be posted, although it was to be."""
    kept = job.reason is None or job.reason in {reasons.Reason.PRIVATE, reasons.Reason.IN_REVIEW}
    return job.state is JobState.FINISHED and job.removed_at is None and not kept


def _say(
    job: Job, standing: Standing, say: Language, *, alone: bool
) -> tuple[str, Colour, list[str]]:
    if job.state is JobState.FINISHED:
        return _finished(job, say, alone=alone)
    if job.ended or job.state is JobState.HELD:
        return _unmade(job, say, alone=alone)
    if job.state is JobState.GENERATING:
        return say.say(words_of(job).making), Colour.MAKING, _making(job, standing, say)
    return _waiting(job, standing, say)


def _unmade(job: Job, say: Language, *, alone: bool) -> tuple[str, Colour, list[str]]:
    match job.state:
        case JobState.FAILED:
            below = [f"-# {say('The message below says why.')}"]
            lines = failure_lines(job) if alone else below
            return say("That did not work"), Colour.FAILED, lines
        case JobState.CANCELLED:
            return say("Cancelled"), Colour.CANCELLED, _cancelled(job, say)
        case JobState.REJECTED:
            return say("Not approved"), Colour.CANCELLED, _why(job, say)
        case _:
            asked = say("Asked {when}", when=_when(job.created_at))
            return say("Waiting for a moderator"), Colour.WAITING, [asked]


def _cancelled(job: Job, say: Language) -> list[str]:
    lines = [say("Nothing will be posted.")]
    if job.reason == reasons.Reason.MODERATED:
        words = text.plain(job.detail or "", 300)
        lines.insert(0, say("Cancelled by a moderator: {reason}", reason=words))
    return lines


def _finished(job: Job, say: Language, *, alone: bool) -> tuple[str, Colour, list[str]]:
    ready = say.say(words_of(job).ready)
    if job.reason in reasons.WITHHELD:
        colour = Colour.WAITING if job.reason == reasons.Reason.IN_REVIEW else Colour.CANCELLED
        return say("Made, but not posted"), colour, _why(job, say)
    if job.removed_at is not None:
        return say("Deleted"), Colour.CANCELLED, [say("The file was deleted.")]
    if job.reason == reasons.Reason.PRIVATE:
        return ready, Colour.DONE, [say.say(reasons.sentence(job.reason))]
    if _unposted(job):
        return say("Made, but not posted"), Colour.FAILED, _why(job, say)
    told = [*_took(job, say), *([] if alone else [_whereabouts(job, say)])]
    return ready, Colour.DONE, [f"-# {' · '.join(told)}"] if told else []


def _whereabouts(job: Job, say: Language) -> str:
    match job.route:
        case Route.THREAD:
            return say("in the thread below")
        case Route.GALLERY:
            return say("in {channel}", channel=f"<#{job.gallery_id}>")
        case Route.DIRECT:
            return say("in your direct messages")
        case _:
            return say("in a new message below")


def _took(job: Job, say: Language) -> list[str]:
    if job.generating_at is None or job.ended_at is None:
        return []
    took = text.seconds((job.ended_at - job.generating_at).total_seconds())
    return [say("Made in {time}", time=took)]


def _why(job: Job, say: Language) -> list[str]:
    """Say why there is no file, with the provider's own words if it gave any."""
    lines = [say.say(reasons.sentence(job.reason))]
    if job.detail and job.reason in reasons.REVIEWED:
        lines.append(say("Their words: “{words}”", words=text.plain(job.detail, 300)))
    elif job.detail:
        lines.append(say("NetMind's words: “{words}”", words=text.plain(job.detail, 300)))
    return lines


def failure_lines(job: Job) -> list[str]:
    """Say why a job failed, and whether that cost anything."""
    say = language(job.language)
    return [*_why(job, say), f"-# {say.say(reasons.cost(job.reason))}"]


def _making(job: Job, standing: Standing, say: Language) -> list[str]:
    done = share(job, standing)
    begun = job.generating_at or job.created_at
    if done < _ALMOST:
        ready = begun + timedelta(seconds=standing.expected.usual)
        outlook = say("ready {when}", when=_when(ready))
    elif job.deadline_at is not None:
        outlook = say("takes longer than usual; I give up {when}", when=_when(job.deadline_at))
    else:
        outlook = say("takes longer than usual")
    started = say("Started {when}", when=_when(begun))
    small = f"-# {started} · {_usually(standing, say)}"
    return [f"{text.bar(done)}  {outlook}", small, *_private_way(job, say)]


def _private_way(job: Job, say: Language) -> list[str]:
    """Say how what only one person gets comes to them."""
    if job.route is Route.DIRECT and job.guild_id is not None:
        return [f"-# {say('Only you get it, by direct message.')}"]
    if job.route is Route.PRIVATE:
        words = say("Only you get it: Refresh or {command} brings it.", command=_command(job, say))
        return [f"-# {words}"]
    return []


def _command(job: Job, say: Language) -> str:
    """Write the command that brings a job."""
    return f"`/{say.name(COMMAND, 'job')} {job.id}`"


def _waiting(job: Job, standing: Standing, say: Language) -> tuple[str, Colour, list[str]]:
    asked = say("Asked {when}", when=_when(job.created_at))
    lines = [f"-# {asked} · {_usually(standing, say)}", *_private_way(job, say)]
    if job.state is JobState.QUEUED and standing.outage is not None:
        why = say.say(reasons.waiting(standing.outage))
        return say("Waiting for NetMind"), Colour.WAITING, [why, *lines]
    if job.attempts > 1 or job.state is JobState.UNCERTAIN:
        lines.insert(0, say("NetMind did not answer clearly; it is tried again."))
    if job.state is not JobState.QUEUED or standing.starts_now:
        return say.say(words_of(job).starting), Colour.MAKING, lines
    if standing.starts_in is not None:
        lines.insert(
            0, say("It should start in about {time}.", time=text.seconds(standing.starts_in))
        )
    return _place(standing.ahead, say), Colour.WAITING, lines


def _place(ahead: int, say: Language) -> str:
    if not ahead:
        return say("In the queue: you are next")
    return say.count(
        "In the queue: {count} ahead of you", "In the queue: {count} ahead of you", ahead
    )


def _usually(standing: Standing, say: Language) -> str:
    usual = text.seconds(standing.expected.usual)
    return say("{model} usually takes {time}", model=say.word(standing.model), time=usual)


def _when(moment: datetime) -> str:
    """Say when, in words that Discord's own clock keeps true."""
    return discord.utils.format_dt(moment, "R")


def listed(chosen: Mapping[str, Any], options: Mapping[str, Option], say: Language) -> str:
    """Write in a row what was chosen of a model's options."""
    return " · ".join(
        _option(name, value, options.get(name), say) for name, value in chosen.items()
    )


def _option(name: str, value: object, option: Option | None, say: Language) -> str:
    shown = str(value) if option is None else option.shown(value)
    words = say.say(shown) if isinstance(shown, Sentence) else shown
    return f"{say.word(name.replace('_', ' '))} {text.visible(words, 40)}"


def result(
    job: Job,
    *,
    copy: int | None = None,
    original_size: int | None = None,
    doubt: Finding | None = None,
) -> str:
    """Write the message that brings the file.

    `original_size`: bytes, if the file had to be made smaller. `doubt`: why it is hidden.
    """
    say = language(job.language)
    lines = [*_smaller(original_size, say), *_hidden(doubt, say)]
    return _message(job, words_of(job).ready, lines, _facts(job, say), copy)


def below(job: Job, copy: int, *, original_size: int | None, doubt: Finding | None = None) -> str:
    """Write what stands with the file below a result's words, where it is no voice message."""
    say = language(job.language)
    lines = [*_smaller(original_size, say), *_hidden(doubt, say)]
    return "\n".join([*lines, _small_print(job, _facts(job, say), copy)])


def _hidden(doubt: Finding | None, say: Language) -> list[str]:
    if doubt is None:
        return []
    return [say("-# 🙈 Hidden until you look: {why}", why=say.say(SENTENCES[doubt]))]


def _smaller(original_size: int | None, say: Language) -> list[str]:
    if original_size is None:
        return []
    size = text.size(original_size)
    return [say("-# Made smaller to fit in here; the original has {size}.", size=size)]


def linked(job: Job, link: str, until: datetime, *, copy: int | None = None) -> str:
    """Write the message that brings a link to a file which is too large for its channel."""
    say = language(job.language)
    line = say(
        "The file is too large for this channel. [Watch or save it]({link}) until {when}.",
        link=link,
        when=discord.utils.format_dt(until, "D"),
    )
    return _message(job, words_of(job).ready, [line], _facts(job, say), copy)


def _facts(job: Job, say: Language) -> list[str]:
    seed = job.options.get("seed")
    return [*([] if seed is None else [say("seed {number}", number=seed)]), say("made by AI")]


def failure(job: Job, lines: list[str], *, copy: int | None = None) -> str:
    """Write the message that says why there is no file."""
    words = words_of(job)
    what = words.unposted if job.state is JobState.FINISHED else words.failed
    return _message(job, what, lines, [language(job.language)("no file")], copy, icon="⚠️")


def reminder(jobs: Sequence[Job]) -> str:
    """Write what tells a person later, in private, what could not be posted when it was done."""
    say = language(jobs[0].language)
    lines = [_reminded(job, say) for job in jobs[:_REMINDED]]
    if more := len(jobs) - min(len(jobs), _REMINDED):
        lines.append(
            "- " + say.count("{count} more; /jobs lists it", "{count} more; /jobs lists them", more)
        )
    return "\n".join([say("Waiting for you:"), *lines])


def _reminded(job: Job, say: Language) -> str:
    if job.state is not JobState.FINISHED or job.reason in reasons.WITHHELD:
        what = say.say(reasons.sentence(job.reason))
    elif job.reason is None:
        what = say("your direct messages were closed to me; open them and ask once more")
    elif job.reason == reasons.Reason.PRIVATE:
        what = say("only you get it; {command} brings it", command=_command(job, say))
    else:
        what = say("I could not post it; {command} brings it", command=_command(job, say))
    return f"- {words_of(job).icon} **{text.plain(job.prompt, 80)}**: {what}"


def _message(
    job: Job,
    what: Sentence,
    lines: list[str],
    notes: list[str],
    copy: int | None = None,
    *,
    icon: str | None = None,
) -> str:
    say = language(job.language)
    mention = f"<@{job.requester_id}> " if job.mention else ""
    return "\n".join(
        [
            f"{mention}{icon or words_of(job).icon} {say.say(what)}",
            f"> {text.plain(job.prompt, 150)}",
            *lines,
            _small_print(job, notes, copy),
        ]
    )


def _small_print(job: Job, notes: list[str], copy: int | None) -> str:
    return f"-#{marker(job, copy)} {' · '.join(notes)}"


def file_name(job: Job, extension: str) -> str:
    """Name the file after its prompt, in letters that every system takes."""
    stem = text.slug(job.prompt) or text.slug(str(words_of(job).name)) or "result"
    # Discord hides a file by its name.
    return f"{'SPOILER_' if job.spoiler else ''}{stem}-{job.id}.{extension}"
