"""Playing many cases, a few at a time, each of these with its own Discord and NetMind."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from time import monotonic

from tests.crash.case import Case, Outcome
from tests.crash.stage import play
from tests.crash.stores import Stores
from tests.rig.bots import Services
from tests.rig.nursery import Nursery


async def play_all(
    cases: Iterable[Case], stores: Stores, *, at_once: int, seconds: float = float("inf")
) -> AsyncIterator[Outcome]:
    """Play the cases and give each outcome as it comes; after so many seconds none is begun."""
    waiting = iter(cases)
    over = monotonic() + seconds
    done: asyncio.Queue[Outcome | None] = asyncio.Queue()

    async def bench(number: int, nursery: Nursery) -> None:
        async with await Services.start(nursery) as services:
            for index, case in enumerate(waiting):
                if monotonic() > over:
                    break
                done.put_nowait(await _play(case, services, stores, f"crash-{number}-{index}"))
        done.put_nowait(None)

    async with await Nursery.start() as nursery, asyncio.TaskGroup() as group:
        for number in range(at_once):
            group.create_task(bench(number, nursery))
        benches = at_once
        while benches:
            outcome = await done.get()
            if outcome is None:
                benches -= 1
            else:
                yield outcome


async def _play(case: Case, services: Services, stores: Stores, name: str) -> Outcome:
    """Play a case in a folder of its own, which is kept if the case shows something wrong."""
    parent = Path(tempfile.mkdtemp(prefix="foley-"))
    folder = parent / name
    folder.mkdir()
    database = await stores.fresh(case.store, folder)
    try:
        outcome = await play(case, services, database, folder)
    finally:
        await stores.drop(case.store, folder)
    if not outcome.violations:
        shutil.rmtree(parent)
    return outcome
