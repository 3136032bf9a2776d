"""Looks at everything that a deployment needs, and says what is wrong, all at once."""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass

import aiohttp
import av
import discord
from rich.console import Console
from rich.table import Table

from bot.config import Settings, SettingsError
from bot.netmind.catalog import Catalog, CatalogError
from bot.netmind.client import NetmindClient, open_session
from bot.netmind.errors import NetmindError
from bot.permissions import INVITED_WITH
from storage import integrity, migrate
from storage.database import Address, Database
from storage.errors import StorageError
from storage.migrate import Schema

# Variables that a platform sets whose disk is wiped on every deploy, or daily.
_WIPED = {
    "DYNO": "Heroku",
    "RENDER": "Render",
    "RAILWAY_ENVIRONMENT": "Railway",
    "FLY_APP_NAME": "Fly.io",
    "KOYEB_APP_NAME": "Koyeb",
}
_CODECS = ("flac", "libx264", "aac", "libopus")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    ok: bool
    says: str


async def check_all() -> list[Finding]:
    """Look at everything; nothing is changed and nothing is raised."""
    try:
        settings = Settings.load()
    except SettingsError as error:
        return [Finding("settings", False, problem) for problem in error.problems]
    return [
        Finding("settings", True, "All are readable."),
        _catalogue(settings),
        *await _database(settings),
        *_disk(settings),
        await _discord(settings),
        await _netmind(settings),
        _codecs(),
    ]


def _catalogue(settings: Settings) -> Finding:
    try:
        catalog = Catalog.load(settings.models_file)
    except CatalogError as error:
        return Finding("catalogue", False, " ".join(error.problems))
    notes = " ".join(f"{model.title}: {model.licence}" for model in catalog.models)
    return Finding("catalogue", True, notes)


async def _database(settings: Settings) -> list[Finding]:
    try:
        schema = await _schema(settings.database)
    except StorageError as error:
        return [Finding("database", False, str(error))]
    kind = settings.database.kind
    says = {
        Schema.EMPTY: f"{kind}, still empty; it is prepared at the first start.",
        Schema.OLDER: f"{kind}, of an older version; it is brought up to date at the next start.",
        Schema.CURRENT: f"{kind}, up to date.",
        Schema.NEWER: f"{kind}, written by a newer version of Foley than this one.",
    }
    return [Finding("database", schema is not Schema.NEWER, says[schema])]


async def _schema(address: Address) -> Schema:
    if address.path is not None and not address.path.exists():
        return Schema.EMPTY  # to look into it would make it
    await integrity.look(address)
    database = Database.open(address)
    try:
        return await migrate.look(database)
    finally:
        await database.close()


def _disk(settings: Settings) -> Iterator[Finding]:
    if settings.database.path is None:
        return
    platform = next((name for variable, name in _WIPED.items() if variable in os.environ), None)
    if platform is not None:
        yield Finding(
            "disk",
            False,
            f"{platform} wipes this disk, and people's jobs with it. "
            "Set DATABASE_URL to a PostgreSQL, or put DATA_DIR on a volume.",
        )


async def _discord(settings: Settings) -> Finding:
    client = discord.Client(intents=discord.Intents.none())
    discord.http.Route.BASE = settings.discord_api_base
    try:
        await client.login(settings.discord_token.get_secret_value())
        link = discord.utils.oauth_url(
            client.application_id or 0,
            permissions=INVITED_WITH,
            scopes=("bot", "applications.commands"),
        )
        return Finding("discord", True, f"Logged in as {client.user}. Invite: {link}")
    except discord.LoginFailure:
        return Finding("discord", False, "Discord refused DISCORD_TOKEN.")
    except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
        return Finding("discord", False, f"Discord gave no answer ({type(error).__name__}).")
    finally:
        await client.close()


async def _netmind(settings: Settings) -> Finding:
    async with open_session() as session:
        token = settings.netmind_api_token.get_secret_value()
        try:
            found = await NetmindClient(session, settings.netmind_base_url, token).list()
        except NetmindError as error:
            return Finding("netmind", False, f"{error}.")
    return Finding("netmind", True, f"The key is good; the account lists {len(found)} generations.")


def _codecs() -> Finding:
    missing = [name for name in _CODECS if name not in av.codecs_available]
    if missing:
        return Finding("codecs", False, f"This build of FFmpeg lacks {', '.join(missing)}.")
    return Finding("codecs", True, f"{', '.join(_CODECS)} are there.")


def print_findings(findings: list[Finding], *, as_json: bool) -> None:
    """Print the findings: a table for people, JSON for machines."""
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings]))  # noqa: T201 - it is the output
        return
    table = Table(show_header=False, box=None, padding=(0, 1))
    for finding in findings:
        mark = "[green]ok[/]" if finding.ok else "[red]wrong[/]"
        table.add_row(mark, finding.name, finding.says)
    Console(highlight=False).print(table)
