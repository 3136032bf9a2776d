"""pause, resume, drain and sync: what operators tell a bot that is running elsewhere."""

import asyncio
from typing import Annotated

import typer

from bot.app import log_in, open_app
from bot.clock import utc_now
from bot.commands.database import opened
from bot.commands.ends import NOT_YET, end, enter
from bot.commands.panels import RUN
from bot.config import Settings
from bot.jobs import pause as pauses
from bot.jobs.pause import Left
from bot.netmind.catalog import Catalog

live = typer.Typer()

# Seconds between two looks.
_EVERY = 2.0

Words = Annotated[str, typer.Option(help="What people read beside that.")]


@live.command(rich_help_panel=RUN)
def pause(words: Words = "") -> None:
    """Have running bots take nothing new, on any server; what is under way goes on."""
    enter(_pause(words))


@live.command(rich_help_panel=RUN)
def resume() -> None:
    """Have them take requests again."""
    enter(_resume())


@live.command(rich_help_panel=RUN)
def drain(
    words: Words = "",
    seconds: Annotated[
        int | None, typer.Option(min=1, help="How long to wait; default: as long as it takes.")
    ] = None,
) -> None:
    """Pause, and wait until everything under way is made and posted."""
    enter(_drain(words, seconds))


@live.command(rich_help_panel=RUN)
def sync(
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also if nothing has changed since the last time.")
    ] = False,
) -> None:
    """Give Discord the commands, if they have changed; a start does so by itself."""
    enter(_sync(force=force))


async def _pause(words: str) -> None:
    async with opened() as database:
        await pauses.pause(database, words)
    typer.echo("Paused: nothing new is taken until `python -m bot resume`.")


async def _resume() -> None:
    async with opened() as database:
        was = await pauses.resume(database)
    typer.echo("Requests are taken again." if was else "It was not paused.")


async def _drain(words: str, seconds: int | None) -> None:
    began, told = utc_now(), None
    async with opened() as database:
        await pauses.pause(database, words)
        while left := await pauses.left(database):
            if left != told:
                typer.echo(_said(left))
                told = left
            if seconds is not None and (utc_now() - began).total_seconds() >= seconds:
                end(["It is not done yet. It stays paused; run drain again."], NOT_YET)
            await asyncio.sleep(_EVERY)
    typer.echo("Everything is made and posted. `python -m bot resume` takes requests again.")


def _said(left: Left) -> str:
    return (
        f"{left.waiting} wait, {left.making} are being made, {left.posting} are being posted, "
        f"{left.reviewing} wait for moderators."
    )


async def _sync(*, force: bool) -> None:
    settings = Settings.load()
    async with open_app(settings, Catalog.load(settings.models_file)) as app:
        if force:
            await app.client.forget_sync()
        await log_in(app)
        synced = app.client.synced
    if synced:
        typer.echo(f"Discord has the {synced} commands of this version now.")
    else:
        typer.echo("Discord has them already; nothing has changed.")
