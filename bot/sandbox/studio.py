"""Where orders are rendered: one child process, so that the event loop never waits for it.

A child that stays warm beats a thread (numpy's small operations hold the interpreter's lock, and a
Discord bot lives on the same loop) and beats a pool (a pool cannot stop one order of its own).
Parent to child: one JSON line an order, then the bytes of its video, as many as the line says.
Child to parent: a head (success, length), then the bytes of the file, or the text of what went
wrong.
"""

import asyncio
import contextlib
import dataclasses
import json
import os
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from bot.errors import FoleyError
from bot.sandbox.orders import Order

_HEAD = struct.Struct("!?Q")
_ROOT = Path(__file__).resolve().parents[2]
_KEPT = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR", "TEMP")
"""Environment variables the child may see; tokens are not among them."""
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": "33554432", "MALLOC_TRIM_THRESHOLD_": "134217728"}
"""Tells glibc to keep large blocks for the next array: a third of the time went into new pages."""


class RenderError(FoleyError):
    """An order could not be rendered."""


class Studio:
    """Renders one order at a time in a child process that starts with the first order."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def render(self, order: Order) -> bytes:
        """Make the file; cancelling the call stops the rendering."""
        async with self._turn:
            try:
                return await self._ask(order)
            except RenderError:
                raise
            except BaseException:
                await asyncio.shield(self._kill())
                raise

    async def close(self) -> None:
        """Stop the child; calling it again does nothing."""
        await self._kill()

    async def _ask(self, order: Order) -> bytes:
        child = self._child = self._child or await _start_child()
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("the child was started without pipes")
        asked = dataclasses.asdict(order) | {"video": len(order.video)}
        child.stdin.write(json.dumps(asked).encode() + b"\n" + order.video)
        await child.stdin.drain()
        good, length = _HEAD.unpack(await child.stdout.readexactly(_HEAD.size))
        body = await child.stdout.readexactly(length)
        if not good:
            raise RenderError(body.decode())
        return body

    async def _kill(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.communicate()


async def _start_child() -> asyncio.subprocess.Process:
    """Start a fresh child, in a session of its own so that Ctrl-C reaches the parent alone."""
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot.sandbox.studio",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=environment | _MEMORY | {"PYTHONPATH": str(_ROOT)},
        start_new_session=True,
    )


def render_order(order: Order) -> bytes:
    """Render here and now; seconds of pure computing."""
    # The heavy libraries are loaded in the process that renders, not in the one that serves.
    from bot.sandbox.dubbing import add_sound  # noqa: PLC0415
    from bot.sandbox.sound import render_sound  # noqa: PLC0415
    from bot.sandbox.speech import render_speech  # noqa: PLC0415
    from bot.sandbox.video import render_image, render_video  # noqa: PLC0415

    size = {"width": order.width, "height": order.height, "seed": order.seed}
    if order.video:
        return add_sound(
            order.video, order.prompt, seed=order.seed, negative_prompt=order.negative_prompt
        )
    if order.kind == "speech":
        return render_speech(order.prompt, seed=order.seed, voice=order.voice, speed=order.speed)
    if order.kind == "audio":
        return render_sound(
            order.prompt,
            seconds=order.seconds,
            seed=order.seed,
            negative_prompt=order.negative_prompt,
        )
    if order.kind == "image":
        return render_image(order.prompt, **size)
    return render_video(order.prompt, frames=order.frames, fps=order.fps, **size)


def _serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Live the whole life of the child: until the parent closes the pipe, or is gone."""
    for line in orders:
        try:
            asked = json.loads(line)
            video = orders.read(asked["video"])
            good, body = True, render_order(Order(**asked | {"video": video}))
        except Exception as error:  # noqa: BLE001 - the parent hears of it, whatever it is
            good, body = False, f"{type(error).__name__}: {error}".encode()
        answers.write(_HEAD.pack(good, len(body)) + body)
        answers.flush()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)  # the bot goes first
    _serve(sys.stdin.buffer, sys.stdout.buffer)
