"""What was learned, as a page of Markdown that may be shown to anybody."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlsplit

from bot.probe.lesson import Lesson
from bot.probe.plan import Plan
from bot.probe.questions import lessons
from bot.probe.record import Record
from bot.version import version

_NOT_TRIED = (
    "Not tried, because it would cost more or no key can settle it: prices, how many generations "
    "may run at once, whether a deleted one is billed, how long results and links live after the "
    "first minutes."
)
_SHORTEST_SECRET = 8


def page(record: Record, plan: Plan, base_url: str, token: str, at: datetime) -> str:
    """Return the page; the key, accounts and ids are struck out wherever they may stand."""
    text = "\n".join(_lines(record, plan, base_url, at)) + "\n"
    for secret in {token, *_named(record)}:
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, "***")
    return text


def left(record: Record) -> list[str]:
    """Return in sentences what the operator has to look after in the account."""
    kept = sum(not gone for gone in record.made.values())
    told = []
    if kept:
        told.append(f"{kept} of {len(record.made)} generations could not be deleted.")
    if record.unclear:
        told.append(
            f"Of {record.unclear} requests nobody knows whether they made a generation; see the "
            "account's page."
        )
    return told


def _lines(record: Record, plan: Plan, base_url: str, at: datetime) -> Iterator[str]:
    found = lessons(record, plan)
    learned = [each for each in found if each.answer is not None]
    host = urlsplit(base_url).hostname
    yield "# What NetMind answers to this key"
    yield ""
    yield f"By `python -m bot check --probe` of Foley {version()} at {host},"
    yield f"{at:%Y-%m-%d %H:%M} UTC, with {plan.model.id}. {_count(record)}"
    yield from (f"\n**{sentence}**" for sentence in (record.stopped, *left(record)) if sentence)
    yield from _part("Advice", [f"- {each.advice}" for each in learned if each.advice])
    rows = [f"| {_cell(each.question)} | {_cell(each.answer or '')} |" for each in learned]
    yield from _part("Learned", ["| question | answer |", "|---|---|", *rows] if rows else [])
    yield from _part("Not learned", _unlearned(found))
    yield from ("", _NOT_TRIED)


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    lines = [*lines]
    if lines:
        yield from ("", f"## {title}", "", *lines)


def _unlearned(found: Iterable[Lesson]) -> Iterator[str]:
    return (f"- {each.question}" for each in found if each.answer is None)


def _count(record: Record) -> str:
    count, gone = len(record.made), sum(record.made.values())
    made = "1 generation was" if count == 1 else f"{count} generations were"
    return f"{made} made and {gone} deleted, with {len(record.exchanges)} requests."


def _named(record: Record) -> Iterator[str]:
    """Yield the accounts and the generations that any answer names."""
    yield from record.made
    for exchange in record.exchanges:
        listed = exchange.fields.get("generation_list")
        for told in [exchange.fields, *(listed if isinstance(listed, list) else [])]:
            if isinstance(told, dict):
                yield from (str(told[name]) for name in ("id", "user_id") if told.get(name))


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
