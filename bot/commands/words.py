"""words: those that nobody may use in a prompt, on any server."""

from pathlib import Path
from typing import Annotated

import typer

from bot import word_file
from bot.commands.database import opened
from bot.commands.ends import BAD_FILE, end, enter

words = typer.Typer(help="Words that nobody may use in a prompt, on any server.")


@words.command(name="import")
def import_words(
    file: Annotated[Path, typer.Argument(help="One rule a line, as `words list` prints them.")],
) -> None:
    """Add the rules of a file; they hold on all servers and in direct messages."""
    enter(_import(file))


@words.command(name="list")
def list_words() -> None:
    """Print the rules for all servers as a file that can be imported."""
    enter(_list())


async def _import(file: Path) -> None:
    try:
        async with opened() as database:
            count = await word_file.bring(database, file)
    except OSError as error:
        end([f"{file} cannot be read: {error.strerror}."], BAD_FILE)
    typer.echo(f"{count} rules of {file} hold on all servers now.")


async def _list() -> None:
    async with opened() as database:
        typer.echo(await word_file.written(database), nl=False)
