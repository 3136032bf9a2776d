"""Which version runs: told by the log's first line, wherever the code lies."""

import importlib.metadata
import tomllib
from pathlib import Path

import pytest

from bot import __main__ as program
from bot import version
from bot.version import commit
from storage import migrate
from tests.world import settings_for

PROJECT = Path(version.__file__).parents[1] / "pyproject.toml"


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads(PROJECT.read_text("utf-8"))["project"]
    assert version.version() == project["version"]


def test_installed_code_without_the_project_beside_it_knows_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "__file__", str(tmp_path / "bot" / "version.py"))
    monkeypatch.setattr(importlib.metadata, "version", {"foley": "1.2.3"}.__getitem__)
    assert version.version() == "1.2.3"


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({}, None),
        ({"RENDER_GIT_COMMIT": ""}, None),
        ({"RENDER_GIT_COMMIT": "0123456789abcdef0123"}, "0123456789ab"),
        ({"RAILWAY_GIT_COMMIT_SHA": "abc"}, "abc"),
    ],
)
def test_the_commit_is_what_the_platform_says(
    environment: dict[str, str], told: str | None
) -> None:
    assert commit(environment) == told


def test_the_first_line_tells_what_runs_on_which_schema(tmp_path: Path) -> None:
    told = program._what_runs(settings_for("http://127.0.0.1:1", tmp_path))
    assert told["version"] == version.version()
    assert told["schema"] == migrate.newest()
    assert told["database"] == "SQLite"
    assert {"python", "discord_py", "commit"} <= told.keys()
