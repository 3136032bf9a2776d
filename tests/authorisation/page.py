"""docs/authorisation.md: the matrix for people, written from the same table as it is tested by."""

from collections.abc import Iterator
from pathlib import Path

from tests.authorisation.people import MEANT, Who
from tests.authorisation.table import PARTS, Row

PAGE = Path(__file__).parents[2] / "docs" / "authorisation.md"

_INTRODUCTION = """\
# Who may do what

Everything that can be done with the bot, and who may do it. Each cell is tried by the tests with
the whole bot (`tests/authorisation`); a command, button, select or form that has no row makes them
fail. `python -m tests.authorisation` writes this page.

- **yes**: it is done, and nothing is touched but what belongs to that person, or to the server
  that they manage.
- **no**: they read, alone, why not. Nothing is changed, posted or deleted, and nobody else's words
  are shown. It is so even where the id of a button or form is made up.
- **-**: Discord does not offer it there: `/studio` needs the permission to manage the server, or an
  admin who has given it, and works in servers only. In direct messages a made-up command is
  refused by the bot as well.

A command of moderators always acts on the server in which it is used. Where a row names a thing of
the server, a moderator of another server tries it with the number of that thing. What is posted in
a channel may be read, and asked for again, by everybody there; a private job by nobody else, but
moderators see it in `/studio log` and `/studio queue`. Blocks hold for asking: who is blocked still
reads, exports and deletes what is theirs, and may report.
"""


def written() -> str:
    """Return the page."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    yield "| Column | Who it is |"
    yield "| --- | --- |"
    for who in Who:
        yield f"| {who} | {MEANT[who]} |"
    for part, rows in PARTS.items():
        yield f"\n## {part}\n"
        yield "| | " + " | ".join(Who) + " |"
        yield "| --- |" + " :-: |" * len(Who)
        for row in rows:
            yield f"| {row.what} | " + " | ".join(_cell(row, who) for who in Who) + " |"
    yield ""


def _cell(row: Row, who: Who) -> str:
    if who not in row.offered:
        return "-"
    return "yes" if who in row.may else "no"
