"""block, unblock and blocks: people who may ask for nothing, on any server."""

from datetime import timedelta
from typing import Annotated

import typer

from bot import operator_blocks
from bot.clock import utc_now
from bot.commands.database import opened
from bot.commands.ends import NOT_THERE, end, enter
from bot.commands.panels import PEOPLE

blocks = typer.Typer()

_MOST_DAYS = 3650
# Discord's numbers; larger ones no database keeps.
Person = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="The number of their Discord account.")
]


@blocks.command(rich_help_panel=PEOPLE)
def block(
    person: Person,
    reason: Annotated[str, typer.Option(help="They read this when they ask.")] = "",
    days: Annotated[
        int | None, typer.Option(min=1, max=_MOST_DAYS, help="Until lifted, if not given.")
    ] = None,
) -> None:
    """Let a person ask for nothing, on any server and in direct messages."""
    enter(_block(person, reason, days))


@blocks.command(rich_help_panel=PEOPLE)
def unblock(person: Person) -> None:
    """End such a block."""
    enter(_unblock(person))


@blocks.command(name="blocks", rich_help_panel=PEOPLE)
def list_blocks() -> None:
    """Print who is blocked everywhere, until when and why."""
    enter(_list())


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


async def _list() -> None:
    async with opened() as database:
        found = await operator_blocks.every(database, utc_now())
    for each in found:
        until = "until lifted" if each.until is None else f"until {each.until:%Y-%m-%d %H:%M} UTC"
        typer.echo(f"{each.person_id}  {until}  {each.reason}".rstrip())
