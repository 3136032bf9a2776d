"""Run one request in a child process that can be killed at any moment."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bot.media.errors import MediaCrashError, TooHeavyError
from bot.media.limits import Limits

ANSWER_BYTES = 64 * 1024
"""More than any answer; a child that says more is not ours any longer."""

_ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "LANG", "LC_ALL", "TMPDIR")
"""Environment variables the child may see; tokens are not among them."""
_FRUGAL = {"OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2", "PYTHONDONTWRITEBYTECODE": "1"}
"""Threads nobody uses would take address space that the limit of memory counts."""
_TOO_LONG = "the file took too long to work on"


async def run(request: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Send a request to a fresh child and give its answer; no process is left behind.

    Raises TooHeavyError after `limits.wall_seconds`, or if the child was killed for its time or
    memory; MediaCrashError if it died otherwise. Cancelling kills the child.
    """
    child = await _start_child()
    try:
        async with asyncio.timeout(limits.wall_seconds):
            answer = await _ask(child, json.dumps(request).encode() + b"\n")
            await child.wait()
    except TimeoutError:
        raise TooHeavyError(_TOO_LONG) from None
    finally:
        await asyncio.shield(_end(child))
    return _understood(answer, child.returncode or 0)


async def _start_child() -> asyncio.subprocess.Process:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with _sigterm_held_back():
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot.media.child",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # FFmpeg writes there what it finds in a file, which is anything.
            stderr=asyncio.subprocess.DEVNULL,
            env=environment | _FRUGAL | {"PYTHONPATH": str(_ROOT)},
            start_new_session=True,
        )


@contextlib.contextmanager
def _sigterm_held_back() -> Iterator[None]:
    """Start children here that SIGTERM never reaches, from their first moment on.

    Heroku sends it to every process, and what the child works on is still to be posted. To this
    process it comes a moment later.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        yield
    finally:
        # Not the mask from before: another start may have begun meanwhile, and ended later.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


async def _ask(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the child was started without pipes")
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        child.stdin.write(request)
        await child.stdin.drain()
    answer = b""
    while len(answer) <= ANSWER_BYTES:
        piece = await child.stdout.read(ANSWER_BYTES)
        if not piece:
            return answer
        answer += piece
    raise MediaCrashError("the answer is too long")


async def _end(child: asyncio.subprocess.Process) -> None:
    """Kill the child with all it may have started, and collect it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await child.communicate()


def _understood(answer: bytes, code: int) -> dict[str, Any]:
    if code == -signal.SIGXCPU:
        raise TooHeavyError(_TOO_LONG)
    if code == -signal.SIGKILL:
        raise TooHeavyError("the file needs more than this machine has")
    try:
        found = json.loads(answer)
    except ValueError:
        raise MediaCrashError(f"the work on the file ended with status {code}") from None
    if not isinstance(found, dict):
        raise MediaCrashError("the answer is no object")
    return found
