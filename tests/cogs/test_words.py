"""/studio words, and what becomes of requests that its rules are about."""

from collections.abc import Mapping
from typing import Any

from simcord.actors import MemberActor
from simcord.enums import AppCommandType, InteractionType

from bot import word_file
from bot.jobs.vocabulary import MOST_PATTERNS, MOST_RULES
from bot.moderation.words import Kind, Rule
from storage import audit, words
from storage.words import EVERYWHERE, NewWord
from tests.cogs.test_studio import moderator
from tests.world import World, said

NOBODY = 7


async def type_words(world: World, what: str, by: MemberActor | None = None, **chosen: Any) -> Any:
    answer = await (by or moderator(world)).slash(world.channel, f"studio words {what}", **chosen)
    assert answer.ephemeral
    return answer


def shown(answer: Any) -> str:
    (embed,) = answer.response.embeds
    return str(embed.description)


async def add(world: World, text: str, kind: Kind = Kind.WORD, **more: Any) -> None:
    rule = Rule(kind, text, **more)
    await world.app.client.services.vocabulary.add(world.guild.id, rule, NOBODY)


async def rules(world: World) -> list[words.Word]:
    return await world.app.client.services.vocabulary.of_guild(world.guild.id)


async def hits(world: World) -> list[words.Hit]:
    return await world.app.client.services.vocabulary.recent(world.guild.id, 50)


async def bring(world: World, content: bytes) -> Any:
    """Import a file as Discord sends it; simcord's own commands take no files."""
    backend, person = world.env.backend, moderator(world)
    (file,) = backend.store_attachments(world.channel.id, [("words.txt", content)])
    root = backend.find_command("studio", world.guild.id, type=AppCommandType.CHAT_INPUT)
    assert root is not None
    sub = {"name": "import", "type": 1, "options": [{"name": "file", "type": 11}]}
    sub["options"][0]["value"] = str(file["id"])  # type: ignore[index] # a list of one option
    data = {
        "id": root["id"],
        "name": "studio",
        "type": 1,
        "options": [{"name": "words", "type": 2, "options": [sub]}],
        "resolved": {"attachments": {str(file["id"]): file}},
    }
    return await person._dispatch_interaction(
        InteractionType.APPLICATION_COMMAND, world.channel, data
    )


async def test_a_word_that_is_not_allowed_makes_no_job_and_costs_nothing(world: World) -> None:
    await type_words(world, "add", word="goblin", reason="No goblins, please.")
    answer = await world.ask("a loud g0bl!n")
    assert answer.ephemeral
    assert "No goblins, please." in said(answer)
    assert "nothing was spent" in said(answer)
    assert await world.jobs_made() == 0
    assert not world.netmind.ledger


async def test_the_person_is_not_told_the_word(world: World) -> None:
    await add(world, "goblin")
    told = said(await world.ask("a gob lin and a goblin"))
    assert "moderators of this server do not allow" in told
    assert "goblin" not in told


async def test_what_moderators_write_is_shown_and_not_obeyed(world: World) -> None:
    await add(world, "goblin", reason="@everyone **no** [goblins](http://x)")
    told = said(await world.ask("goblin"))
    assert r"\@everyone \*\*no\*\* \[goblins\]" in told


async def test_what_is_allowed_is_made(world: World) -> None:
    await add(world, "ass")
    await world.ask("a brass band")
    assert await world.jobs_made() == 1
    assert await hits(world) == []


async def test_a_rule_on_trial_only_notes(world: World) -> None:
    await type_words(world, "add", word="goblin", trial=True)
    await world.ask("a goblin")
    assert await world.jobs_made() == 1
    (hit,) = await hits(world)
    assert (hit.trial, hit.person_id, hit.prompt) == (True, world.mira.id, "a goblin")
    assert "on trial" in shown(await type_words(world, "blocked"))


async def test_what_was_refused_is_noted_although_nothing_was_made(world: World) -> None:
    await add(world, "goblin")
    refused = await world.ask("a goblin")
    await world.replay(refused)
    (hit,) = await hits(world)
    assert (hit.text, hit.trial, hit.at) == ("goblin", False, world.clock.now)
    told = shown(await type_words(world, "blocked"))
    for part in (f"<@{world.mira.id}>", "a goblin", "**goblin**", "not made", "<t:"):
        assert part in told


async def test_after_a_month_nobody_sees_what_was_found(world: World) -> None:
    await add(world, "goblin")
    await world.ask("a goblin")
    world.move(31 * 86_400)
    assert "Nothing was found" in shown(await type_words(world, "blocked"))
    await world.ask("another goblin")
    async with world.app.database.read() as connection:
        assert len(await words.recent_hits(connection, world.guild.id, 50)) == 1


async def test_other_texts_of_a_request_are_looked_at_too(world: World) -> None:
    await add(world, "goblin")
    told = said(await world.ask("rain", "video", negative_prompt="g o b l i n"))
    assert "do not allow" in told
    usual = {"negative_prompt": "a goblin"}
    await world.app.client.services.choices.set_defaults(world.mira.id, "audio", usual)
    assert "do not allow" in said(await world.ask("rain"))
    assert await world.jobs_made() == 0


async def test_a_choice_of_ours_is_no_text_of_theirs(world: World) -> None:
    (model,) = world.catalog.of_kind("video")
    name, label = next(
        (name, next(iter(option.choices)))
        for name, option in model.options.items()
        if option.choices
    )
    await add(world, label.split()[0], Kind.PLAIN)
    await world.ask("rain", "video", **{name: label})
    assert await world.jobs_made() == 1


async def test_a_rule_of_the_operators_holds_everywhere(world: World) -> None:
    async with world.app.database.write() as connection:
        await words.put(connection, EVERYWHERE, [NewWord("word", "goblin")], 0, world.clock.now)
    assert "not allowed here" in said(await world.ask("a goblin"))
    assert await world.jobs_made() == 0
    told = shown(await type_words(world, "test", prompt="a goblin"))
    assert "for all servers" in told
    assert "no rules of your own" in shown(await type_words(world, "list"))


async def test_a_rule_of_one_server_is_nothing_to_another(world: World) -> None:
    other = world.guild.id + 1
    await world.app.client.services.vocabulary.add(other, Rule(Kind.WORD, "goblin"), NOBODY)
    await world.ask("a goblin")
    assert await world.jobs_made() == 1


async def test_a_change_by_another_process_holds_at_once(world: World) -> None:
    await add(world, "goblin")
    assert "do not allow" in said(await world.ask("a goblin"))
    (word,) = await rules(world)
    async with world.app.database.write() as connection:
        await words.remove(connection, world.guild.id, [(word.kind, word.text)])
    await world.ask("a goblin")
    assert await world.jobs_made() == 1


async def test_a_test_shows_the_rules_and_what_the_person_would_read(world: World) -> None:
    await add(world, "goblin", reason="No goblins.")
    await add(world, "gob", Kind.PLAIN, trial=True)
    told = shown(await type_words(world, "test", prompt="a goblin"))
    for part in ("**goblin**", "**gob**", "on trial", "would not be made", "> No goblins"):
        assert part in told
    assert "This would be made" in shown(await type_words(world, "test", prompt="a g.ob"))
    assert await hits(world) == []


async def test_a_rule_is_listed_and_removed_by_its_words(world: World) -> None:
    await add(world, "goblin", reason="No goblins.")
    await add(world, "troll*", Kind.WILDCARD)
    told = shown(await type_words(world, "list"))
    assert told.index("troll") < told.index("goblin")
    person = moderator(world)
    (offered,) = await person.autocomplete(world.channel, "studio words remove", "rule", "GOB")
    await type_words(world, "remove", person, rule=offered["value"])
    assert [word.text for word in await rules(world)] == ["troll*"]
    assert "no such rule" in said(await type_words(world, "remove", rule=offered["value"]))
    assert "no such rule" in said(await type_words(world, "remove", rule="goblin"))


async def test_rules_of_other_servers_cannot_be_removed(world: World) -> None:
    vocabulary = world.app.client.services.vocabulary
    await vocabulary.add(EVERYWHERE, Rule(Kind.WORD, "goblin"), NOBODY)
    (word,) = await vocabulary.of_guild(EVERYWHERE)
    assert "no such rule" in said(await type_words(world, "remove", rule=str(word.id)))
    assert len(await vocabulary.of_guild(EVERYWHERE)) == 1


async def test_a_pattern_that_cannot_be_read_is_refused_with_what_is_wrong(world: World) -> None:
    answer = await type_words(world, "add", word="(a", kind="pattern")
    assert "missing )" in said(answer)
    assert await rules(world) == []


async def test_a_long_list_of_odd_rules_can_be_shown(world: World) -> None:
    every = [NewWord("pattern", f"{'_' * 190}{n}", "*" * 300, trial=True) for n in range(40)]
    async with world.app.database.write() as connection:
        await words.put(connection, world.guild.id, every, NOBODY, world.clock.now)
    told = shown(await type_words(world, "list"))
    assert "and 15 more" in told


async def test_many_hits_of_long_prompts_can_be_shown(world: World) -> None:
    await add(world, "goblin")
    found = await rules(world)
    async with world.app.database.write() as connection:
        for number in range(11):
            await words.note_hits(
                connection,
                found,
                world.clock.now,
                guild_id=world.guild.id,
                interaction_id=number,
                person_id=world.mira.id,
                prompt="_*" * 200,
            )
    assert shown(await type_words(world, "blocked")).count("goblin") == 10


async def test_a_file_is_imported_and_exported(world: World) -> None:
    answer = await bring(world, b"# ours\ngoblin => No goblins.\ntrial: plain: orc\ntroll*\n")
    assert "3 rules were added" in shown(answer)
    assert len(await rules(world)) == 3
    exported = await type_words(world, "export")
    (file,) = exported.response.attachments
    content = world.file(file).decode()
    assert content == "word: goblin => No goblins.\ntrial: plain: orc\nwildcard: troll*\n"


async def test_a_file_with_a_problem_is_not_imported_at_all(world: World) -> None:
    told = said(await bring(world, b"goblin\npattern: (a\n"))
    assert "Nothing was imported" in told
    assert "Line 2" in told
    assert await rules(world) == []
    assert "no rule in the file" in said(await bring(world, b"# nothing\n"))
    assert "not text in UTF-8" in said(await bring(world, b"\xff\xfe"))


async def test_there_are_no_more_rules_than_a_server_may_have(world: World) -> None:
    lines = "".join(f"goblin{'a' * (n % 50)}{n}\n" for n in range(MOST_RULES))
    await bring(world, lines.encode())
    assert len(await rules(world)) == MOST_RULES
    assert "2000 rules" in said(await type_words(world, "add", word="one more"))
    await type_words(world, "add", word="goblin0", reason="An old one may change.")
    assert len(await rules(world)) == MOST_RULES


async def test_there_are_no_more_patterns_than_others_would_wait_for(world: World) -> None:
    lines = "".join(f"pattern: goblin{n}\n" for n in range(MOST_PATTERNS + 1))
    assert "100 patterns" in said(await bring(world, lines.encode()))
    assert await rules(world) == []


async def test_what_a_moderator_does_is_written_down(world: World) -> None:
    person = moderator(world)
    await type_words(world, "add", person, word="goblin")
    (word,) = await rules(world)
    await type_words(world, "remove", person, rule=str(word.id))
    await bring(world, b"orc\ntroll\n")
    async with world.app.database.read() as connection:
        entries = await audit.newest(connection, world.guild.id, 10)
    assert [entry.what for entry in entries] == ["words_imported", "word_removed", "word_added"]
    assert entries[1].by == person.id
    detail: Mapping[str, Any] = entries[1].detail
    assert detail["text"] == "goblin"


async def test_a_request_is_refused_also_when_nothing_can_be_noted(world: World) -> None:
    await add(world, "goblin")
    with world.no_table("word_hits"):
        assert "do not allow" in said(await world.ask("a goblin"))
    assert await world.jobs_made() == 0


async def test_the_operators_file_goes_in_and_comes_out(world: World, tmp_path: Any) -> None:
    file = tmp_path / "words.txt"
    file.write_text("goblin => No goblins.\n", "utf-8")
    assert await word_file.bring(world.app.database, file) == 1
    assert await word_file.written(world.app.database) == "word: goblin => No goblins.\n"
    assert "No goblins" in said(await world.ask("a goblin"))
