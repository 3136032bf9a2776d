"""Run the stand-in: one JSON line on stdout says where it listens, then it serves until stopped."""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import dataclass

from aiohttp import web

from tests.standins.netmind import control
from tests.standins.netmind.door import HOST
from tests.standins.netmind.world import DEFAULT_TOKEN, NetmindWorld


@dataclass(frozen=True)
class Options:
    """The command line."""

    port: int
    token: str
    seed: int
    watch_stdin: bool


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.standins.netmind", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the only API token that is right")
    parser.add_argument("--seed", type=int, default=0, help="decides ids and latencies")
    parser.add_argument("--watch-stdin", action="store_true", help="stop when stdin ends")
    return Options(**vars(parser.parse_args()))


async def serve(options: Options) -> None:
    """Serve the API on one port and the control calls on another, which is never shut."""
    world = NetmindWorld(port=options.port, token=options.token, seed=options.seed)
    async with world:
        runner = web.AppRunner(world.control.application(), access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        where = {
            "base_url": world.base_url,
            "control": f"http://{HOST}:{runner.addresses[0][1]}{control.PREFIX}",
            "token": world.token,
            "host_port": world.host_port,
            "user_id": world.user_id,
        }
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        await _until_stopped(watch_stdin=options.watch_stdin)
        await runner.cleanup()


async def _until_stopped(*, watch_stdin: bool) -> None:
    """Until a signal comes or, so that nothing outlives its test, whoever started this is gone."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if watch_stdin:
        loop.add_reader(sys.stdin.fileno(), stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    asyncio.run(serve(read_options()))
