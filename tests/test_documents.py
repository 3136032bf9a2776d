"""The documents say what is true; tests/docs looks at commands, links and sentences."""

import pytest

from bot.netmind.catalog import Catalog
from tests.documents import ROOT, SETTINGS, written


def test_the_table_of_settings_is_what_the_code_reads() -> None:
    assert written(SETTINGS.read_text("utf-8")) == SETTINGS.read_text("utf-8")


@pytest.mark.parametrize("kind", Catalog.load().kinds())
def test_the_readme_names_every_option_of_a_command(kind: str) -> None:
    options = [option.key for option in Catalog.load().options(kind)]
    line = " ".join([f"/{kind} prompt [model]", *(f"[{option}]" for option in options)])
    assert f"`{line}`" in (ROOT / "README.md").read_text("utf-8")


def test_only_the_index_free_pins_are_installed() -> None:
    """A requirements file names no host, so it installs from whatever index the reader has."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert text.count("--hash=sha256:") >= text.count("==")
