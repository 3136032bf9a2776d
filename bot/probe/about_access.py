"""The key, the clock, the limits, and what it says to who asks wrongly."""

import re
from collections.abc import Iterator

from bot.netmind.scrub import scrub
from bot.probe.lesson import Lesson, said
from bot.probe.plan import Plan
from bot.probe.record import Record, Step

_SECONDS_OFF = 5.0
_LIMITS = re.compile(r"rate-?limit|retry-after|quota|concurren", re.IGNORECASE)


def clock(record: Record, _plan: Plan) -> Lesson:
    """Tell how far its clock is from ours."""
    question = "How far is its clock from this machine's?"
    created = record.last(Step.CREATE)
    at = created.generation.created_at if created and created.generation else None
    if created is None or at is None:
        return Lesson(question)
    # It was made at some moment while we waited for the answer.
    off = (at - created.at).total_seconds() - created.seconds / 2
    advice = None
    if abs(off) > _SECONDS_OFF:
        advice = "Set this machine's clock by NTP; generations are found again by their times."
    return Lesson(
        question, f"`created_at` is {round(off):+d} s off, within about a second.", advice
    )


def keys(record: Record, _plan: Plan) -> Lesson:
    """Tell which forms of the key's header it takes."""
    question = "Which forms of the Authorization header does it take?"
    bearer, bare = record.last(Step.LIST_BEFORE), record.last(Step.BARE_TOKEN)
    if bearer is None or bare is None or bearer.status is None or bare.status is None:
        return Lesson(question)
    forms = (("`Bearer TOKEN`", bearer), ("`TOKEN` alone", bare))
    taken = [
        f"{form}: {'yes' if each.is_success else f'no ({each.status})'}" for form, each in forms
    ]
    return Lesson(question, f"{'; '.join(taken)}. Foley sends `Bearer`.")


def limits(record: Record, _plan: Plan) -> Lesson:
    """Tell whether its answers speak of limits."""
    question = "Do its answers speak of limits?"
    if not any(each.status for each in record.exchanges):
        return Lesson(question)
    found = {
        name.lower(): scrub(value, 40)
        for each in record.exchanges
        for name, value in each.headers.items()
        if _LIMITS.search(name)
    }
    refused = sum(each.status == 429 for each in record.exchanges)  # noqa: PLR2004 - too many
    if not found and not refused:
        return Lesson(question, "No header does, and nothing was refused for its rate.")
    told = "; ".join(f"`{scrub(name)}: {value}`" for name, value in sorted(found.items()))
    return Lesson(
        question,
        f"{told or 'No header does'}. {refused} of {len(record.exchanges)} requests were refused "
        "for their rate (429).",
        "Keep `NETMIND_MAX_IN_FLIGHT` below what these say." if found else None,
    )


def refusals(record: Record) -> Iterator[Lesson]:
    """Tell how it refuses what is wrong."""
    questions = {
        Step.WRONG_KEY: "What does it say to a wrong key?",
        Step.UNKNOWN_ID: "What does it say of an unknown id?",
        Step.UNKNOWN_MODEL: "What does it say of an unknown model?",
    }
    for step, question in questions.items():
        yield Lesson(question, said(record.last(step)))
