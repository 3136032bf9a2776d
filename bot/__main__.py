"""The command line: python -m bot run, demo, migrate, check, settings, words."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import structlog
import typer

from bot import word_file
from bot.app import TokenRefusedError, open_app, run
from bot.check import Finding, check_all, print_findings
from bot.config import Settings, SettingsError, StorageSettings, settings_table
from bot.errors import Refusal
from bot.log import set_up
from bot.netmind.catalog import Catalog, CatalogError
from storage import migrate as migrations
from storage.database import Database
from storage.errors import StorageError

CHECK_FAILED = 1
BAD_SETTINGS = 2
TOKEN_REFUSED = 3
DATABASE_TROUBLE = 4
BAD_FILE = 5

cli = typer.Typer(
    help="Foley turns Discord slash commands into generated sound and video.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
words = typer.Typer(help="Words that nobody may use in a prompt, on any server.")
cli.add_typer(words, name="words")


@cli.command(name="run")
def run_command(
    *,
    sandbox_netmind: Annotated[
        bool, typer.Option(help="Use the built-in NetMind: no account, real files, no AI.")
    ] = False,
) -> None:
    """Run the bot until it is stopped."""
    _enter(_run_in_sandbox() if sandbox_netmind else _run())


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
        _end([f"The demo needs {error.name}; `make demo` installs it."], BAD_SETTINGS)

    stays = sys.stdout.isatty() if stay is None else stay
    try:
        code = asyncio.run(show(prompt.strip(), stay=stays, port=port))
    except KeyboardInterrupt:
        code = 0  # it is how the page is closed
    raise typer.Exit(code)


@cli.command()
def migrate() -> None:
    """Bring the database to this version's schema."""
    _enter(_migrate())


@cli.command()
def check(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Look at settings, database, tokens and codecs, and say what is wrong, all at once."""
    # The findings say it all; the log would say parts of it twice.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    findings: list[Finding] = asyncio.run(check_all())
    print_findings(findings, as_json=as_json)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(CHECK_FAILED)


@cli.command()
def settings() -> None:
    """Print every setting as a Markdown table."""
    typer.echo(settings_table())


@words.command(name="import")
def import_words(
    file: Annotated[Path, typer.Argument(help="One rule a line, as `words list` prints them.")],
) -> None:
    """Add the rules of a file; they hold on all servers and in direct messages."""
    _enter(_import_words(file))


@words.command(name="list")
def list_words() -> None:
    """Print the rules for all servers as a file that can be imported."""
    _enter(_list_words())


def _enter(work: Coroutine[Any, Any, None]) -> None:
    """Run the work; what an operator can mend ends in its sentence and its exit code."""
    try:
        asyncio.run(work)
    except (SettingsError, CatalogError) as error:
        _end(error.problems, BAD_SETTINGS)
    except TokenRefusedError as error:
        _end([str(error)], TOKEN_REFUSED)
    except StorageError as error:
        _end([str(error)], DATABASE_TROUBLE)
    except Refusal as error:
        _end([str(error)], BAD_FILE)


def _end(sentences: list[str], code: int) -> NoReturn:
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(code)


def _asked_to_stop() -> asyncio.Event:
    """Return what is set by the platform's first signal; a second one ends the process at once."""
    stopping = asyncio.Event()

    def asked(number: int) -> None:
        if stopping.is_set():
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
    set_up(settings)
    stopping = _asked_to_stop()
    async with open_app(settings, catalog) as app:
        await run(app, stopping)


async def _migrate() -> None:
    settings = StorageSettings.load()
    database = Database.open(settings.database)
    try:
        before = await migrations.upgrade(database)
    finally:
        await database.close()
    typer.echo(f"{settings.database.kind}: the schema was {before.value}; it is up to date now.")


async def _import_words(file: Path) -> None:
    database = Database.open(StorageSettings.load().database)
    try:
        await migrations.upgrade(database)
        count = await word_file.bring(database, file)
    except OSError as error:
        _end([f"{file} cannot be read: {error.strerror}."], BAD_FILE)
    finally:
        await database.close()
    typer.echo(f"{count} rules of {file} hold on all servers now.")


async def _list_words() -> None:
    database = Database.open(StorageSettings.load().database)
    try:
        await migrations.upgrade(database)
        typer.echo(await word_file.written(database), nl=False)
    finally:
        await database.close()


if __name__ == "__main__":
    cli()
