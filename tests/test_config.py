"""Settings: one sentence for each that is missing or wrong, and no secret in any of them."""

from pathlib import Path
from typing import Any

import pytest

from bot.config import Settings, SettingsError, StorageSettings
from tests.program import Ended, running

GOOD: dict[str, Any] = {"discord_token": "d.i.s", "netmind_api_token": "n-e-t"}


def load(**values: Any) -> Settings:
    return Settings.load(_env_file=None, **(GOOD | values))


def problems(**values: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(**values)
    return caught.value.problems


async def start(folder: Path, **environment: str) -> Ended:
    """Run `python -m bot run` until it ends by itself."""
    async with running("run", folder=folder, **environment) as program:
        return await program.ended()


async def test_an_empty_environment_ends_the_start_with_a_sentence_for_each_missing_setting(
    tmp_path: Path,
) -> None:
    ended = await start(tmp_path)
    lines = ended.stderr.strip().splitlines()
    assert ended.code == 2
    assert len(lines) == 2
    assert lines[0].startswith("DISCORD_TOKEN is missing: ")
    assert lines[1].startswith("NETMIND_API_TOKEN is missing: ")
    assert "Traceback" not in ended.stderr + ended.stdout
    assert list(tmp_path.iterdir()) == []


async def test_wrong_settings_are_all_told_at_once_without_repeating_secrets(
    tmp_path: Path,
) -> None:
    secrets = {
        "DISCORD_TOKEN": "abc def-secret",
        "NETMIND_API_TOKEN": "ünicode-secret",
        "DATABASE_URL": "mysql://root:pass-secret@host/db",
    }
    ended = await start(
        tmp_path,
        **secrets,
        NETMIND_MAX_IN_FLIGHT="0",
        NETMIND_BASE_URL="api.netmind.ai",
        LOG_LEVEL="loud",
        DOWNLOAD_ALLOW="localhost",
    )
    assert ended.code == 2
    lines = ended.stderr.strip().splitlines()
    assert sorted(line.split()[0] for line in lines) == [
        "DATABASE_URL",
        "DISCORD_TOKEN",
        "DOWNLOAD_ALLOW",
        "LOG_LEVEL",
        "NETMIND_API_TOKEN",
        "NETMIND_BASE_URL",
        "NETMIND_MAX_IN_FLIGHT",
    ]
    assert all(" is wrong: " in line and line.endswith(".") for line in lines)
    assert "secret" not in ended.stderr + ended.stdout


async def test_a_file_of_models_that_cannot_be_read_ends_the_start_likewise(tmp_path: Path) -> None:
    ended = await start(
        tmp_path, DISCORD_TOKEN="d", NETMIND_API_TOKEN="n", MODELS_FILE="missing.toml"
    )
    assert ended.code == 2
    assert "missing.toml" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["discord_token", "netmind_api_token"])
@pytest.mark.parametrize("value", ["", "  ", "two words", "tab\there", "tökén"])
def test_a_token_is_one_word(name: str, value: str) -> None:
    (problem,) = problems(**{name: value})
    assert problem == f"{name.upper()} is wrong: must be the token alone, without spaces."


def test_spaces_around_a_token_are_forgiven() -> None:
    """They come along when it is copied."""
    assert load(discord_token=" d.i.s\n").discord_token.get_secret_value() == "d.i.s"


def test_secrets_do_not_show_in_the_settings_own_words() -> None:
    settings = load(database_url="postgresql://u:pass-secret@h/n")
    shown = f"{settings!r} {settings}"
    assert "d.i.s" not in shown
    assert "n-e-t" not in shown
    assert "pass-secret" not in shown


def test_the_cause_is_cut_because_it_repeats_what_was_given() -> None:
    with pytest.raises(SettingsError) as caught:
        load(discord_token="a secret")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert "a secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("", frozenset()),
        ("127.0.0.1:80", {("127.0.0.1", 80)}),
        (" a.example:1 , b.example:2,", {("a.example", 1), ("b.example", 2)}),
        ("[::1]:80", {("::1", 80)}),
    ],
)
def test_hosts_to_fetch_from_are_a_comma_list(value: str, hosts: set[tuple[str, int]]) -> None:
    assert load(download_allow=value).download_allow == frozenset(hosts)


@pytest.mark.parametrize("value", ["a", "a:", ":80", "http://a:80", "a:b"])
def test_a_host_has_a_port(value: str) -> None:
    (problem,) = problems(download_allow=value)
    assert problem.startswith("DOWNLOAD_ALLOW is wrong: ")


@pytest.mark.parametrize("value", ["api.netmind.ai", "ftp://a", "https://", "//a"])
def test_an_address_has_a_scheme_and_a_host(value: str) -> None:
    (problem,) = problems(netmind_base_url=value)
    assert "must be an address such as https://example.com" in problem


def test_a_slash_at_the_end_of_an_address_does_not_matter() -> None:
    assert load(netmind_base_url="https://a.example/").netmind_base_url == "https://a.example"


def test_words_for_the_log_level_may_be_capitals() -> None:
    assert load(log_level="DEBUG").log_level == "debug"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and dashboards set variables to nothing."""
    monkeypatch.setenv("NETMIND_MAX_IN_FLIGHT", "")
    assert load().netmind_max_in_flight == 8


def test_the_database_is_a_file_in_the_data_folder_by_default(tmp_path: Path) -> None:
    assert load(data_dir=tmp_path).database.path == tmp_path / "foley.db"


POSTGRES = "postgresql://u:pass-secret@h/n"


@pytest.mark.parametrize("value", ["shared", "exclusive"])
def test_the_account_is_shared_unless_it_is_said_to_be_exclusive(value: str) -> None:
    assert load().netmind_account == "shared"
    assert load(netmind_account=value).netmind_account == value


@pytest.mark.parametrize("name", ["netmind_account", "role"])
def test_of_a_few_words_no_other_will_do(name: str) -> None:
    (problem,) = problems(**{name: "everything"})
    assert problem.startswith(f"{name.upper()} is wrong: ")


@pytest.mark.parametrize("role", ["gateway", "worker"])
def test_a_process_that_does_half_of_it_shares_its_database(role: str) -> None:
    (problem,) = problems(role=role)
    assert problem == (f"ROLE={role} needs a DATABASE_URL of PostgreSQL: the processes share it.")
    assert load(role=role, database_url=POSTGRES).role == role


def test_a_process_that_does_all_may_keep_its_data_in_a_file() -> None:
    assert load().role == "all"


@pytest.mark.parametrize(
    ("value", "shards"),
    [
        ("0", (0,)),
        ("0-3", (0, 1, 2, 3)),
        ("0,2", (0, 2)),
        (" 4-5 , 0 ", (0, 4, 5)),
        ("1,1,0-1", (0, 1)),
        ("3-3", (3,)),
    ],
)
def test_shards_are_numbers_and_ranges(value: str, shards: tuple[int, ...]) -> None:
    assert load(shard_ids=value, shard_count=6).shard_ids == shards


@pytest.mark.parametrize("value", ["a", "-1", "0-b", "3-1", "0,,2", "0;2", "1.5"])
def test_other_shards_are_refused(value: str) -> None:
    (problem,) = problems(shard_ids=value, shard_count=6)
    assert problem == "SHARD_IDS is wrong: must be numbers such as 0-3 or 0,2."


@pytest.mark.parametrize("count", [None, 1, 3])
def test_shards_need_a_count_that_is_larger(count: int | None) -> None:
    (problem,) = problems(shard_ids="0-3", shard_count=count)
    assert problem == "SHARD_IDS needs a SHARD_COUNT that is larger than each of them."


def test_shards_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHARD_IDS", "0-1")
    monkeypatch.setenv("SHARD_COUNT", "4")
    settings = load()
    assert (settings.shard_ids, settings.shard_count) == ((0, 1), 4)
    monkeypatch.setenv("SHARD_IDS", "")
    assert load().shard_ids is None


@pytest.mark.parametrize("value", [0, 600, 2.5])
def test_a_drain_may_take_up_to_ten_minutes(value: float) -> None:
    assert load().drain_seconds == 20
    assert load(drain_seconds=value).drain_seconds == value


@pytest.mark.parametrize("value", [-1, 601, "soon"])
def test_a_drain_takes_no_other_time(value: object) -> None:
    (problem,) = problems(drain_seconds=value)
    assert problem.startswith("DRAIN_SECONDS is wrong: ")


def test_what_is_wrong_with_several_settings_together_repeats_no_secret() -> None:
    (problem,) = problems(shard_ids="0-3", database_url=POSTGRES)
    assert "secret" not in problem


def test_a_migration_needs_no_tokens(tmp_path: Path) -> None:
    settings = StorageSettings.load(_env_file=None, data_dir=tmp_path)
    assert settings.database.path == tmp_path / "foley.db"


def test_every_setting_says_what_it_is() -> None:
    for name, field in Settings.model_fields.items():
        assert field.description, name
