"""How a command ends: in its sentence and its exit code, where an operator can mend it."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import typer

from bot.app import TokenRefusedError
from bot.config import SettingsError
from bot.errors import Refusal
from bot.netmind.catalog import CatalogError
from storage.errors import StorageError
from storage.new_file import FileError

CHECK_FAILED = 1
BAD_SETTINGS = 2
TOKEN_REFUSED = 3
DATABASE_TROUBLE = 4
BAD_FILE = 5
NOT_THERE = 6
NOT_YET = 7


def enter(work: Coroutine[Any, Any, None]) -> None:
    """Run the work; what an operator can mend ends in its sentence and its exit code."""
    with in_words():
        asyncio.run(work)


@contextmanager
def in_words() -> Iterator[None]:
    """Have what an operator can mend end in its sentence and its exit code."""
    try:
        yield
    except (SettingsError, CatalogError) as error:
        end(error.problems, BAD_SETTINGS)
    except TokenRefusedError as error:
        end([str(error)], TOKEN_REFUSED)
    except (FileError, Refusal) as error:
        end([str(error)], BAD_FILE)
    except StorageError as error:
        end([str(error)], DATABASE_TROUBLE)


def end(sentences: list[str], code: int) -> NoReturn:
    """Say the sentences and end with this code."""
    for sentence in sentences:
        typer.echo(sentence, err=True)
    raise typer.Exit(code)
