"""The gateway's heartbeat on the loop: discord.py's own is a thread that lives by real time."""

import asyncio
from typing import Any


class Heart:
    """Beats as discord.gateway.KeepAliveHandler does."""

    def __init__(self, *, ws: Any, interval: float, shard_id: int | None = None) -> None:
        self.shard_id = shard_id
        self.latency = float("inf")
        self._ws = ws
        self._interval = interval
        self._loop: asyncio.AbstractEventLoop = ws.loop
        self._sent = self._heard = self._loop.time()
        self._beating: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._beating = self._loop.create_task(self._beat(), name="heart")

    def stop(self) -> None:
        if self._beating is not None and self._beating is not asyncio.current_task():
            self._beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._interval)
            if self._heard + self._ws._max_heartbeat_timeout < self._loop.time():
                await self._ws.close(4000)
                return
            try:
                await self._ws.send_heartbeat(self.get_payload())
            except Exception:  # noqa: BLE001 - as the original: the reader finds out by itself
                return
            self._sent = self._loop.time()

    def get_payload(self) -> dict[str, Any]:
        return {"op": self._ws.HEARTBEAT, "d": self._ws.sequence}

    def beat(self) -> dict[str, Any]:
        self._sent = self._loop.time()
        return self.get_payload()

    def tick(self) -> None:
        self._heard = self._loop.time()

    def ack(self) -> None:
        self.latency = self._loop.time() - self._sent
