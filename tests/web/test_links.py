"""Signed links: what was not made by us opens nothing, and nothing opens for ever."""

from datetime import datetime, timedelta

import pytest

from bot.web.links import ExpiredLinkError, ForgedLinkError, MediaLinks
from tests.jobs.makers import NOON

WEEK = timedelta(days=7)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/="


class Clock:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def links(bot: str = "token") -> MediaLinks:
    return MediaLinks.of_token(bot, "https://foley.example", Clock())


def token_of(link: str) -> str:
    return link.removeprefix("https://foley.example/media/")


@pytest.mark.parametrize("job_id", [1, 7, 2**63 - 1])
def test_a_link_is_read_as_the_job_it_was_made_for(job_id: int) -> None:
    assert links().read(token_of(links().make(job_id, NOON + WEEK))) == job_id


def test_no_letter_of_a_link_can_be_changed() -> None:
    token = token_of(links().make(7, NOON + WEEK))
    for place, letter in enumerate(token):
        for other in set(ALPHABET) - {letter}:
            with pytest.raises(ForgedLinkError):
                links().read(token[:place] + other + token[place + 1 :])


@pytest.mark.parametrize("token", ["", "a", "====", "ä", "A" * 44, "A" * 4000, "../../etc"])
def test_what_is_no_link_of_ours_is_refused(token: str) -> None:
    with pytest.raises(ForgedLinkError):
        links().read(token)


def test_another_bots_link_is_refused() -> None:
    with pytest.raises(ForgedLinkError):
        links("theirs").read(token_of(links().make(7, NOON + WEEK)))


def test_a_link_opens_until_its_last_second() -> None:
    clock = Clock()
    made = MediaLinks.of_token("token", "https://foley.example", clock)
    token = token_of(made.make(7, NOON + WEEK))
    clock.now = NOON + WEEK - timedelta(seconds=1)
    assert made.read(token) == 7
    clock.now = NOON + WEEK
    with pytest.raises(ExpiredLinkError):
        made.read(token)


def test_the_key_stands_in_no_text() -> None:
    assert "key" not in repr(links())
