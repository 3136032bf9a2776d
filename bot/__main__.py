"""The command line: python -m bot run, demo, migrate, check, settings, words, block, export."""

import asyncio
import atexit
import os
import platform
import signal
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import discord
import structlog
import typer

from bot import operator_blocks, word_file
from bot.app import open_app, run
from bot.clock import utc_now
from bot.commands.check import check
from bot.commands.data import data
from bot.commands.database import opened
from bot.commands.ends import BAD_FILE, BAD_SETTINGS, NOT_THERE, end, enter
from bot.commands.live import live
from bot.commands.start import start
from bot.commands.stats import stats
from bot.config import Settings, StorageSettings, settings_table
from bot.extras import reporter_of, tracing
from bot.log import set_up
from bot.netmind.catalog import Catalog
from bot.version import commit, version
from storage import migrate as migrations
from storage.database import Database

cli = typer.Typer(
    help="Foley turns Discord slash commands into generated sound and video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
words = typer.Typer(help="Words that nobody may use in a prompt, on any server.")
cli.add_typer(words, name="words")
cli.add_typer(check)
cli.add_typer(data)
cli.add_typer(live)
cli.add_typer(start)
cli.add_typer(stats)

log = structlog.get_logger(__name__)

_MOST_DAYS = 3650
# Discord's numbers; larger ones no database keeps.
Person = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="The number of their Discord account.")
]


@cli.command(name="run")
def run_command(
    *,
    sandbox_netmind: Annotated[
        bool, typer.Option(help="Use the built-in NetMind: no account, real files, no AI.")
    ] = False,
) -> None:
    """Run the bot until it is stopped."""
    enter(_run_in_sandbox() if sandbox_netmind else _run())


@cli.command()
def demo(
    prompt: Annotated[str, typer.Option(envvar="PROMPT", help="What to make.")] = "",
    port: Annotated[int | None, typer.Option(help="Where the page listens.")] = None,
    *,
    stay: Annotated[
        bool | None, typer.Option(help="Keep the page up; default: on a terminal.")
    ] = None,
) -> None:
    """Show the main job on this machine: no accounts, nothing leaves it."""
    try:
        # It needs simcord, which nobody installs to run a bot.
        from bot.sandbox.demo import demo as show  # noqa: PLC0415
    except ModuleNotFoundError as error:
        end([f"The demo needs {error.name}; `make demo` installs it."], BAD_SETTINGS)

    stays = sys.stdout.isatty() if stay is None else stay
    try:
        code = asyncio.run(show(prompt.strip(), stay=stays, port=port))
    except KeyboardInterrupt:
        code = 0  # it is how the page is closed
    raise typer.Exit(code)


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    enter(_migrate())


@cli.command()
def settings() -> None:
    """Print every setting as a Markdown table."""
    typer.echo(settings_table())


@words.command(name="import")
def import_words(
    file: Annotated[Path, typer.Argument(help="One rule a line, as `words list` prints them.")],
) -> None:
    """Add the rules of a file; they hold on all servers and in direct messages."""
    enter(_import_words(file))


@words.command(name="list")
def list_words() -> None:
    """Print the rules for all servers as a file that can be imported."""
    enter(_list_words())


@cli.command()
def block(
    person: Person,
    reason: Annotated[str, typer.Option(help="They read this when they ask.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, max=_MOST_DAYS, help="Until lifted, if not given.")
    ] = None,
) -> None:
    """Let a person ask for nothing, on any server and in direct messages."""
    enter(_block(person, reason, days))


@cli.command()
def unblock(person: Person) -> None:
    """End such a block."""
    enter(_unblock(person))


@cli.command()
def blocks() -> None:
    """Print who is blocked everywhere, until when and why."""
    enter(_list_blocks())


def _asked_to_stop() -> asyncio.Event:
    """Return what is set by the first signal; Ctrl-C after it ends the process at once.

    A further SIGTERM changes nothing: Heroku may send several, and a shell passes its own on.
    """
    stopping = asyncio.Event()

    def asked(number: int) -> None:
        if stopping.is_set() and number == signal.SIGINT:
            os._exit(128 + number)  # as a shell tells of a signal; the database bears it
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked, number)
    return stopping


async def _run() -> None:
    settings = Settings.load()
    await _serve(settings, Catalog.load(settings.models_file))


async def _run_in_sandbox() -> None:
    # These are heavy, and nobody who has an account needs them.
    from bot.sandbox.models import sandbox_catalog  # noqa: PLC0415
    from bot.sandbox.netmind import SandboxNetmind  # noqa: PLC0415

    async with SandboxNetmind() as netmind:
        settings = Settings.load(
            netmind_api_token=netmind.token,
            netmind_base_url=netmind.base_url,
            download_allow=f"127.0.0.1:{netmind.port}",
        )
        await _serve(settings, sandbox_catalog())


async def _serve(settings: Settings, catalog: Catalog) -> None:
    report = reporter_of(settings)
    if report is not None:
        atexit.register(report.close)  # after the line about a crash
    with tracing():
        set_up(settings, report)
        log.info("starting", **_what_runs(settings))
        stopping = _asked_to_stop()
        async with open_app(settings, catalog) as app:
            await run(app, stopping)


def _what_runs(settings: Settings) -> dict[str, str | None]:
    """Return what whoever reads a log has to know first."""
    return {
        "version": version(),
        "commit": commit(os.environ),
        "python": platform.python_version(),
        "discord_py": discord.__version__,
        "database": settings.database.kind,
        "schema": migrations.newest(),
    }


async def _migrate() -> None:
    settings = StorageSettings.load()
    database = Database.open(settings.database)
    try:
        before = await migrations.upgrade(database)
    finally:
        await database.close()
    typer.echo(f"{settings.database.kind}: the schema was {before.value}; it is up to date now.")


async def _block(person_id: int, reason: str, days: int | None) -> None:
    length = None if days is None else timedelta(days=days)
    async with opened() as database:
        await operator_blocks.put(database, person_id, reason, length, utc_now())
    typer.echo(f"{person_id} may ask for nothing, on any server.")


async def _unblock(person_id: int) -> None:
    async with opened() as database:
        if not await operator_blocks.lift(database, person_id, utc_now()):
            end([f"{person_id} is not blocked everywhere."], NOT_THERE)
    typer.echo(f"{person_id} may ask again.")


async def _list_blocks() -> None:
    async with opened() as database:
        found = await operator_blocks.every(database, utc_now())
    for each in found:
        until = "until lifted" if each.until is None else f"until {each.until:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{each.person_id}  {until}  {each.reason}".rstrip())


async def _import_words(file: Path) -> None:
    try:
        async with opened() as database:
            count = await word_file.bring(database, file)
    except OSError as error:
        end([f"{file} cannot be read: {error.strerror}."], BAD_FILE)
    typer.echo(f"{count} rules of {file} hold on all servers now.")


async def _list_words() -> None:
    async with opened() as database:
        typer.echo(await word_file.written(database), nl=False)


if __name__ == "__main__":
    cli()
