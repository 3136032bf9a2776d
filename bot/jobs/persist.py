"""Writing down what exists nowhere else, however long the database takes no writes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import stamina

from storage.errors import UnavailableError

T = TypeVar("T")

# Seconds. Past them the answer is lost, as if the process had been killed.
_KEEP = 600.0


async def written(write: Callable[[], Awaitable[T]]) -> T:
    """Do the write, again and again while the database is unavailable; return what it returns.

    It must be one that may be done twice: a commit may succeed although nobody was told. Raises
    UnavailableError after ten minutes.
    """
    again = stamina.AsyncRetryingCaller(attempts=None, timeout=_KEEP, wait_max=5.0)
    return await again.on(UnavailableError)(write)
