"""The migrations build exactly the schema, once, whoever asks and however often."""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage import facts, migrate
from storage.database import Database
from storage.errors import NewerSchemaError, UnavailableError
from storage.migrate import Schema
from storage.schema import metadata
from tests.storage.definitions import definitions
from tests.storage.makers import add_job
from tests.storage.stores import Store, sqlite_file

PREDICATES = {
    "ix_jobs_open": "ended_at IS NULL",
    "ix_jobs_open_card": "card_id IS NOT NULL AND ended_at IS NOT NULL AND NOT card_closed",
    "ix_jobs_lost_card": "card_id IS NULL AND NOT card_closed",
    "ix_jobs_cleanup_at": "cleanup_at IS NOT NULL",
    "ix_jobs_erased_at": "erased_at IS NOT NULL",
    "ix_jobs_unlogged": "ended_at IS NOT NULL AND logged_at IS NULL",
    "ix_people_erased_at": "erased_at IS NOT NULL",
    "ix_guilds_left_at": "left_at IS NOT NULL",
    "ix_jobs_submitted_at": "submitted_at IS NOT NULL",
    "ix_job_events_unclear": "from_state = 'submitting' AND to_state IN ('uncertain', 'cancelled')",
    "ix_deliveries_untold": "state = 'undeliverable' AND told_at IS NULL",
    "ix_deliveries_due": "state IN ('pending', 'sending')",
    "uq_deliveries_case_id": "case_id IS NOT NULL",
    "uq_deliveries_review_id": "review_id IS NOT NULL",
    "uq_deliveries_notice_id": "notice_id IS NOT NULL",
    "uq_deliveries_job_log": "kind = 'log'",
    "ix_reviews_expires_at": "state = 'open'",
    "ix_notices_untold": "told_at IS NULL",
    "ix_deliveries_message_id": "message_id IS NOT NULL",
    "uq_deliveries_job_end": "kind IN ('result', 'failure')",
}


@pytest.fixture
async def empty_store(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Store:
    return await fresh_store("fresh", kind, tmp_path, request)


async def fresh_store(
    name: str, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Store:
    if kind == "sqlite":
        return sqlite_file(tmp_path / f"{name}.db")
    store: Store = await request.getfixturevalue("postgres").create(name)
    return store


@pytest.fixture
async def empty(empty_store: Store) -> AsyncIterator[Database]:
    database = empty_store.open()
    yield database
    await database.close()


@pytest.fixture
async def upgraded(empty: Database) -> Database:
    """Give a database whose schema a test may spoil, for nobody else has it."""
    await migrate.upgrade(empty)
    return empty


async def test_the_migrations_build_exactly_the_schema(
    empty: Database, kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    await migrate.upgrade(empty)
    declared = (await fresh_store("declared", kind, tmp_path, request)).open()
    async with declared.write() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        assert await definitions(empty) == await definitions(declared)
    finally:
        await declared.close()


async def test_alembic_itself_finds_nothing_to_add_or_to_change(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        readable = partial(_is_readable, connection.dialect.name)
        opts = {"compare_type": True, "compare_server_default": True, "include_object": readable}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    async with database.read() as connection:
        assert await connection.run_sync(differences) == []


def _is_readable(dialect: str, one: object, *_: object) -> bool:
    """Leave out what SQLAlchemy cannot read off SQLite: the rest of a reference in a column."""
    columns = one.column_keys if isinstance(one, sa.ForeignKeyConstraint) else []
    late = columns in (["case_id"], ["review_id"], ["notice_id"])
    return not (dialect == "sqlite" and late)


async def test_the_partial_indexes_hold_what_their_names_say(database: Database) -> None:
    def predicates(connection: sa.Connection) -> dict[str, str]:
        inspector = sa.inspect(connection)
        where = f"{connection.dialect.name}_where"
        return {
            str(index["name"]): _plain(str(index["dialect_options"][where]))
            for table in metadata.tables
            for index in inspector.get_indexes(table)
            if where in index.get("dialect_options", {})
        }

    async with database.read() as connection:
        found = await connection.run_sync(predicates)
    assert found == {name: _plain(where) for name, where in PREDICATES.items()}


def _plain(predicate: str) -> str:
    """Undo PostgreSQL's own spelling: casts, arrays for lists, brackets."""
    words = re.sub(r"::[a-z ]+(\[\])?", "", predicate).replace("= ANY", "IN")
    return " ".join(re.sub(r"ARRAY|[\[\]()]", " ", words).split())


async def test_the_states_are_checked_by_the_database(database: Database) -> None:
    def checks(connection: sa.Connection) -> set[str | None]:
        inspector = sa.inspect(connection)
        return {
            check["name"]
            for table in metadata.tables
            for check in inspector.get_check_constraints(table)
        }

    async with database.read() as connection:
        assert await connection.run_sync(checks) == {
            "ck_jobs_state",
            "ck_deliveries_state",
            "ck_cases_state",
        }


async def test_an_upgrade_brings_an_empty_database_to_the_current_schema(empty: Database) -> None:
    assert await migrate.look(empty) is Schema.EMPTY
    assert await migrate.upgrade(empty) is Schema.EMPTY
    assert await migrate.look(empty) is Schema.CURRENT


def test_the_names_of_the_migrations_tell_their_order() -> None:
    """So that a start can tell what is to be done without Alembic."""
    config = Config()
    config.set_main_option("script_location", str(migrate._FOLDER))
    known = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    assert list(migrate._revisions()) == known


async def test_looking_leaves_an_empty_database_empty(empty: Database) -> None:
    await migrate.look(empty)
    assert await definitions(empty) == set()


async def test_a_second_upgrade_finds_nothing_to_do(database: Database) -> None:
    async with database.write() as connection:
        job = await add_job(connection)
    before = await definitions(database)
    assert await migrate.upgrade(database) is Schema.CURRENT
    assert await definitions(database) == before
    async with database.read() as connection:
        assert await connection.scalar(sa.text("SELECT id FROM jobs")) == job.id


async def test_of_many_upgrades_at_once_one_does_the_work(
    empty: Database, empty_store: Store
) -> None:
    databases = [empty, *(empty_store.open() for _ in range(3))]
    before = await asyncio.gather(*map(migrate.upgrade, databases))
    assert sorted(schema.value for schema in before) == ["current"] * 3 + ["empty"]
    for database in databases:
        assert await migrate.look(database) is Schema.CURRENT
        await database.close()


async def test_a_newer_schema_is_refused_and_left_untouched(upgraded: Database) -> None:
    async with upgraded.write() as connection:
        await connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
        await connection.execute(sa.text("DROP TABLE facts"))
    before = await definitions(upgraded)
    assert await migrate.look(upgraded) is Schema.NEWER
    with pytest.raises(NewerSchemaError, match="newer version of Foley"):
        await migrate.upgrade(upgraded)
    assert await definitions(upgraded) == before
    async with upgraded.read() as connection:
        version = await connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    assert version == "9999"


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = {head!r}


def upgrade() -> None:
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    op.add_column("facts", sa.Column("later", sa.Integer()))
    {last}
"""

AddMigration = Callable[[str], None]


@pytest.fixture
def add_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AddMigration:
    """Give the program one more migration than the database has seen; it ends as told."""
    folder = tmp_path / "migrations"
    shutil.copytree(Path(migrate.__file__).parent / "migrations", folder)
    head = migrate.newest()

    def add(last: str) -> None:
        text = NEXT.format(head=head, last=last)
        (folder / "versions" / "9000_next.py").write_text(text, "utf-8")
        monkeypatch.setattr(migrate, "_FOLDER", folder)
        # Which are there is read once a process.
        monkeypatch.setattr(migrate, "_revisions", migrate._revisions.__wrapped__)

    return add


async def test_an_older_schema_is_brought_up_with_all_that_is_in_it(
    upgraded: Database, add_migration: AddMigration
) -> None:
    add_migration("pass")
    async with upgraded.write() as connection:
        await facts.put(connection, "fact", "kept")
    assert await migrate.look(upgraded) is Schema.OLDER
    assert await migrate.upgrade(upgraded) is Schema.OLDER
    assert await migrate.look(upgraded) is Schema.CURRENT
    async with upgraded.read() as connection:
        assert await facts.get(connection, "fact") == "kept"
        assert (await connection.execute(sa.text("SELECT later FROM facts"))).all() == [(None,)]


@pytest.mark.parametrize(
    ("last", "error"),
    [("raise KeyError", KeyError), ('op.execute("SELECT * FROM nowhere")', UnavailableError)],
)
async def test_a_migration_that_fails_half_way_leaves_nothing(
    upgraded: Database, add_migration: AddMigration, last: str, error: type[Exception]
) -> None:
    add_migration(last)
    before = await definitions(upgraded)
    with pytest.raises(error):
        await migrate.upgrade(upgraded)
    assert await definitions(upgraded) == before
    assert await migrate.look(upgraded) is Schema.OLDER
