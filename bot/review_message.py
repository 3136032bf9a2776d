"""What moderators read about a job that they are to decide, and the buttons below it."""

from enum import StrEnum

import discord
from discord import ui

from bot import text
from bot.buttons import deaf
from bot.kinds import words_of
from bot.language import Language, Sentence
from bot.look.finding import SENTENCES, Finding
from bot.messages import marker
from storage.jobs import Job
from storage.review_states import Matter, ReviewState
from storage.reviews import Review

# Discord takes 2000 characters, and escaping may double what people wrote.
_PROMPT_SHOWN = 700
_WORDS_SHOWN = 300


class Verdict(StrEnum):
    """What a button does with a review; the value stands in the button's id for ever."""

    APPROVE = "approve"
    REJECT = "reject"
    TRUST = "trust"
    LOOK = "look"


TEMPLATE = r"foley:review:(?P<verdict>approve|reject|trust|look):(?P<review>[0-9]{1,18})"
"""The ids of these buttons."""

FORM = r"foley:rejection:([0-9]{1,18})"
"""The id of the form that asks why."""

_LABELS = {
    Verdict.APPROVE: Sentence("Approve"),
    Verdict.REJECT: Sentence("Reject"),
    Verdict.TRUST: Sentence("Approve and trust"),
    Verdict.LOOK: Sentence("Look at it"),
}
_STYLES = {
    Verdict.APPROVE: discord.ButtonStyle.success,
    Verdict.REJECT: discord.ButtonStyle.danger,
}
_ASKED = {
    Matter.PROMPT: Sentence("A request waits for you"),
    Matter.RESULT: Sentence("A result waits for you"),
}
_DECIDED = {
    ReviewState.APPROVED: Sentence("✅ **Approved** by {person} {when}"),
    ReviewState.REJECTED: Sentence("🚫 **Rejected** by {person} {when}"),
}
_OVER = {
    ReviewState.APPROVED: Sentence("⌛ Nobody looked in time, so it was **approved** {when}"),
    ReviewState.REJECTED: Sentence("⌛ Nobody looked in time, so it was **rejected** {when}"),
}


def write(review: Review, job: Job, delivery_id: int | None, say: Language) -> str:
    """Write what is to be decided, and what has been decided if anything was.

    It mentions people, so it has to be sent in a way that pings nobody.
    """
    options = " · ".join(f"{name} {value}" for name, value in job.options.items())
    lines = [
        f"🔎 **{say.say(_ASKED[review.what])}**",
        say("{person} asked for it:", person=f"<@{job.requester_id}>"),
        f"> {words_of(job).icon} {text.plain(job.prompt, _PROMPT_SHOWN)}",
        f"-# {text.visible(f'{job.model} · {options}', 200)} · <#{job.channel_id}>",
    ]
    if review.finding is not None:
        lines.append(f"⚠️ {say.say(SENTENCES[Finding(review.finding)])}")
    mark = f"-#{marker(job, delivery_id)}" if delivery_id else f"-# #{job.id}"
    return "\n".join([*lines, *_decision(review, say), mark])


def _decision(review: Review, say: Language) -> list[str]:
    if review.state is ReviewState.OPEN:
        when = discord.utils.format_dt(review.expires_at, "R")
        return [say("-# It is decided without you {when}", when=when)]
    if review.state is ReviewState.WITHDRAWN or review.decided_at is None:
        return [say("🚫 There is nothing to decide any more.")]
    when = discord.utils.format_dt(review.decided_at, "R")
    if review.decided_by is None:
        return [say(_OVER[review.state].template, when=when)]
    words = say(_DECIDED[review.state].template, person=f"<@{review.decided_by}>", when=when)
    return [words, *([f"> {text.plain(review.words, _WORDS_SHOWN)}"] if review.words else [])]


def buttons(review: Review, say: Language) -> ui.View:
    """Return what can be done; nothing once it is decided."""
    if review.state is not ReviewState.OPEN:
        return deaf([])
    verdicts = [
        each for each in Verdict if each is not Verdict.LOOK or review.what is Matter.RESULT
    ]
    return deaf(_button(verdict, review.id, say) for verdict in verdicts)


def _button(verdict: Verdict, review_id: int, say: Language) -> ui.Button[ui.View]:
    return ui.Button(
        label=say.say(_LABELS[verdict]),
        style=_STYLES.get(verdict, discord.ButtonStyle.secondary),
        custom_id=f"foley:review:{verdict}:{review_id}",
    )
