"""What people and guilds have chosen decides the way of a job, its language and its options."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.jobs.choices import MODEL, Way, Wish, decided, way_of
from storage.guilds import GuildSettings
from storage.jobs import NewJob
from storage.people import Preferences
from storage.routes import Route

NEW = NewJob(1, 2, 3, 4, "mmaudio", "audio", "rain", {"steps": 5}, language="fr")
NOBODY = Preferences()
THREADS = GuildSettings(route=Route.THREAD)
UNPUBLISHED = GuildSettings(route=Route.PRIVATE)
GALLERY = GuildSettings(route=Route.GALLERY, gallery_id=9)


@pytest.mark.parametrize(
    ("person", "guild", "wish", "way"),
    [
        (NOBODY, GuildSettings(), Wish(), Way(Route.CHANNEL)),
        (NOBODY, GALLERY, Wish(), Way(Route.GALLERY, 9)),
        (NOBODY, THREADS, Wish(), Way(Route.THREAD)),
        (NOBODY, THREADS, Wish(threads=False), Way(Route.CHANNEL)),
        (NOBODY, GALLERY, Wish(threads=False), Way(Route.GALLERY, 9)),
        (NOBODY, GALLERY, Wish(private=True), Way(Route.PRIVATE)),
        (NOBODY, GALLERY, Wish(reachable=False), Way(Route.PRIVATE)),
        (NOBODY, GALLERY, Wish(private=False, reachable=False), Way(Route.PRIVATE)),
        (Preferences(private=True), GALLERY, Wish(), Way(Route.PRIVATE)),
        (NOBODY, UNPUBLISHED, Wish(), Way(Route.PRIVATE)),
        (NOBODY, UNPUBLISHED, Wish(private=False), Way(Route.PRIVATE)),
        (Preferences(direct=True), UNPUBLISHED, Wish(), Way(Route.DIRECT)),
        (Preferences(private=True), GALLERY, Wish(private=False), Way(Route.GALLERY, 9)),
    ],
)
def test_the_way_of_a_result(
    person: Preferences, guild: GuildSettings, wish: Wish, way: Way
) -> None:
    assert way_of(person, guild, wish) == way


def _everything() -> Iterator[tuple[Preferences, GuildSettings, Wish]]:
    for direct, private, asked, reachable, guild in product(
        (None, False, True), (False, True), (None, False, True), (False, True), (THREADS, GALLERY)
    ):
        yield (
            Preferences(private=private, direct=direct),
            guild,
            Wish(private=asked, reachable=reachable),
        )


def test_only_who_has_agreed_gets_a_direct_message() -> None:
    ways = [(person, way_of(person, guild, wish)) for person, guild, wish in _everything()]
    assert {person.direct for person, way in ways if way.route is Route.DIRECT} == {True}
    assert all(way.route is not Route.PRIVATE for person, way in ways if person.direct)


def test_nothing_goes_where_the_bot_is_not() -> None:
    ways = [way_of(*each) for each in _everything() if not each[2].reachable]
    assert ways
    assert all(way.private for way in ways)


@pytest.mark.parametrize(
    ("person", "guild", "wish", "language"),
    [
        (None, None, Wish(), "fr"),
        ("de", None, Wish(), "de"),
        ("de", "ja", Wish(), "ja"),
        (None, "ja", Wish(), "ja"),
        ("de", "ja", Wish(private=True), "de"),
        (None, "ja", Wish(reachable=False), "fr"),
    ],
)
def test_what_all_can_read_is_in_the_language_of_the_guild(
    person: str | None, guild: str | None, wish: Wish, language: str
) -> None:
    job = decided(NEW, Preferences(language=person), GuildSettings(language=guild), wish)
    assert job.language == language


@pytest.mark.parametrize(
    ("defaults", "wish", "options"),
    [
        ({"audio": {"duration": 3}}, Wish(), {"duration": 3, "steps": 5}),
        ({"audio": {"steps": 50}}, Wish(), {"steps": 5}),
        ({"video": {"duration": 3}}, Wish(), {"steps": 5}),
        ({"audio": {MODEL: "mmaudio"}}, Wish(), {"steps": 5}),
        ({"audio": {"duration": 3}}, Wish(usual=False), {"steps": 5}),
    ],
)
def test_what_is_usual_fills_in_what_is_not_set(
    defaults: dict[str, dict[str, Any]], wish: Wish, options: dict[str, Any]
) -> None:
    job = decided(NEW, Preferences(defaults=defaults), GuildSettings(), wish)
    assert job.options == options


def test_the_rest_of_the_job_stays_as_it_is() -> None:
    person, guild = Preferences(mention=False), GuildSettings(route=Route.THREAD, voice=True)
    assert decided(NEW, person, guild, Wish()) == replace(
        NEW, route=Route.THREAD, voice=True, mention=False
    )
