"""All the looks, at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from bot.check import clock, codecs, database, disk, memory, netmind, public_url, settings
from bot.check import discord as discord_look
from bot.check.discord import Discord
from bot.check.finding import Finding, any_wrong
from bot.check.settings import Readable
from bot.check.within import listed, within
from bot.netmind.catalog import Catalog
from storage.database import Address
from storage.migrate import Schema

_SECONDS = 20.0
_NETMIND_SECONDS = 40.0
_DISCORD_SECONDS = 60.0


@dataclass(frozen=True)
class Report:
    """What was found, in a fixed order; `invite`: the link that invites the bot."""

    findings: list[Finding]
    invite: str | None = None

    @property
    def all_well(self) -> bool:
        """Whether nothing has to be mended."""
        return not any_wrong(self.findings)


async def check_all() -> Report:
    """Look at everything that the settings allow; nothing is changed and nothing is raised."""
    readable = settings.read()
    catalog, about_settings = _settings(readable)
    (about_data, discord), others = await asyncio.gather(
        _data_and_discord(readable, catalog), asyncio.gather(*_others(readable))
    )
    rest = [finding for findings in others for finding in findings]
    found = [*about_settings, *about_data, *discord.findings, *rest]
    return Report(found, discord.invite)


def _settings(readable: Readable) -> tuple[Catalog | None, list[Finding]]:
    if not readable.have("models_file"):
        return None, readable.findings
    catalog, finding = settings.catalogue(readable.settings)
    return catalog, [*readable.findings, finding]


async def _data_and_discord(
    readable: Readable, catalog: Catalog | None
) -> tuple[list[Finding], Discord]:
    """Look at Discord after the database, which tells where in Discord the bot is used."""
    schema: Schema | None = None
    found: list[Finding] = []
    address: Address | None = None
    if readable.have("database_url", "data_dir"):
        address = readable.settings.database
        schema, found = await _data(address)
    if not readable.have("discord_token", "discord_api_base"):
        return found, Discord([])
    known = address if schema is Schema.CURRENT else None
    look = discord_look.look(readable.settings, catalog, known)
    return found, await within(_DISCORD_SECONDS, "discord", look, lambda wrong: Discord([wrong]))


async def _data(address: Address) -> tuple[Schema | None, list[Finding]]:
    looks = database.look(address)
    schema, finding = await within(_SECONDS, "database", looks, lambda wrong: (None, wrong))
    return schema, [finding, *await _now("disk", lambda: disk.look(address))]


def _others(readable: Readable) -> Iterator[Awaitable[list[Finding]]]:
    chosen = readable.settings
    if readable.have("netmind_api_token", "netmind_base_url"):
        yield within(_NETMIND_SECONDS, "netmind", netmind.look(chosen), listed)
    yield _now("codecs", codecs.look)
    yield _now("memory", memory.look)
    known = [("discord_api_base", chosen.discord_api_base + "/gateway")]
    known.append(("netmind_base_url", chosen.netmind_base_url))
    asked = [url for name, url in known if readable.have(name)]
    yield within(_SECONDS, "clock", clock.look(asked), listed)
    if chosen.public_url is not None and chosen.port is not None:
        yield within(_SECONDS, "public_url", public_url.look(chosen.public_url), listed)


def _now(name: str, look: Callable[[], list[Finding]]) -> Awaitable[list[Finding]]:
    """Look with what has nothing to wait for."""
    return within(_SECONDS, name, asyncio.to_thread(look), listed)
