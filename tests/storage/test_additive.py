"""Every migration only adds: the version before goes on beside the new one while it is deployed."""

import pytest
import sqlalchemy as sa

from storage import migrate
from tests.storage.additive import breaks
from tests.storage.released import migrate_to

# What breaks the rule, and why the version before bears it all the same.
BORNE = {
    # Only rows of kind `log`, which that version never writes.
    "0009": {"uq_deliveries_job_log is new"},
}
_BEFORE = """
CREATE TABLE t (
    a INTEGER NOT NULL, b VARCHAR(8), c INTEGER DEFAULT 0, s TEXT,
    CONSTRAINT s CHECK (s IN ('x', 'y'))
)
"""


def reflected(connection: sa.Connection) -> sa.MetaData:
    metadata = sa.MetaData()
    metadata.reflect(connection)
    return metadata


def test_every_migration_leaves_the_version_before_what_it_needs() -> None:
    found = {}
    with sa.create_engine("sqlite://").begin() as connection:
        before = reflected(connection)
        for revision in reversed(migrate._revisions()):
            migrate_to(connection, revision)
            after = reflected(connection)
            if broken := breaks(before, after):
                found[revision] = broken
            before = after
    assert found == BORNE
    assert len(before.tables) > 10


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ("DROP TABLE t", "t is gone"),
        ("ALTER TABLE t DROP COLUMN a", "t.a is gone"),
        ("ALTER TABLE t RENAME COLUMN b TO d", "t.b is gone"),
        ("CREATE UNIQUE INDEX u ON t (a) WHERE a > 1", "u is new"),
        ("VARCHAR(8)|VARCHAR(7)", "t.b holds less"),
        ("VARCHAR(8)|INTEGER", "t.b holds less"),
        ("VARCHAR(8)|VARCHAR(8) NOT NULL", "t.b wants a value"),
        ("s TEXT|s TEXT, d INTEGER NOT NULL", "t.d wants a value"),
        ("INTEGER DEFAULT 0|INTEGER", "t.c has no default"),
        ("('x', 'y')|('x', 'z')", "s allows less"),
        ("b VARCHAR(8)|b VARCHAR(8) REFERENCES t (a)", "t.b must refer to a row"),
        ("VARCHAR(8)|VARCHAR(9)", None),
        ("('x', 'y')|('x', 'y', 'z')", None),
        ("s TEXT|s TEXT, d INTEGER NOT NULL DEFAULT 1 UNIQUE", None),
        ("s TEXT|s TEXT, d INTEGER REFERENCES t (a)", None),
        ("CREATE TABLE v (a INTEGER NOT NULL)", None),
    ],
)
def test_the_rule_knows_what_takes_from_what_adds(change: str, complaint: str | None) -> None:
    with sa.create_engine("sqlite://").begin() as connection:
        connection.execute(sa.text(_BEFORE))
        before = reflected(connection)
        old, _, new = change.partition("|")
        if new:
            connection.execute(sa.text("DROP TABLE t"))
            change = _BEFORE.replace(old, new, 1)
        connection.execute(sa.text(change))
        assert breaks(before, reflected(connection)) == ({complaint} if complaint else set())
