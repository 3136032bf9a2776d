"""The operator's pages open for the token of the settings, and for nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Settings, SettingsError
from bot.web.access import HOLDS, MOST_WRONG, Access

TOKEN = "sixteen-letters!"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def access(token: str = TOKEN) -> tuple[Access, Clock]:
    clock = Clock()
    return Access(token, clock), clock


@given(st.text())
def test_only_the_token_opens(text: str) -> None:
    assert access()[0].opens(text) is (text == TOKEN)


@pytest.mark.parametrize(
    ("header", "bears"),
    [
        (f"Bearer {TOKEN}", True),
        (f"bearer  {TOKEN}", True),
        (TOKEN, False),
        (f"Basic {TOKEN}", False),
        (f"Bearer {TOKEN}x", False),
        ("Bearer ", False),
        ("Bearer \udcff", False),
        ("", False),
    ],
)
def test_a_program_sends_the_token_with_each_request(header: str, bears: bool) -> None:  # noqa: FBT001 - a table
    assert access()[0].bears(header) is bears


def test_a_cookie_holds_for_half_a_day_in_every_process_with_that_token() -> None:
    cookie = access()[0].admit(TOKEN)
    assert cookie is not None
    other, clock = access()
    assert other.knows(cookie)
    clock.now = NOW + HOLDS - timedelta(seconds=1)
    assert other.knows(cookie)
    clock.now = NOW + HOLDS
    assert not other.knows(cookie)


def test_a_new_token_shuts_everybody_out() -> None:
    cookie = access()[0].admit(TOKEN)
    assert cookie is not None
    assert TOKEN not in cookie
    assert not access("another-token-of-theirs")[0].knows(cookie)


@given(st.data())
def test_no_changed_cookie_opens(data: st.DataObject) -> None:
    gate = access()[0]
    cookie = gate.admit(TOKEN) or ""
    place = data.draw(st.integers(0, len(cookie) - 1))
    letter = data.draw(st.sampled_from("ABCabc019-_").filter(lambda one: one != cookie[place]))
    assert not gate.knows(cookie[:place] + letter + cookie[place + 1 :])
    assert not gate.knows(cookie[:place])
    assert not gate.knows(data.draw(st.text()))


def test_wrong_tokens_close_the_form_for_a_minute() -> None:
    gate, clock = access()
    for number in range(MOST_WRONG):
        assert gate.wait() == 0
        clock.now = NOW + timedelta(seconds=number)
        assert gate.admit("wrong") is None
    assert gate.wait() == 60 - (MOST_WRONG - 1)
    clock.now = NOW + timedelta(seconds=60)
    assert gate.wait() == 0
    assert gate.bears(f"Bearer {TOKEN}")


def test_the_token_is_not_shown_by_what_holds_it() -> None:
    assert TOKEN not in repr(access()[0])


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"metrics_token": "x" * 15, "port": 1}, "METRICS_TOKEN is wrong: must have 16"),
        ({"metrics_token": "x" * 8 + " " + "x" * 8, "port": 1}, "METRICS_TOKEN is wrong: must be"),
        ({"metrics_token": "x" * 16}, "METRICS_TOKEN needs a PORT"),
        ({"metrics_token": "x" * 16, "port": 1}, None),
    ],
)
def test_a_token_that_can_be_guessed_or_serves_nothing_is_refused(
    given: dict[str, Any], problem: str | None
) -> None:
    values = {"discord_token": "d.i.s", "netmind_api_token": "n", **given}
    if problem is None:
        assert Settings.load(_env_file=None, **values).metrics_token is not None
        return
    with pytest.raises(SettingsError, match=problem) as caught:
        Settings.load(_env_file=None, **values)
    assert "xxxx" not in str(caught.value)
