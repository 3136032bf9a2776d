"""init: the two tokens, a file with them, and whether all is well."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from bot.check.looks import check_all
from bot.check.report import show
from bot.commands.check import quiet
from bot.commands.ends import CHECK_FAILED, end
from bot.commands.panels import BEGIN

start = typer.Typer()

_FILE = Path(".env")
_DEVELOPER_PORTAL = "https://discord.com/developers/applications"
_NETMIND = "https://www.netmind.ai"
_LONGEST = 500

Token = Annotated[str | None, typer.Option(help="Asked for if it is not given.")]


@start.command(rich_help_panel=BEGIN)
def init(
    discord_token: Token = None,
    netmind_api_token: Token = None,
    *,
    force: Annotated[bool, typer.Option("--force", help="Write over tokens in .env.")] = False,
) -> None:
    """Ask for the two tokens, write .env, look whether all is well, and say how to go on."""
    lines = _FILE.read_text().splitlines() if _FILE.exists() else []
    written = {line.partition("=")[0].strip() for line in lines if "=" in line}
    if not force and (known := written & {"DISCORD_TOKEN", "NETMIND_API_TOKEN"}):
        end([f"{_FILE} has {' and '.join(sorted(known))} already; --force writes over them."], 2)
    tokens = {
        "DISCORD_TOKEN": _ask("Discord bot token", _DEVELOPER_PORTAL, discord_token),
        "NETMIND_API_TOKEN": _ask("NetMind API token", _NETMIND, netmind_api_token),
    }
    kept = [line for line in lines if line.partition("=")[0].strip() not in tokens]
    _write([*kept, *(f"{name}={value}" for name, value in tokens.items())])
    typer.echo(f"\nWritten to {_FILE}, which only you can read. Now looking whether all is well.\n")
    # What stands in the environment goes before the file, and would be looked at instead.
    for name in tokens:
        os.environ.pop(name, None)
    with quiet():
        report = asyncio.run(check_all())
    show(report)
    if not report.all_well:
        typer.echo("\nMend what is wrong, then: python -m bot check")
        raise typer.Exit(CHECK_FAILED)
    typer.echo("\nInvite the bot with the link above, then: python -m bot run")


def _ask(what: str, where: str, given: str | None) -> str:
    if given is None:
        given = typer.prompt(f"{what} ({where})", hide_input=True)
    token = given.strip()
    if not token or len(token) > _LONGEST or not token.isascii() or len(token.split()) != 1:
        end([f"That is no {what}: it is one word, without spaces."], 2)
    return token


def _write(lines: list[str]) -> None:
    """Write the file whole or not at all, readable for nobody else."""
    part = _FILE.with_name(f"{_FILE.name}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    part.write_text("\n".join(lines) + "\n")
    part.replace(_FILE)
