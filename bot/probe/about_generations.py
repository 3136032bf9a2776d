"""How it tells of a generation, what it refuses, and what DELETE does."""

import re

from bot.netmind.protocol import Phase
from bot.netmind.refusals import error_message
from bot.netmind.scrub import scrub
from bot.probe.lesson import Lesson, end, said, state
from bot.probe.plan import PROMPT, Plan
from bot.probe.record import Record, Step

# How much longer than the catalogue says is worth a change.
_FACTOR = 2.0
_KNOWN = frozenset(
    {
        *("id", "job_id", "user_id", "model", "model_id", "status", "backend_id", "payment_type"),
        *("meta_info", "created_at", "updated_at", "deleted_at", "is_deleted", "result", "logs"),
        *("pending_duration", "processing_duration"),
    }
)
_MOST_CHARACTERS = re.compile(r"(?:at most|max\w*|than|limit\w*)\D{0,20}(\d{2,6})", re.IGNORECASE)


def shape(record: Record, _plan: Plan) -> Lesson:
    """Tell in which of the three forms it tells of a generation; see bot.netmind.protocol."""
    question = "Which form do its answers have?"
    told = [each.fields for each, _ in record.first]
    if not told:
        return Lesson(question)
    fields = set().union(*told)
    form = "A" if "meta_info" in fields else "C" if fields & {"logs", "pending_duration"} else "B"
    new = sorted(name for name in map(scrub, map(str, fields - _KNOWN)) if name)
    beside = f", and fields that Foley does not know: {', '.join(new)}" if new else ""
    return Lesson(question, f"Form {form}{beside}.")


def echo(record: Record, _plan: Plan) -> Lesson:
    """Tell whether a generation tells its prompt."""
    question = "Does a generation tell its prompt or its config?"
    if not record.first:
        return Lesson(question)
    told = any(PROMPT.encode() in each.content for each, _ in record.first)
    named = any("config" in each.fields for each, _ in record.first)
    return Lesson(
        question, "Yes." if told else "Its config, without the prompt." if named else "No."
    )


def words(record: Record, _plan: Plan) -> Lesson:
    """Tell the status words, and when each was first seen."""
    question = "Which status words are there, and when?"
    if not record.first:
        return Lesson(question)
    begun, seen = record.first[0][0].at, dict[str, float]()
    for each, generation in record.first:
        seen.setdefault(generation.status, (each.at - begun).total_seconds())
    unknown = [found.status for _, found in record.first if not found.is_known_word]
    strange = f" Foley did not know: {', '.join(sorted(set(unknown)))}." if unknown else ""
    row = ", ".join(f"`{word}` after {after:.0f} s" for word, after in seen.items())
    return Lesson(question, f"{row}.{strange}")


def durations(record: Record, plan: Plan) -> Lesson:
    """Tell how long it took."""
    question = "How long does a short one take?"
    ended = next((each for each, found in record.first if found.phase is not Phase.RUNNING), None)
    if ended is None:
        return Lesson(question)
    took = (ended.at - record.first[0][0].at).total_seconds()
    told = [
        f"`{name}` {ended.fields[name]:.1f} s"
        for name in ("pending_duration", "processing_duration")
        if isinstance(ended.fields.get(name), int | float)
    ]
    beside = f" ({', '.join(told)})" if told else ""
    usual, advice = plan.model.typical_seconds, None
    if took > usual * _FACTOR:
        advice = (
            f"Raise `typical_seconds` of {plan.model.key} from {usual:g} to {took:.0f} or more, in "
            "a `MODELS_FILE` of your own."
        )
    return Lesson(question, f"{took:.0f} s as seen by looking every few seconds{beside}.", advice)


def deleting(record: Record, _plan: Plan) -> Lesson:
    """Tell what DELETE does to a generation that runs."""
    question = "What does DELETE do to one that runs?"
    before, deleted = record.last(Step.GET_RUNNING), record.last(Step.DELETE_RUNNING)
    if before is None or deleted is None or deleted.status is None:
        return Lesson(question)
    looks = (("right after", Step.GET_DELETED), ("15 s later", Step.GET_DELETED_LATER))
    after = [f"{when} {state(each)}" for when, step in looks if (each := record.last(step))]
    return Lesson(
        question,
        f"Before, GET said {state(before)}; DELETE answered {said(deleted)} GET then said: "
        f"{'; '.join(after)}. Only the account's page can tell whether it is billed.",
    )


def wrong_value(record: Record, _plan: Plan) -> Lesson:
    """Tell what becomes of a request with a value that makes no sense."""
    question = "What becomes of a wrong value?"
    asked = record.last(Step.WRONG_VALUE)
    if asked is None or asked.status is None:
        return Lesson(question)
    last = end(record, Step.WRONG_VALUE_POLL)
    if asked.generation is None:
        return Lesson(question, f"It is refused at once: {said(asked)}")
    if last is None or last.phase is Phase.RUNNING:
        return Lesson(question, "It is accepted, and had not ended a minute later.")
    if last.phase is Phase.FAILED:
        reason = f"“{last.text}”" if last.text else "no reason is told."
        return Lesson(question, f"It is accepted and fails later: {reason}")
    return Lesson(question, "It is accepted, and something is made all the same.")


def prompt_limit(record: Record, plan: Plan) -> Lesson:
    """Tell how long a prompt may be, if a refusal names it."""
    question = "How long may a prompt be?"
    asked = record.last(Step.LONG_PROMPT)
    if asked is None or asked.status is None:
        return Lesson(question)
    last = end(record, Step.LONG_PROMPT_POLL)
    refusal = "" if asked.is_success else error_message(asked.content)
    told = (last.text if last else None) or refusal
    found = _MOST_CHARACTERS.search(told)
    if found is None:
        return Lesson(
            question, "No limit is named to 24,000 characters that come with another mistake."
        )
    most, ours = int(found[1]), plan.model.prompt_limit
    advice = None
    if most < ours:
        advice = f"Lower `prompt_limit` of {plan.model.key} from {ours} to {most} in `MODELS_FILE`."
    return Lesson(question, f"{most} characters, as it says itself: “{told}”", advice)
