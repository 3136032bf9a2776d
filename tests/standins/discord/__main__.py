"""Run the stand-in: one JSON line on stdout says where it listens, then it serves until stopped."""

import argparse
import asyncio
import json
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from tests.standins.discord import control
from tests.standins.discord.contract import Contract
from tests.standins.discord.gateway import Gateway
from tests.standins.discord.http import PREFIX, Api
from tests.standins.discord.identity import gateway_url
from tests.standins.discord.ledger import Ledger
from tests.standins.discord.world import World, home_world

LARGEST_REQUEST = 1 << 30
DEFAULT_TOKEN = "standin-bot-token"


@dataclass(frozen=True)
class Options:
    """The command line."""

    port: int
    token: str
    openapi: Path | None
    watch_stdin: bool


def read_options() -> Options:
    parser = argparse.ArgumentParser(prog="tests.standins.discord", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the only bot token that is right")
    parser.add_argument("--openapi", type=Path, help="Discord's OpenAPI document")
    parser.add_argument("--watch-stdin", action="store_true", help="stop when stdin ends")
    return Options(**vars(parser.parse_args()))


def build(world: World, contract: Contract | None) -> web.Application:
    ledger = Ledger(world.token)
    api, gateway = Api(world, ledger, contract), Gateway(world, ledger)
    app = web.Application(client_max_size=LARGEST_REQUEST)
    control.Control(world, api, gateway).add_to(app)
    api.add_to(app)
    app.router.add_get("/gateway", gateway.serve)
    return app


async def serve(options: Options) -> None:
    world = home_world(options.token)
    contract = Contract.read(options.openapi) if options.openapi else None
    runner = web.AppRunner(build(world, contract), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", options.port)
    await site.start()
    world.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    where = {
        "api_base": world.base_url + PREFIX,
        "gateway": gateway_url(world),
        "control": world.base_url + control.PREFIX,
        "token": world.token,
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
