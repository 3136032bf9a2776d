"""The operator's words: rules for all guilds, from a file and back."""

from pathlib import Path

from bot.clock import utc_now
from bot.jobs.vocabulary import check_file, keep, rule_of
from bot.moderation.words import read_file, write_file
from storage import words
from storage.database import Database
from storage.words import EVERYWHERE

# Rules of the operator's are nobody's on Discord.
_NOBODY = 0


async def bring(database: Database, path: Path) -> int:
    """Keep the rules of a file for all guilds, all or none; return how many it has.

    Raises Refusal, and OSError if the file cannot be read.
    """
    file = read_file(path.read_bytes())  # noqa: ASYNC240 - nobody waits for a command line's loop
    check_file(file)
    async with database.write() as connection:
        await keep(connection, EVERYWHERE, file.rules, _NOBODY, utc_now())
    return len(file.rules)


async def written(database: Database) -> str:
    """Return the rules for all guilds as a file that `bring` reads."""
    async with database.read() as connection:
        return write_file(map(rule_of, await words.of_guild(connection, EVERYWHERE)))
