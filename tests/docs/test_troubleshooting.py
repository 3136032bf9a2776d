"""Who searches docs/troubleshooting.md for what they read finds it there."""

import re
from collections.abc import Iterable

import pytest

from bot.commands import ends
from bot.jobs.reasons import Reason
from tests.docs import sentences
from tests.docs.markdown import prose, rows
from tests.docs.trail import Said, plain
from tests.program import ROOT

PAGE = ROOT / "docs" / "troubleshooting.md"
LOG = ROOT / "docs" / "logs.md"
HEADER = "what it says"


def named() -> list[str]:
    """Return the sentences in the first cells of the page's tables."""
    cells = [cells[0] for cells in rows(PAGE, HEADER)]
    return [
        plain(each.strip("`") if each[0] == "`" else each)
        for cell in cells
        for each in cell.split("<br>")
    ]


def holds(row: str, text: str) -> bool:
    """Tell whether a text of the code stands in a row, whatever spaces what is filled in has."""
    return re.sub(r" ?\{\} ?", "{}", text) in re.sub(r" ?\{\} ?", "{}", row)


def missing(said: Iterable[Said]) -> list[str]:
    """Return what stands in no row, each with its file."""
    there = named()
    return sorted(
        f"{each.path}: {each.text}"
        for each in said
        if not any(holds(row, each.text) for row in there)
    )


def test_the_page_names_everything_that_people_read_when_something_is_refused_or_fails() -> None:
    assert missing(sentences.for_people()) == []


def test_the_page_names_everything_that_operators_read_when_something_is_wrong() -> None:
    assert missing(sentences.for_operators()) == []


def test_the_page_names_nothing_that_is_not_in_the_code() -> None:
    texts = {each.text for each in sentences.everything() if len(re.findall(r"\w+", each.text)) > 1}
    assert [row for row in named() if not any(holds(row, text) for text in texts)] == []


def test_the_page_names_each_sentence_once() -> None:
    there = named()
    assert sorted({row for row in there if there.count(row) > 1}) == []


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_in_the_database_and_the_log_is_named(reason: Reason) -> None:
    assert f"`{reason}`" in prose(PAGE)


def test_every_error_of_the_log_has_advice_and_no_advice_is_about_what_is_never_logged() -> None:
    """tests/test_events.py holds docs/logs.md to the code."""
    levels = {cells[0]: cells[1] for cells in rows(LOG, "event")}
    advised = {name for cells in rows(PAGE, "event") for name in cells[0].split(", ")}
    assert sorted(name for name in levels if "error" in levels[name] and name not in advised) == []
    assert sorted(advised - levels.keys()) == []


def test_every_exit_code_is_explained_and_no_other() -> None:
    codes = {str(value) for name, value in vars(ends).items() if name.isupper()}
    assert {cells[0] for cells in rows(ROOT / "docs" / "operating.md", "code")} == {"0", *codes}


# The extractor itself


def test_a_sentence_is_followed_through_names_functions_and_files() -> None:
    said = {each.text for each in sentences.for_people() | sentences.for_operators()}
    assert "Only who manages this server may do that." in said  # a name
    assert "{} must be one of: {}." in said  # of what another file's method returns
    assert "The API refused the key" in said  # a docstring
    assert "Make room on the server's disk." in said  # a table that a function looks into
    assert "PORT is wrong: {} cannot be listened on." in said


def test_what_is_filled_in_is_the_same_by_any_name() -> None:
    assert plain("{file} is in {the  folder}: {a}{b}.") == plain("{} is in {}: {}.")
