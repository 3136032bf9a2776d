"""migrate, export, import, backup and restore: the whole database at once."""

from pathlib import Path
from typing import Annotated

import typer
from rich.filesize import decimal

from bot import transfer_file
from bot.clock import utc_now
from bot.commands.database import opened
from bot.commands.ends import enter, in_words
from bot.commands.panels import DATA
from bot.config import StorageSettings
from bot.transfer_file import Manifest
from storage import backup as backups
from storage import migrate as migrations
from storage.database import Address
from storage.errors import StorageError
from storage.migrate import Schema

data = typer.Typer()

Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]


@data.command(rich_help_panel=DATA)
def migrate() -> None:
    """Bring the database to this version's schema."""
    enter(_migrate())


@data.command(name="export", rich_help_panel=DATA)
def export_command(
    file: Annotated[Path, typer.Argument(help="The zip to write.")],
    *,
    force: Force = False,
) -> None:
    """Write everything in the database to one file, for an import into any other."""
    enter(_export(file, force=force))


@data.command(name="import", rich_help_panel=DATA)
def import_command(
    file: Annotated[Path, typer.Argument(help="A zip that `export` has written.")],
) -> None:
    """Write everything of an exported file into an empty database: all of it or nothing."""
    enter(_import(file))


@data.command(rich_help_panel=DATA)
def backup(
    file: Annotated[Path, typer.Argument(help="The copy to make.")],
    *,
    force: Force = False,
) -> None:
    """Copy SQLite's file while the bot runs."""
    with in_words():
        database = _file(StorageSettings.load().database, "`pg_dump`, or `python -m bot export`")
        backups.back_up(database, file, replace=force)
        typer.echo(f"{database} is copied to {file}: {decimal(file.stat().st_size)}, checked.")


@data.command(rich_help_panel=DATA)
def restore(
    file: Annotated[Path, typer.Argument(help="A copy that `backup` has made.")],
) -> None:
    """Put a backup in the database's place; the bot must not be running."""
    with in_words():
        database = _file(StorageSettings.load().database, "`pg_restore`, or `python -m bot import`")
        schema, kept = backups.restore(file, database, utc_now())
        typer.echo(f"{database} is now what {file} was.")
        if kept is not None:
            typer.echo(f"What was there before is kept as {kept}.")
        if schema is Schema.OLDER:
            typer.echo("It is of an older version; the next start brings it up to date.")


def _file(address: Address, instead: str) -> Path:
    if address.path is None:
        raise StorageError(f"This is for SQLite's file; for PostgreSQL use {instead}.")
    return address.path


async def _migrate() -> None:
    async with opened(upgraded=False) as database:
        before = await migrations.upgrade(database)
        kind = database.address.kind
    typer.echo(f"{kind}: the schema was {before.value}; it is up to date now.")


async def _export(file: Path, *, force: bool) -> None:
    async with opened(upgraded=False) as database:
        manifest = await transfer_file.write(database, file, utc_now(), replace=force)
        _tell(manifest)
        size = decimal(file.stat().st_size)  # noqa: ASYNC240 - nobody waits for this loop
        typer.echo(f"{manifest.rows} rows are in {file}, {size}. It holds people's prompts.")


async def _import(file: Path) -> None:
    async with opened(upgraded=False) as database:
        manifest = await transfer_file.bring(database, file)
        _tell(manifest)
        kind = database.address.kind
        typer.echo(f"{manifest.rows} rows are in {kind} now, compared with {file} row by row.")


def _tell(manifest: Manifest) -> None:
    for name, part in manifest.tables.items():
        typer.echo(f"{name:<12}{part.rows:>10}  {part.sha256[:16]}")
