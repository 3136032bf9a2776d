"""The command line: python -m bot. Its larger commands stand in bot/commands."""

import asyncio
import atexit
import os
import platform
import signal
import sys
from typing import Annotated

import discord
import structlog
import typer

from bot.app import open_app, run
from bot.commands.blocks import blocks
from bot.commands.check import check
from bot.commands.data import data
from bot.commands.ends import BAD_SETTINGS, end, enter
from bot.commands.live import live
from bot.commands.panels import BEGIN, PEOPLE
from bot.commands.start import start
from bot.commands.stats import stats
from bot.commands.words import words
from bot.config import Settings, settings_table
from bot.extras import reporter_of, tracing
from bot.log import set_up
from bot.netmind.catalog import Catalog
from bot.version import commit, version
from storage import migrate as migrations

cli = typer.Typer(
    help="Foley turns Discord slash commands into generated sound and video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
cli.add_typer(start)
cli.add_typer(check)
cli.add_typer(live)
cli.add_typer(stats)
cli.add_typer(data)
cli.add_typer(blocks)
cli.add_typer(words, name="words", rich_help_panel=PEOPLE)

log = structlog.get_logger(__name__)


@cli.command(name="run", rich_help_panel=BEGIN)
def run_command(
    *,
    sandbox_netmind: Annotated[
        bool, typer.Option(help="Use the built-in NetMind: no account, real files, no AI.")
    ] = False,
) -> None:
    """Run the bot until it is stopped."""
    enter(_run_in_sandbox() if sandbox_netmind else _run())


@cli.command(rich_help_panel=BEGIN)
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


@cli.command(rich_help_panel=BEGIN)
def settings() -> None:
    """Print every setting as a Markdown table."""
    typer.echo(settings_table())


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


if __name__ == "__main__":
    cli()
