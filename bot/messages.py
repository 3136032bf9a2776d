"""What people see: the card, the result, the failure. Made from values, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

import discord

from bot import text
from bot.jobs import reasons
from bot.jobs.pace import Expectation
from storage.jobs import Job
from storage.states import JobState

_PROMPT_SHOWN = 300
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
    """What a card shows beside the job itself: times in seconds, places counted from the front."""

    now: datetime
    model: str
    ahead: int
    expected: Expectation


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
        description="\n".join([quote(job.prompt), "", *lines]),
    )
    embed.set_footer(text=" · ".join([f"#{job.id}", standing.model, *_options(job.options)]))
    return embed


def quote(prompt: str, limit: int = _PROMPT_SHOWN) -> str:
    """Return a prompt as it may be shown: one quoted line, nothing in it works."""
    return f"> {text.plain(prompt, limit)}"


def share(job: Job, standing: Standing) -> float:
    """Return how far a generation probably is, from 0 to 1."""
    if job.generating_at is None:
        return 0.0
    age = (standing.now - job.generating_at).total_seconds()
    return max(0.0, min(_ALMOST, age / standing.expected.usual))


def _say(job: Job, standing: Standing) -> tuple[str, Colour, list[str]]:
    thing = noun(job.kind)
    says: dict[JobState, tuple[str, Colour, list[str]]] = {
        JobState.HELD: ("Waiting for a moderator", Colour.WAITING, [_asked(job)]),
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
    return says.get(job.state) or ("In the queue", Colour.WAITING, _waiting(job, standing))


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
    usual = text.seconds(standing.expected.usual)
    done = share(job, standing)
    if done < _ALMOST:
        left = f"about {text.seconds(standing.expected.usual * (1 - done))} left"
    else:
        left = "any moment now, it takes longer than usual"
    started = _when(job.generating_at or job.created_at)
    return [
        f"{text.bar(done)}  {left}",
        f"Started {started} · {standing.model} usually takes {usual}",
    ]


def _waiting(job: Job, standing: Standing) -> list[str]:
    if job.state is JobState.QUEUED and standing.ahead:
        place = f"{standing.ahead} ahead of you"
    elif job.attempts > 1 or job.state is JobState.UNCERTAIN:
        place = "NetMind did not answer clearly; it is tried again"
    else:
        place = "Next in line"
    usual = text.seconds(standing.expected.usual)
    return [f"{place} · {_asked(job)}", f"{standing.model} usually takes {usual}"]


def _asked(job: Job) -> str:
    return f"asked {_when(job.created_at)}"


def _when(moment: datetime) -> str:
    return discord.utils.format_dt(moment, "R")


def _options(options: Mapping[str, Any]) -> list[str]:
    return [
        f"{name.replace('_', ' ')} {text.shorten(str(value), 40)}"
        for name, value in options.items()
    ]


def result(job: Job) -> str:
    """Write the message that brings the file."""
    return "\n".join(
        [
            f"<@{job.requester_id}> Your {noun(job.kind)} is ready.",
            quote(job.prompt, 150),
            f"-# {marker(job)} made by AI",
        ]
    )


def failure(job: Job, lines: list[str]) -> str:
    """Write the message that says why there is no file."""
    return "\n".join(
        [
            f"<@{job.requester_id}> Your {noun(job.kind)} could not be made."
            if job.state is JobState.FAILED
            else f"<@{job.requester_id}> Your {noun(job.kind)} cannot be posted.",
            quote(job.prompt, 150),
            *lines,
            f"-# {marker(job)} nothing was posted",
        ]
    )


def file_name(job: Job, extension: str) -> str:
    """Name the file after its prompt, in letters that every system takes."""
    stem = text.slug(job.prompt) or noun(job.kind)
    return f"{stem}-{job.id}.{extension}"
