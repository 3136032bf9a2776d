"""Where results are, what opens them, for how long, and what is in them."""

import re
from urllib.parse import parse_qs, urlsplit

from bot.netmind.scrub import scrub
from bot.probe.lesson import Lesson, how, said
from bot.probe.plan import Plan
from bot.probe.record import Record, Step

# What gives a link its permission, at the storages in use.
_SIGNATURE = re.compile(r"sign|token|expires|credential|policy", re.IGNORECASE)


def link(record: Record, _plan: Plan) -> Lesson:
    """Tell where results are, and what opens them."""
    question = "Where are results, and what opens their links?"
    found, opened = record.result(), record.last(Step.LINK)
    if found is None or opened is None:
        return Lesson(question)
    (exchange, generation) = found
    parts = urlsplit(generation.results[0].url)
    signed = sorted(name for name in parse_qs(parts.query) if _SIGNATURE.search(name))
    by = f"signed by {', '.join(map(scrub, signed))}" if signed else "not signed"
    account = str(exchange.fields.get("user_id") or "")
    names = bool(account) and account in generation.results[0].url
    who = ", and it names the account: never show it to anybody" if names else ""
    answer = f"At `{scrub(parts.hostname or '')}`; the link is {by}{who}. "
    return Lesson(question, f"{answer}Without the key it answers {how(opened)}.")


def link_life(record: Record, _plan: Plan) -> Lesson:
    """Tell how long a link lives, as far as there was time to see."""
    question = "How long does a link live?"
    found, first = record.result(), record.last(Step.LINK)
    later, deleted = record.last(Step.LINK_LATER), record.last(Step.LINK_DELETED)
    if found is None or first is None or later is None:
        return Lesson(question)
    age = (later.at - first.at).total_seconds()
    query = parse_qs(urlsplit(found[1].results[0].url).query)
    expires = next((v[0] for k, v in query.items() if k.lower() == "x-amz-expires"), "")
    told = f" It says itself {expires} s." if expires.isdecimal() else ""
    gone = "" if deleted is None else f" After DELETE: {how(deleted)}."
    return Lesson(question, f"After {age:.0f} s: {how(later)}.{told}{gone}")


def fresh_link(record: Record, _plan: Plan) -> Lesson:
    """Tell whether a fresh link can be had."""
    question = "Can a fresh link be had by the file's id?"
    asked, opened = record.last(Step.PRESIGNED), record.last(Step.PRESIGNED_LINK)
    if asked is None or asked.status is None:
        return Lesson(question)
    if opened is None:
        return Lesson(question, f"No: {said(asked)}")
    host = urlsplit(str(asked.fields.get("presigned_url"))).hostname or ""
    return Lesson(question, f"Yes, at `{scrub(host)}`; it answers {how(opened)}.")


def file(record: Record, _plan: Plan) -> Lesson:
    """Tell what the result is."""
    question = "What is in the file?"
    facts = record.file
    if facts is None:
        return Lesson(question)
    codecs = " and ".join(filter(None, (facts.video_codec, facts.audio_codec)))
    size = f"{facts.width} x {facts.height}, " if facts.width else ""
    rate = f"{facts.sample_rate} Hz, " if facts.sample_rate else ""
    return Lesson(
        question,
        f"{facts.container}: {codecs}, {size}{rate}{facts.seconds:.1f} s, {facts.size:,} bytes.",
    )
