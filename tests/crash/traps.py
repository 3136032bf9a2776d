"""Points that only the outside can see: a service holds still there, and the bot is ended."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.rig.bots import Services
from tests.standins.discord import faults as discord_faults
from tests.standins.discord.ledger import Entry
from tests.standins.netmind import faults as netmind_faults

_SEND = "/channels/{channel_id}/messages"
# Seconds. A held answer outlives the bot that waits for it; a stopped one finds it when it wakes.
_HOLD = 5.0
_PATIENCE = 120.0


@dataclass(frozen=True)
class Trap:
    """Lay it before the bot starts; `sprung` returns when the bot is in it."""

    lay: Callable[[Services], Awaitable[None]]
    sprung: Callable[[Services], Awaitable[object]]


async def _hold_create(services: Services) -> None:
    await services.netmind.plan(netmind_faults.slow(hold=_HOLD).on("create"))


async def _created(services: Services) -> object:
    mark = max((entry.seq for entry in await services.netmind.ledger()), default=0)
    return await services.netmind.wait_for(
        lambda entry: entry.kind == "generation.created", timeout=_PATIENCE, after=mark
    )


async def _hold_upload(services: Services) -> None:
    held = discord_faults.Fault(hold=_HOLD).on("POST", _SEND)
    await services.discord.plan(held)


async def _hold_half(services: Services) -> None:
    await services.discord.plan(discord_faults.half_upload(_HOLD).on("POST", _SEND))


async def _uploaded(services: Services) -> object:
    return await _seen(services, lambda entry: entry.route == _SEND and bool(entry.message_id))


async def _half_uploaded(services: Services) -> object:
    return await _seen(services, lambda entry: entry.kind == "upload.half")


async def _seen(services: Services, predicate: Callable[[Entry], object]) -> object:
    """Wait for something new in Discord's ledger."""
    mark = max((entry.seq for entry in await services.discord.ledger()), default=0)
    return await services.discord.wait_for(predicate, timeout=_PATIENCE, after=mark)


TRAPS = {
    "create.unread": Trap(_hold_create, _created),
    "upload.half": Trap(_hold_half, _half_uploaded),
    "upload.unread": Trap(_hold_upload, _uploaded),
    "zombie.create": Trap(_hold_create, _created),
    "zombie.upload": Trap(_hold_upload, _uploaded),
}
