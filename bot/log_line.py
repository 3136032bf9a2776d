"""The line in which moderators read how a job has ended."""

from bot import text
from bot.jobs import reasons
from bot.kinds import words_of
from bot.language import Language
from bot.messages import marker
from storage.deliveries import Delivery
from storage.jobs import Job
from storage.states import JobState

_PROMPT_SHOWN = 150
_WORDS_SHOWN = 150


def write(job: Job, told: Delivery | None, delivery_id: int, say: Language) -> str:
    """Write the line; `told`: the message that ended the job.

    It mentions a person, so it has to be sent in a way that pings nobody.
    """
    parts = [
        f"<@{job.requester_id}> {words_of(job).icon} {text.plain(job.prompt, _PROMPT_SHOWN)}",
        text.plain(job.model, 64),
        *_took(job, say),
        *_why(job, say),
    ]
    if link := link_to(job, told):
        parts.append(f"[{say('Open')}]({link})")
    return f"{_icon(job)}{marker(job, delivery_id)} {' · '.join(parts)}"


def _icon(job: Job) -> str:
    if job.removed_at is not None:
        return "🗑️"
    if job.state is JobState.FINISHED:
        kept = job.reason == reasons.Reason.PRIVATE
        return "✅" if job.reason is None else "🔒" if kept else "⚠️"
    return "⚠️" if job.state is JobState.FAILED else "🚫"


def _took(job: Job, say: Language) -> list[str]:
    if job.generating_at is None or job.ended_at is None:
        return []
    return [say.say(text.seconds((job.ended_at - job.generating_at).total_seconds()))]


def _why(job: Job, say: Language) -> list[str]:
    """Say why there is no file where everybody sees it; moderators' own words with it."""
    if job.reason is None or job.reason == reasons.Reason.PRIVATE:
        return []
    if job.state is JobState.FINISHED and job.reason not in reasons.REVIEWED:
        return [say("Made, but not posted")]
    own = job.detail and job.reason in reasons.REVIEWED
    words = [f"“{text.plain(job.detail or '', _WORDS_SHOWN)}”"] if own else []
    return [" ".join([say.say(reasons.sentence(job.reason)), *words])]


def link_to(job: Job, told: Delivery | None) -> str | None:
    """Return the jump link to the message that ended the job, if moderators can open it."""
    if told is None or told.message_id is None:
        return None
    if told.person_id is not None or job.removed_at is not None:
        return None
    return f"https://discord.com/channels/{job.guild_id}/{told.channel_id}/{told.message_id}"
