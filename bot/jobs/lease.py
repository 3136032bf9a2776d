"""Holding a claim while the work on it lasts.

A claim ends soon after its holder has died, so that another one takes over quickly; a living
holder renews it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import structlog

from storage.errors import StorageError

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
_RENEW_SECONDS = 6.0


@asynccontextmanager
async def held(renew: Callable[[], Awaitable[bool]]) -> AsyncIterator[None]:
    """Renew a claim every few seconds until the block ends.

    A claim that was lost stays lost: whatever the block then writes is refused by its epoch.
    """
    renewing = asyncio.create_task(_keep(renew))
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)


async def _keep(renew: Callable[[], Awaitable[bool]]) -> None:
    while True:
        await asyncio.sleep(_RENEW_SECONDS)
        try:
            if not await renew():
                return
        except StorageError as error:
            log.warning("lease_not_renewed", error=str(error))
