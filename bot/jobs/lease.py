"""Holding a claim while the work on it lasts.

A claim ends soon after its holder has died, so that another one takes over quickly; a living
holder renews it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from bot.errors import FoleyError
from storage.errors import StorageError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
_RENEW_SECONDS = 6.0


class LeaseLostError(FoleyError):
    """Somebody else holds the claim now, and does the work."""


@asynccontextmanager
async def held(
    renew: Callable[[], Awaitable[bool]], *, or_stop: bool = False
) -> AsyncIterator[None]:
    """Renew a claim every few seconds until the block ends.

    A claim that was lost stays lost: whatever the block then writes is refused by its epoch. What
    it sends is not, so with `or_stop` the block is cut off. Raises LeaseLostError then.
    """
    try:
        async with asyncio.timeout(None) as block:
            renewing = asyncio.create_task(_keep(renew, block if or_stop else None))
            try:
                yield
            finally:
                renewing.cancel()
                await asyncio.gather(renewing, return_exceptions=True)
    except TimeoutError as error:
        if not block.expired():
            raise
        raise LeaseLostError("the claim was lost") from error


async def _keep(renew: Callable[[], Awaitable[bool]], block: asyncio.Timeout | None) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        try:
            if not await renew():
                if block is not None:
                    block.reschedule(asyncio.get_running_loop().time())
                return
        except StorageError as error:
            log.warning("lease_not_renewed", error=str(error))
