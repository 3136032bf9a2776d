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
from storage.jobs import Job
from storage.states import JobState

_PROMPT_SHOWN = 300
_REMINDED = 5
# Without an end in sight the bar stops here: it is full when the job is done, not before.
_ALMOST = 0.95

_NOUNS = {"audio": "sound", "video": "video", "image": "picture", "speech": "recording"}
_ICONS = {"audio": "🎧", "video": "🎬", "image": "🖼️", "speech": "🎙️"}


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
    `outage`: why nothing starts for anybody at the moment.
    """

    now: datetime
    model: str
    ahead: int
    starts_now: bool
    expected: Expectation
    outage: reasons.Reason | None = None


def noun(kind: str) -> str:
    """Return what people call the outcome: sound, video, picture."""
    return _NOUNS.get(kind, kind)


def icon(kind: str) -> str:
    """Return the emoji of a kind."""
    return _ICONS.get(kind, "✨")


def marker(job: Job) -> str:
    """Return the text by which our message about this job is found again."""
    return f"job #{job.id} ·"


def card(job: Job, standing: Standing) -> discord.Embed:
    """Draw the one message that answers the command and follows the job."""
    title, colour, lines = _say(job, standing)
    embed = discord.Embed(
        title=f"{icon(job.kind)} {title}",
        colour=int(colour),
        description="\n".join([f"> {text.plain(job.prompt, _PROMPT_SHOWN)}", "", *lines]),
    )
    embed.set_footer(text=" · ".join([f"#{job.id}", standing.model, *_options(job.options)]))
    return embed


def share(job: Job, standing: Standing) -> float:
    """Return how far a generation probably is, from 0 to 1."""
    if job.generating_at is None:
        return 0.0
    age = (standing.now - job.generating_at).total_seconds()
    return max(0.0, min(_ALMOST, age / standing.expected.usual))


def _say(job: Job, standing: Standing) -> tuple[str, Colour, list[str]]:
    thing = noun(job.kind)
    says: dict[JobState, tuple[str, Colour, list[str]]] = {
        JobState.HELD: (
            "Waiting for a moderator",
            Colour.WAITING,
            [f"Asked {_when(job.created_at)}"],
        ),
        JobState.GENERATING: (f"Making your {thing}", Colour.MAKING, _making(job, standing)),
        JobState.FINISHED: _finished(job),
        JobState.FAILED: ("That did not work", Colour.FAILED, failure_lines(job)),
        JobState.CANCELLED: ("Cancelled", Colour.CANCELLED, ["Nothing will be posted."]),
        JobState.REJECTED: (
            "Not approved",
            Colour.CANCELLED,
            ["A moderator did not approve this request."],
        ),
    }
    return says.get(job.state) or _waiting(job, standing)


def _finished(job: Job) -> tuple[str, Colour, list[str]]:
    if job.reason is not None:
        return "Made, but not posted", Colour.FAILED, failure_lines(job)
    return f"Your {noun(job.kind)} is ready", Colour.DONE, [_took(job)]


def _took(job: Job) -> str:
    if job.generating_at is None or job.ended_at is None:
        return "It is in a new message below."
    took = text.seconds((job.ended_at - job.generating_at).total_seconds())
    return f"It is in a new message below. It took {took} to make."


def failure_lines(job: Job) -> list[str]:
    """Say why a job failed, with the provider's own words if it gave any."""
    lines = [reasons.sentence(job.reason)]
    if job.detail:
        lines.append(f"NetMind's words: “{text.plain(job.detail, 300)}”")
    return lines


def _making(job: Job, standing: Standing) -> list[str]:
    done = share(job, standing)
    begun = job.generating_at or job.created_at
    if done < _ALMOST:
        ready = begun + timedelta(seconds=standing.expected.usual)
        outlook = f"expected {_when(ready)}"
    elif job.deadline_at is not None:
        outlook = f"takes longer than usual; I stop it {_when(job.deadline_at)}"
    else:
        outlook = "takes longer than usual"
    return [f"{text.bar(done)}  {outlook}", f"Started {_when(begun)} · {_usually(standing)}"]


def _waiting(job: Job, standing: Standing) -> tuple[str, Colour, list[str]]:
    lines = [f"Asked {_when(job.created_at)} · {_usually(standing)}"]
    if job.state is JobState.QUEUED and standing.outage is not None:
        return "Waiting for NetMind", Colour.WAITING, [reasons.waiting(standing.outage), *lines]
    if job.attempts > 1 or job.state is JobState.UNCERTAIN:
        lines.insert(0, "NetMind did not answer clearly; it is tried again.")
    if job.state is not JobState.QUEUED or standing.starts_now:
        return f"Starting your {noun(job.kind)}", Colour.MAKING, lines
    place = f"{standing.ahead} ahead of you" if standing.ahead else "you are next"
    return f"In the queue: {place}", Colour.WAITING, lines


def _usually(standing: Standing) -> str:
    return f"{standing.model} usually takes {text.seconds(standing.expected.usual)}"


def _when(moment: datetime) -> str:
    """Say when, in words that Discord's own clock keeps true."""
    return discord.utils.format_dt(moment, "R")


def _options(options: Mapping[str, Any]) -> list[str]:
    return [
        f"{name.replace('_', ' ')} {text.visible(str(value), 40)}"
        for name, value in options.items()
    ]


def result(job: Job) -> str:
    """Write the message that brings the file."""
    return _message(job, "is ready", [], "made by AI")


def failure(job: Job, lines: list[str]) -> str:
    """Write the message that says why there is no file."""
    what = "could not be made" if job.state is JobState.FAILED else "cannot be posted"
    return _message(job, what, lines, "no file")


def reminder(jobs: Sequence[Job]) -> str:
    """Write what tells a person later, in private, what could not be posted when it was done."""
    lines = [
        f"- {noun(job.kind)} **{text.plain(job.prompt, 80)}**: "
        + (f"`/job {job.id}` brings it" if job.state is JobState.FINISHED else _end(job))
        for job in jobs[:_REMINDED]
    ]
    if len(jobs) > _REMINDED:
        lines.append(f"- and {len(jobs) - _REMINDED} more; `/jobs` lists them")
    return "\n".join(["Discord did not let me post this where you asked for it:", *lines])


def _end(job: Job) -> str:
    return reasons.sentence(job.reason)


def _message(job: Job, what: str, lines: list[str], note: str) -> str:
    prompt = text.plain(job.prompt, 150)
    return "\n".join(
        [
            f"<@{job.requester_id}> Your {noun(job.kind)} {what}: **{prompt}**",
            *lines,
            f"-# {marker(job)} {note}",
        ]
    )


def file_name(job: Job, extension: str) -> str:
    """Name the file after its prompt, in letters that every system takes."""
    stem = text.slug(job.prompt) or noun(job.kind)
    return f"{stem}-{job.id}.{extension}"
