"""The requests that are being served, so that a reset can end them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Tasks = set[asyncio.Task[Any]]


@contextmanager
def in_hand(tasks: Tasks) -> Iterator[None]:
    """Count the current task among these while it is inside."""
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("Only a task can be held in hand.")
    tasks.add(task)
    try:
        yield
    finally:
        tasks.discard(task)


async def end_all(tasks: Tasks) -> None:
    """Cancel all of these and wait until they are gone."""
    ending = set(tasks)
    for task in ending:
        task.cancel()
    if ending:
        await asyncio.wait(ending)
