"""Ids: which job, server and delivery the lines of the log are about.

They are bound where work begins, so that every line in it has them, whoever writes it; reports of
errors and traces take them from here as well. They last until the block or the task ends.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from structlog.contextvars import bind_contextvars, bound_contextvars, get_contextvars

from bot import redact
from bot.buttons import TEMPLATE, Action
from storage.deliveries import Delivery
from storage.jobs import Job

NAMES = ("job", "guild", "delivery")


@contextmanager
def about(job: Job) -> Iterator[None]:
    """Bind a job's ids for this block, and keep its words out of what is written meanwhile."""
    with bound_contextvars(**_of_job(job)), redact.typed(_words(job)):
        yield


def note_job(job: Job) -> None:
    """Bind a job's ids for the rest of the task."""
    bind_contextvars(**_of_job(job))
    redact.note_typed(_words(job))


def note_delivery(delivery: Delivery) -> None:
    """Bind a delivery's ids for the rest of the task."""
    bind_contextvars(job=delivery.job_id, delivery=delivery.id)


@contextmanager
def about_interaction(event: Mapping[str, Any]) -> Iterator[None]:
    """Bind what Discord's event of an interaction is about, and keep what was typed out."""
    data: Mapping[str, Any] = event.get("data") or {}
    with bound_contextvars(**_of_interaction(event, data)), redact.typed(_values(data)):
        yield


def bound() -> dict[str, int]:
    """Return the ids that are bound now."""
    return {name: value for name, value in get_contextvars().items() if name in NAMES}


def _of_job(job: Job) -> dict[str, int]:
    return {"job": job.id} | ({} if job.guild_id is None else {"guild": job.guild_id})


def _words(job: Job) -> list[object]:
    return [job.prompt, *job.options.values()]


def _of_interaction(event: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the server and the command, or the button or form with its job."""
    ids: dict[str, Any] = {"guild": int(event["guild_id"])} if event.get("guild_id") else {}
    if "name" in data:
        return ids | {"command": data["name"]}
    match = re.fullmatch(TEMPLATE, data.get("custom_id", ""))
    if match is None or match["action"] not in set(Action):
        return ids
    return ids | {"command": match["action"], "job": int(match["job"])}


def _values(given: object) -> Iterator[object]:
    """Yield what stands in the fields of a command or form, however deep."""
    if isinstance(given, Mapping):
        yield given.get("value")
        for inner in given.values():
            yield from _values(inner)
    elif isinstance(given, Sequence) and not isinstance(given, str):
        for inner in given:
            yield from _values(inner)
