"""A process as platforms start it: through a shell, in a group that is signalled as a whole."""

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.program import ROOT, Ended

GRACE = 30.0
"""Seconds from SIGTERM to SIGKILL on Heroku and Dokku, where nobody can change them in a file."""


def free_port() -> int:
    """Return a port that nothing listens on, below those that systems give out by themselves."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("", port))
            return port


@asynccontextmanager
async def started(
    command: str, folder: Path, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start the command in a folder without `.env`; whatever happens, it is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", command),
        cwd=folder,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", **environment}
        | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> Ended:
    """Wait for its end as long as a platform does. Raises TimeoutError."""
    stdout, stderr = await asyncio.wait_for(process.communicate(), GRACE)
    return Ended(process.returncode or 0, stdout.decode(), stderr.decode())
