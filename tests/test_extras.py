"""Extras: what is asked for and not installed is said in one sentence."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli

TOKENS = {"DISCORD_TOKEN": "x.y.z", "NETMIND_API_TOKEN": "key"}


@pytest.mark.parametrize(
    ("setting", "value", "package"),
    [
        ("SENTRY_DSN", "https://key@sentry.example.com/1", "sentry_sdk"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9", "opentelemetry"),
    ],
)
def test_an_extra_that_is_not_installed_ends_the_start_with_a_sentence(
    setting: str, value: str, package: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("bot.sentry", "bot.otel"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    ended = CliRunner().invoke(cli, ["run"], env={**TOKENS, setting: value})
    assert ended.exit_code == 2
    assert ended.stderr == (
        f"{setting} is set, but {package} is not installed: requirements-extras.txt has it.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_module_of_ours_that_is_not_there_is_no_missing_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "bot.sentry", None)
    ended = CliRunner().invoke(
        cli, ["run"], env={**TOKENS, "SENTRY_DSN": "https://key@sentry.example.com/1"}
    )
    assert isinstance(ended.exception, ModuleNotFoundError)
