"""Discord: the token, the application, its commands, and what the bot may do where it is used."""

import asyncio
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass

import aiohttp
import discord
from discord.http import Route

from bot.check import application, commands, permissions
from bot.check.finding import Finding, ok, wrong
from bot.check.within import listed, within
from bot.config import Settings
from bot.netmind.catalog import Catalog
from bot.permissions import INVITED_WITH
from storage.database import Address

_LOGIN_SECONDS = 15.0
_SECONDS = 30.0


@dataclass(frozen=True)
class Discord:
    """What was found, and the link that invites the bot if the token is good."""

    findings: list[Finding]
    invite: str | None = None


async def look(settings: Settings, catalog: Catalog | None, address: Address | None) -> Discord:
    """Log in and look; nothing is changed.

    `address`: of a database with this version's schema; None: there is none that can be read.
    """
    # The library keeps this address on a class; there is no other way.
    Route.BASE = settings.discord_api_base
    client = discord.Client(intents=discord.Intents(guilds=True))
    try:
        refusal = await _log_in(client, settings.discord_token.get_secret_value())
        if refusal is not None:
            return Discord([refusal])
        found = await asyncio.gather(*_looks(client, catalog, address))
        invite = application.invite(client.application_id or 0, INVITED_WITH)
        said = ok("discord", f"The token is good; it is {_name(client)}'s.")
        return Discord([said, *(each for findings in found for each in findings)], invite)
    finally:
        await client.close()


async def _log_in(client: discord.Client, token: str) -> Finding | None:
    try:
        async with asyncio.timeout(_LOGIN_SECONDS):
            await client.login(token)
    except discord.LoginFailure:
        return wrong(
            "discord", "Discord refused DISCORD_TOKEN. Copy it anew from the developer portal."
        )
    except (discord.HTTPException, aiohttp.ClientError, OSError, TimeoutError) as error:
        return wrong("discord", _no_answer(error))
    return None


def _looks(
    client: discord.Client, catalog: Catalog | None, address: Address | None
) -> Iterator[Awaitable[list[Finding]]]:
    assert client.application is not None  # noqa: S101 - it is logged in
    yield _now(application.judge(client.application, catalog))
    if catalog is not None:
        told = _told("commands", commands.look(client, catalog, address))
        yield within(_SECONDS, "commands", told, listed)
    if address is not None:
        told = _told("permissions", permissions.look(client, address))
        yield within(_SECONDS, "permissions", told, listed)


async def _now(findings: list[Finding]) -> list[Finding]:
    return findings


async def _told(name: str, look: Awaitable[list[Finding]]) -> list[Finding]:
    """Look, and say so if Discord did not answer what it was asked."""
    try:
        return await look
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        return [wrong(name, _no_answer(error))]


def _no_answer(error: Exception) -> str:
    status = f" ({error.status})" if isinstance(error, discord.HTTPException) else ""
    return f"Discord gave no answer: {type(error).__name__}{status}. Look again later."


def _name(client: discord.Client) -> str:
    return "".join(letter for letter in str(client.user) if letter.isprintable())
