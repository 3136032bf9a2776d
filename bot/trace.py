"""Traces: what a job goes through, step by step, for operators who collect such things.

Nothing is traced unless bot.extras has put a tracer in place; then each call here costs a look at
a variable. A trace knows ids, names, times and codes: never a prompt, a link or a person.
"""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from datetime import datetime
from typing import Protocol

Fact = str | int


class Span(Protocol):
    """Something that begins and ends, and what is known of it."""

    def note(self, *, failed: bool = False, **facts: Fact) -> None:
        """Keep these facts; `failed`: it did not go well."""


class Tracer(Protocol):
    """What the calls below reach, if anything."""

    def accepted(self, key: int, **facts: Fact) -> None:
        """See the function accepted."""

    def step(self, name: str, key: int) -> AbstractContextManager[Span]:
        """See the function step."""

    def past(self, name: str, key: int, began: datetime, ended: datetime) -> None:
        """See the function past."""

    def call(self, name: str) -> AbstractContextManager[Span]:
        """See the function call."""


class _Untold:
    """The span of somebody who does not trace."""

    def __enter__(self) -> Span:
        return self

    def __exit__(self, *_: object) -> None:
        """Let everything pass."""

    def note(self, *, failed: bool = False, **facts: Fact) -> None:
        """Forget it."""


TRACER: ContextVar[Tracer | None] = ContextVar("tracer", default=None)
UNTOLD = _Untold()


def accepted(key: int, **facts: Fact) -> None:
    """Begin the trace of a job. `key` is what every process knows it by: its interaction."""
    if (tracer := TRACER.get()) is not None:
        tracer.accepted(key, **facts)


def step(name: str, key: int) -> AbstractContextManager[Span]:
    """Return the span of one step in the trace of a job."""
    tracer = TRACER.get()
    return UNTOLD if tracer is None else tracer.step(name, key)


def past(name: str, key: int, began: datetime | None, ended: datetime) -> None:
    """Tell of a step that has gone by; None: there was none."""
    if began is not None and (tracer := TRACER.get()) is not None:
        tracer.past(name, key, began, ended)


def call(name: str) -> AbstractContextManager[Span]:
    """Return the span of a request to somebody else, if it is a part of a step."""
    tracer = TRACER.get()
    return UNTOLD if tracer is None else tracer.call(name)
