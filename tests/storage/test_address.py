"""A DATABASE_URL names a file or PostgreSQL; anything else is refused without repeating it."""

from pathlib import Path

import pytest

from storage.database import Address, read_address
from storage.errors import BadDatabaseUrlError

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///foley.db", "foley.db"),
        ("sqlite:///data/foley.db", "data/foley.db"),
        ("sqlite:////var/lib/foley.db", "/var/lib/foley.db"),
        ("sqlite+aiosqlite:///data/foley.db", "data/foley.db"),
        ("sqlite:///my%20data/foley.db", "my data/foley.db"),
        ("sqlite:///data/foley.db?sslmode=require", "data/foley.db"),
    ],
)
def test_a_file_is_read_from_every_form(url: str, path: str) -> None:
    address = read_address(url)
    assert (address, address.kind) == (Address(path=Path(path)), "SQLite")


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
@pytest.mark.parametrize(
    "rest",
    [
        f"foley:{SECRET}@db.example.com/foley",
        f"foley:{SECRET}@db.example.com:5432/foley?sslmode=require",
        f"foley:{SECRET}@[::1]:5432/foley",
        f"foley:{SECRET}%40%23@one.example.com:5432,two.example.com:5433/foley",
        "localhost",
        "postgres:@/foley?host=/run/postgresql",
    ],
)
def test_postgresqls_address_is_passed_on_under_the_name_asyncpg_knows(
    scheme: str, rest: str
) -> None:
    address = read_address(f"{scheme}://{rest}")
    assert (address, address.kind) == (Address(postgres=f"postgresql://{rest}"), "PostgreSQL")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "foley.db",
        "sqlite://",
        "sqlite:///",
        "sqlite://data/foley.db",
        "sqlite:///:memory:",
        "sqlite:///data/foley#1.db",
        f"mysql://foley:{SECRET}@localhost/foley",
        f"postgresql+psycopg://foley:{SECRET}@localhost/foley",
        "postgresql://",
        "postgresql:///foley",
        f"postgresql://foley:{SECRET}@[::1/foley",
        f"postgresql://foley:{SECRET}@localhost:port/foley",
        f"postgresql://foley:{SECRET}#@localhost/foley",
        f"postgresql://foley:{SECRET}/@localhost/foley",
        f"postgresql://foley:{SECRET}@{SECRET}@localhost/foley",
        f"postgresql://foley:{SECRET}@localhost/foley?sslmode",
    ],
)
def test_anything_else_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadDatabaseUrlError, match="must look like") as caught:
        read_address(url)
    told: list[BaseException] = [caught.value]
    while (inner := told[-1].__cause__) is not None:
        told.append(inner)
    assert not any(SECRET in str(error) for error in told)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_address_shows_no_password() -> None:
    assert repr(read_address(f"postgres://foley:{SECRET}@localhost/foley")) == "Address(postgresql)"
    assert repr(read_address("sqlite:///data/foley.db")) == "Address(data/foley.db)"
