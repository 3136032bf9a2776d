"""export, import, backup and restore, as operators type them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from tests.program import ROOT

Type = Callable[..., Result]

PERSON = "80351110224678912"


@pytest.fixture
def type_(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Type:
    """Return what runs a command in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", "data")
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return lambda *words: CliRunner().invoke(cli, list(words))


def test_the_commands_of_the_manual_do_what_it_says(
    type_: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    commands = re.findall(r"^ *python -m bot (\w+ \S+)$", text, re.MULTILINE)
    assert {line.split()[0] for line in commands} == {"export", "import", "backup", "restore"}
    type_("block", PERSON)
    for line in commands:
        if line.startswith("import"):
            monkeypatch.setenv("DATABASE_URL", "sqlite:///elsewhere/foley.db")
        result = type_(*line.split())
        assert result.exit_code == 0, f"{line}: {result.output}"
        assert PERSON in type_("blocks").output


def test_an_export_says_what_it_wrote_and_that_it_is_private(type_: Type) -> None:
    type_("block", PERSON)
    said = type_("export", "foley.zip").output
    assert re.search(r"^blocks +1  [0-9a-f]{16}$", said, re.MULTILINE)
    assert said.endswith("It holds people's prompts.\n")


def test_a_file_in_the_way_is_code_5_and_force_writes_over_it(type_: Type, tmp_path: Path) -> None:
    type_("block", PERSON)
    (tmp_path / "file").touch()
    for name in ("export", "backup"):
        refused = type_(name, "file")
        assert (refused.exit_code, refused.output) == (
            5,
            "file is there already; --force writes over it.\n",
        )
        assert type_(name, "file", "--force").exit_code == 0


def test_a_database_with_rows_is_code_4(type_: Type) -> None:
    type_("block", PERSON)
    type_("export", "foley.zip")
    refused = type_("import", "foley.zip")
    assert refused.exit_code == 4
    assert "has rows already, in audit, blocks, people." in refused.output


def test_a_damaged_file_is_code_5(type_: Type, tmp_path: Path) -> None:
    (tmp_path / "foley.zip").write_bytes(b"PK")
    for name in ("import", "restore"):
        assert type_(name, "foley.zip").exit_code == 5


@pytest.mark.parametrize(("name", "instead"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_has_its_own_ways(
    type_: Type, monkeypatch: pytest.MonkeyPatch, name: str, instead: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:password@localhost/foley")
    refused = type_(name, "file")
    assert refused.exit_code == 4
    assert instead in refused.output
    assert "password" not in refused.output
