"""The slash commands: whether Discord has those of this version."""

from typing import Any

import discord
from discord import app_commands

from bot.check.database import reading
from bot.check.finding import Finding, ok, warning, wrong
from bot.client import Foley, synced_fact
from bot.netmind.catalog import Catalog
from storage import facts
from storage.database import Address
from storage.errors import StorageError

Names = frozenset[tuple[int, str]]
"""The type and the name of each command."""


async def look(client: discord.Client, catalog: Catalog, address: Address | None) -> list[Finding]:
    """Compare what Discord has with what this version would give it.

    `address`: of a database with this version's schema; None: there is none.
    """
    ours = await _ours(catalog)
    theirs = await app_commands.CommandTree(client).fetch_commands()
    given = None if address is None else await _given(address, client.application_id)
    payloads = [each.to_dict(ours.tree) for each in ours.tree.get_commands()]
    finding = judge(
        frozenset((each["type"], each["name"]) for each in payloads),
        frozenset((each.type.value, each.name) for each in theirs),
        up_to_date=given == ours.commands_digest(),
    )
    return [finding]


def judge(ours: Names, theirs: Names, *, up_to_date: bool) -> Finding:
    """Say whether they are the same; `up_to_date`: Discord was last given just these."""
    if not up_to_date:
        return warning(
            "commands",
            "Discord was not given the commands of this version yet; `run` does so when it "
            "starts, or `python -m bot sync` now.",
        )
    if ours != theirs:
        return wrong(
            "commands",
            "Somebody else has changed the commands at Discord: "
            f"{len(ours - theirs)} are missing and {len(theirs - ours)} are not Foley's. "
            "`python -m bot sync --force` mends it.",
        )
    return ok("commands", f"Discord has the {len(ours)} commands of this version.")


async def _ours(catalog: Catalog) -> Foley:
    """Return a client with its commands alone: it serves nobody and never logs in."""
    nothing: Any = None
    client = Foley(nothing, catalog, nothing)
    await client.load_cogs()
    return client


async def _given(address: Address, application_id: int | None) -> str | None:
    try:
        async with reading(address) as connection:
            return await facts.get(connection, synced_fact(application_id))
    except StorageError:  # the database has a finding of its own
        return None
