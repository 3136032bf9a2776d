"""Words that are not wanted, and what of them was found."""

from datetime import timedelta

from storage import words
from storage.database import Database
from storage.words import EVERYWHERE, NewWord
from tests.storage.makers import ANN, BOB, GUILD, NOON


async def put(database: Database, *new: NewWord, guild_id: int = GUILD) -> list[words.Word]:
    async with database.write() as connection:
        await words.put(connection, guild_id, new, BOB, NOON)
        return await words.of_guild(connection, guild_id)


async def version(database: Database) -> tuple[int, int]:
    async with database.read() as connection:
        return await words.version(connection, GUILD)


async def note(
    database: Database, found: list[words.Word], interaction_id: int = 1, days: int = 0
) -> None:
    async with database.write() as connection:
        await words.note_hits(
            connection,
            found,
            NOON + timedelta(days=days),
            guild_id=GUILD,
            interaction_id=interaction_id,
            person_id=ANN,
            prompt="a bad\0word",
        )


async def recent(database: Database) -> list[words.Hit]:
    async with database.read() as connection:
        return await words.recent_hits(connection, GUILD, 10)


async def test_a_rule_is_kept_as_it_was_made(database: Database) -> None:
    (word,) = await put(database, NewWord("word", "bad", "Not nice.", trial=True))
    assert (word.guild_id, word.kind, word.text) == (GUILD, "word", "bad")
    assert (word.reason, word.trial, word.by, word.at) == ("Not nice.", True, BOB, NOON)


async def test_each_guild_has_rules_of_its_own(database: Database) -> None:
    await put(database, NewWord("word", "bad"))
    assert await put(database, guild_id=EVERYWHERE) == []
    assert len(await put(database, NewWord("word", "bad"), guild_id=EVERYWHERE)) == 1
    async with database.write() as connection:
        assert await words.remove(connection, EVERYWHERE, [("word", "bad")]) == 1
        assert len(await words.of_guild(connection, GUILD)) == 1


async def test_a_rule_goes_in_place_of_the_one_with_its_kind_and_text(database: Database) -> None:
    await put(database, NewWord("word", "bad"), NewWord("plain", "bad"))
    found = await put(database, NewWord("word", "bad", "Now with a reason."))
    assert [(word.kind, word.reason) for word in found] == [
        ("plain", ""),
        ("word", "Now with a reason."),
    ]


async def test_two_thousand_rules_are_kept_and_removed_at_once(database: Database) -> None:
    new = [NewWord("word", f"bad{number}") for number in range(2000)]
    assert len(await put(database, *new)) == 2000
    async with database.write() as connection:
        names = [(word.kind, word.text) for word in new]
        assert await words.remove(connection, GUILD, names) == 2000


async def test_every_change_of_the_rules_changes_their_version(database: Database) -> None:
    seen = [await version(database)]
    for new in ("one", "two"):
        await put(database, NewWord("word", new))
        seen.append(await version(database))
    await put(database, NewWord("word", "one", trial=True))
    seen.append(await version(database))
    async with database.write() as connection:
        await words.remove(connection, GUILD, [("word", "two")])
    seen.append(await version(database))
    assert len(set(seen)) == len(seen)


async def test_what_is_found_is_remembered_once_for_each_interaction(database: Database) -> None:
    found = await put(database, NewWord("word", "bad"), NewWord("plain", "word", trial=True))
    await note(database, found)
    await note(database, found)
    await note(database, found[:1], interaction_id=2)
    hits = await recent(database)
    assert [(hit.interaction_id, hit.text, hit.trial) for hit in hits] == [
        (2, "bad", False),
        (1, "word", True),
        (1, "bad", False),
    ]
    assert hits[0].prompt == "a bad\N{REPLACEMENT CHARACTER}word"


async def test_what_was_found_long_ago_is_forgotten(database: Database) -> None:
    found = await put(database, NewWord("word", "bad"))
    await note(database, found)
    await note(database, found, interaction_id=2, days=2)
    async with database.write() as connection:
        await words.forget_hits(connection, NOON + timedelta(days=1))
    assert [hit.interaction_id for hit in await recent(database)] == [2]
