"""python -m bot stats: figures of all servers, for people and for machines."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.commands.stats import _bar, _percent
from bot.usage import Outcomes, success
from storage import migrate
from storage.database import Address, Database
from storage.states import JobState
from tests.storage.makers import ANN, GUILD, add_job, set_columns

NOW = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
PROMPT = "wind over willow branches"


async def fill(path: Path) -> None:
    """Add jobs of three days: five made, one failed, one cancelled, one that waits."""
    database = Database.open(Address(path=path))
    await migrate.upgrade(database)
    ends: list[dict[str, Any]] = [
        *[{"state": JobState.FINISHED}] * 5,
        {"state": JobState.FAILED, "reason": "busy"},
        {"state": JobState.CANCELLED},
    ]
    async with database.write() as connection:
        for number, end in enumerate(ends):
            at = NOW - timedelta(days=number % 3)
            guild = None if number == 6 else GUILD
            job = await add_job(connection, number + 1, now=at, guild_id=guild)
            times = {"submitted_at": at + timedelta(seconds=2)}
            times["ended_at"] = at + timedelta(seconds=90 if number else 200)
            await set_columns(connection, job, **times, **end)
        await add_job(connection, 20, now=NOW)
    await database.close()


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what types a command where there are some jobs."""
    monkeypatch.chdir(tmp_path)
    asyncio.run(fill(tmp_path / "foley.db"))

    def typed(*words: str) -> str:
        environment = {"DATA_DIR": str(tmp_path), "COLUMNS": "100", "NO_COLOR": "1"}
        with time_machine.travel(NOW, tick=False):
            ended = CliRunner().invoke(cli, ["stats", *words], env=environment)
        assert ended.exit_code == 0, ended.output
        return ended.output

    return typed


def test_a_machine_reads_every_figure(say: Any) -> None:
    told = json.loads(say("--json", "--days", "3"))
    assert told["jobs"] == {
        "asked": 8,
        "finished": 5,
        "failed": 1,
        "cancelled": 1,
        "queued": 1,
        "success": 0.8333,
    }
    assert [day["asked"] for day in told["days"].values()] == [2, 2, 4]
    assert list(told["days"]) == ["2026-11-21", "2026-11-22", "2026-11-23"]
    model = told["models"]["stable-audio"]
    assert model["waited"] == {"p50": 2, "p95": 2}
    assert model["until_result"] == {"p50": 90, "p95": 200}
    assert (told["hours"][17], sum(told["hours"])) == (8, 8)
    assert told["servers"] == [{"guild": GUILD, "jobs": 7}, {"guild": None, "jobs": 1}]
    assert told["failed_because"] == {"busy": 1}
    assert told["now"] == {"waiting": 1, "under_way": 0, "held": 0, "to_be_posted": 0}


def test_people_read_tables_and_no_one_is_named(say: Any) -> None:
    told = say("--days", "3")
    assert told.splitlines()[1] == (
        "8 jobs from 2026-11-21 to 2026-11-23 (UTC), 83.3 % of those that ended were made"
    )
    for line in ("Mon 23 Nov     4", "17:00 to 17:59, 8 jobs", "Failed because: busy 1."):
        assert line in told
    assert PROMPT not in told
    assert str(ANN) not in told
    assert max(map(len, told.splitlines())) <= 100


def test_days_before_the_first_job_are_left_out_of_the_table(say: Any) -> None:
    assert "20 Nov" not in say("--days", "30")
    assert "21 Nov" in say("--days", "30")


def test_an_empty_database_has_no_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = CliRunner().invoke(cli, ["stats"], env={"DATA_DIR": str(tmp_path)})
    assert ended.exit_code == 0
    assert ended.output.strip().startswith("0 jobs from ")
    assert len(ended.output.strip().splitlines()) == 2


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert _percent(0.99999) == "99.9 %"
    assert _percent(1.0) == "100 %"
    assert success(Outcomes()) is None
    assert success(Outcomes({JobState.FINISHED: 3, JobState.CANCELLED: 9})) == 1.0


def test_the_parts_of_a_bar_are_as_long_as_all_of_it() -> None:
    assert len(_bar([(1, "green"), (1, "red"), (1, "blue")], 3)) == 40
    assert _bar([(1, "green")], 1000).plain == "▏"
    assert _bar([(0, "green")], 1000).plain == ""
