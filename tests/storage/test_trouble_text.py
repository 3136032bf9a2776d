"""Words from outside are kept by both databases, whatever is in them."""

import pytest
import sqlalchemy as sa

from storage.database import Database
from storage.text import OutsideText

metadata = sa.MetaData()
notes = sa.Table(
    "outside_notes",
    metadata,
    sa.Column("short", OutsideText(10)),
    sa.Column("long", OutsideText),
    prefixes=["TEMPORARY"],
)


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        (None, None, None),
        ("rain", "rain", "rain"),
        ("x" * 5000, "x" * 10, "x" * 5000),
        ("a\0b", "a\ufffdb", "a\ufffdb"),
        ("a\ud83d", "a\ufffd", "a\ufffd"),
        ("\ud83c\udfb5", "\N{MUSICAL NOTE}", "\N{MUSICAL NOTE}"),
        ("\N{MUSICAL NOTE}" * 11, "\N{MUSICAL NOTE}" * 10, "\N{MUSICAL NOTE}" * 11),
    ],
)
async def test_any_text_can_be_kept_and_is_cut_where_its_column_ends(
    database: Database, text: str | None, short: str | None, long: str | None
) -> None:
    async with database.write() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.execute(sa.insert(notes).values(short=text, long=text))
        (kept,) = (await connection.execute(sa.select(notes))).all()
        await connection.run_sync(metadata.drop_all)
    assert tuple(kept) == (short, long)
