"""What moderators do about a report: hide, remove and block; and who hears of it."""

import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

from bot.client import Foley
from bot.errors import Refusal
from bot.jobs.cases import Cases
from bot.jobs.shelf import Place
from bot.language import Sentence
from cogs.removal import hide_messages
from storage import audit
from storage.case_states import CaseAction, CaseState
from tests.cogs.test_report import (
    DECIDED,
    Desk,
    all_cases,
    desk,
    labels,
    make,
    moderator,
    press_on,
    report,
    reported,
    send_form,
)
from tests.world import World, open_world, said, sketch

assert desk is not None  # the fixture

NO_MODERATOR = "Only who may manage messages here decides this."
BEING_POSTED = "It is being posted just now. Try again in a moment."
NO_FILE = "There is no file of it in Discord that could be hidden."
MIB = 1024**2


async def click(desk: Desk, label: str, who: MemberActor | None = None) -> Any:
    (told, *_) = desk.told()
    return await (who or desk.mona).click(told, label=label)


async def block(desk: Desk, reason: str = "Enough.", days: str = "") -> Any:
    form = await click(desk, "Remove and block")
    return await desk.mona.submit_modal(form, {"words": reason, "days": days})


async def reminded(world: World, person: MemberActor) -> str:
    """Return what a person is told beside the answer to a command."""
    answer: Any = await person.slash(world.channel, "queue")
    return "\n".join(each.content for each in answer.followups)


# Hide


async def test_a_hidden_result_keeps_its_message_and_its_words(desk: Desk) -> None:
    await reported(desk)
    before = desk.world.results()[0]
    await click(desk, "Hide")
    (after,) = desk.world.results()
    assert (after.id, after.content) == (before.id, before.content)
    assert all(each.filename.startswith("SPOILER_") for each in after.attachments)
    assert len(after.attachments) == len(before.attachments)
    assert desk.world.file(after.attachments[0]) == desk.world.file(before.attachments[0])
    (told,) = desk.told()
    assert "**Hidden** by" in told.content
    assert labels(told) == []
    (case,) = await all_cases(desk.world)
    assert (case.state, case.action) == (CaseState.REMOVED, CaseAction.HIDE)


async def test_what_is_hidden_stays_so_wherever_it_is_posted_again(desk: Desk) -> None:
    await reported(desk)
    await click(desk, "Hide")
    own: Any = await desk.world.type(desk.world.mira, "job", id=1)
    await desk.world.mira.click(own.response, custom_id="foley:post:1")
    await desk.world.finish()
    assert [each.attachments[0].is_spoiler() for each in desk.world.results()] == [True, True]


async def test_a_result_that_cannot_be_hidden_leaves_the_report_open(desk: Desk) -> None:
    await reported(desk)
    desk.world.forbid("view_channel")
    answer = await click(desk, "Hide")
    assert "does not let me" in said(answer)
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]


async def test_a_voice_message_is_not_hidden(desk: Desk) -> None:
    await reported(desk)
    (message,) = desk.world.results()
    stored = desk.world.env.backend.get_message(message.channel.id, message.id)
    stored.flags |= discord.MessageFlags(voice=True).value
    assert "hides no voice message" in said(await click(desk, "Hide"))
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]


async def test_there_is_nothing_to_hide_of_what_is_deleted(desk: Desk) -> None:
    await reported(desk)
    await desk.world.mira.click(desk.world.results()[0], label="Delete")
    assert NO_FILE in said(await click(desk, "Hide"))
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]
    assert await reminded(desk.world, desk.world.mira) == ""


@pytest.mark.parametrize(
    ("served", "words"),
    [
        ({"public_url": "https://foley.example", "port": 8080}, "Discord hides no link."),
        ({}, NO_FILE),
    ],
)
async def test_a_link_or_a_notice_is_not_said_to_be_hidden(
    tmp_path: Path,
    quick_retries: None,  # noqa: ARG001 - at work for its sake
    served: dict[str, Any],
    words: str,
) -> None:
    async with open_world(tmp_path, {"render": sketch}, **served) as world:
        channel = world.guild.create_text_channel("moderators")
        await world.app.client.services.choices.choose(world.guild.id, log_channel_id=channel.id)
        desk = Desk(world, channel, moderator(world))
        world.netmind.next_outcome(body=b"fLaC", size=10 * MIB + 1)
        await reported(desk)
        assert words in said(await click(desk, "Hide"))
        assert "Hidden" not in desk.told()[0].content
        assert [case.state for case in await all_cases(world)] == [CaseState.OPEN]


async def test_who_dies_between_hiding_and_writing_it_down_leaves_a_second_click_to_mend_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reported(desk)
    before = desk.world.file(desk.world.results()[0].attachments[0])

    async def die(*_: object) -> None:
        raise Refusal(Sentence("died"))

    with monkeypatch.context() as dying:
        dying.setattr(Cases, "decide", die)
        await click(desk, "Hide")
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]
    assert labels(desk.told()[0]) != []
    await desk.world.restart()
    await click(desk, "Hide")
    (after,) = desk.world.results()
    assert [each.filename for each in after.attachments] == ["SPOILER_rain-1.flac"]
    assert desk.world.file(after.attachments[0]) == before
    assert [case.action for case in await all_cases(desk.world)] == [CaseAction.HIDE]


# What is being posted meanwhile


def while_sending(
    world: World, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[Any]]
) -> list[Any]:
    """Have something be done between the moment a file is ready and its upload; return answers."""
    courier = world.app.workers.courier
    send, answers = courier.post._send, list[Any]()

    async def sent(letter: Any) -> Any:
        if letter.uploads and not answers:
            answers.append(await act())
        return await send(letter)

    monkeypatch.setattr(courier.post, "_send", sent)
    return answers


async def shown_and_copied(desk: Desk) -> None:
    """Report a result whose person is having it posted once more."""
    await reported(desk)
    own: Any = await desk.world.type(desk.world.mira, "job", id=1)
    await desk.world.mira.click(own.response, custom_id="foley:post:1")


async def reported_too_early(desk: Desk) -> None:
    """Report a job by its card, before its result is there."""
    await desk.world.ask("rain", duration=1)
    await report(desk.world, await desk.world.card())
    await desk.world.work()


async def decide(desk: Desk, label: str) -> Any:
    answer = await click(desk, label)
    if answer.modal is None:
        return answer
    return await desk.mona.submit_modal(answer, {"words": "Enough.", "days": ""})


@pytest.mark.parametrize("prepare", [shown_and_copied, reported_too_early])
@pytest.mark.parametrize("label", ["Remove", "Hide", "Remove and block"])
async def test_what_is_being_posted_at_that_moment_is_decided_a_moment_later(
    desk: Desk,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Callable[[Desk], Awaitable[None]],
    label: str,
) -> None:
    """Else it would be said to be removed or hidden, and stand there for all to see."""
    world = desk.world
    await prepare(desk)
    answers = while_sending(world, monkeypatch, lambda: decide(desk, label))
    await world.until_ended()
    assert BEING_POSTED in said(answers[0])
    assert [case.state for case in await all_cases(world)] == [CaseState.OPEN]
    await decide(desk, label)
    hidden = [file.is_spoiler() for each in world.results() for file in each.attachments]
    assert all(hidden)
    assert bool(hidden) is (label == "Hide")
    assert [case.state for case in await all_cases(world)] == [CaseState.REMOVED]


async def test_what_was_posted_while_the_rest_was_being_hidden_is_not_forgotten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await reported(desk)
    world, courier = desk.world, desk.world.app.workers.courier

    async def slowly(bot: Foley, places: Iterable[Place]) -> None:
        await hide_messages(bot, places)
        await bot.services.shelf.copy(1, world.mira.id, 7, world.channel.id)
        await courier.step()
        await courier.tasks.join()

    with monkeypatch.context() as slow:
        # Not an imported name: each bot loads its cogs anew.
        slow.setattr(sys.modules["cogs.report"], "hide_messages", slowly)
        assert BEING_POSTED in said(await click(desk, "Hide"))
    assert [case.state for case in await all_cases(world)] == [CaseState.OPEN]
    await click(desk, "Hide")
    assert [each.attachments[0].is_spoiler() for each in world.results()] == [True, True]


# Remove and block


async def test_who_is_blocked_by_a_report_reads_why_and_makes_nothing_more(desk: Desk) -> None:
    await reported(desk)
    await block(desk, "Third time.", "7")
    assert desk.world.results() == []
    answer = await desk.world.ask("more", duration=1)
    assert "Third time." in said(answer)
    assert "It ends" in said(answer)
    assert "**Removed, and its person blocked**" in desk.told()[0].content
    async with desk.world.app.database.read() as connection:
        entries = await audit.newest(connection, desk.world.guild.id, 9)
    assert [entry.what for entry in entries] == ["case", "block"]
    changes: Any = await moderator_of(desk.world).slash(desk.world.channel, "studio changes")
    assert "decided a report" in str(changes.response.embeds[0].description)


def moderator_of(world: World) -> MemberActor:
    may = discord.Permissions(manage_guild=True)
    role = world.guild.create_role("chiefs", permissions=may)
    return world.guild.add_member(world.env.create_user("chief"), roles=[role])


@pytest.mark.parametrize("days", ["0", "-1", "a week", "99999", "٣"])
async def test_days_that_are_none_block_nobody(desk: Desk, days: str) -> None:
    await reported(desk)
    assert "Write the days as a whole number" in said(await block(desk, "x", days[:4]))
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]
    assert not (await desk.world.ask("more", duration=1)).ephemeral


async def test_a_block_needs_a_reason(desk: Desk) -> None:
    await reported(desk)
    assert "Say in a few words why" in said(await block(desk, "   "))
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]


async def test_the_form_works_after_a_restart_and_for_moderators_alone(desk: Desk) -> None:
    await reported(desk)
    form = await click(desk, "Remove and block")
    forged = await send_form(desk.world, desk.world.jonas, "foley:blocking:1")
    assert said(forged) == NO_MODERATOR
    await desk.world.restart()
    await desk.mona.submit_modal(form, {"words": "Enough.", "days": ""})
    assert [case.action for case in await all_cases(desk.world)] == [CaseAction.BLOCK]


async def test_only_one_of_two_moderators_decides(desk: Desk) -> None:
    await reported(desk)
    form = await click(desk, "Remove and block")
    await click(desk, "Dismiss", moderator(desk.world, "max"))
    late = await desk.mona.submit_modal(form, {"words": "Enough.", "days": ""})
    assert DECIDED in said(late)
    assert not (await desk.world.ask("more", duration=1)).ephemeral
    assert len(desk.world.results()) == 1


async def test_moderators_of_another_guild_can_do_nothing(desk: Desk) -> None:
    await reported(desk)
    other = desk.world.env.create_guild("elsewhere")
    lounge = other.create_text_channel("lounge")
    may = discord.Permissions(manage_messages=True)
    role = other.create_role("moderators", permissions=may)
    otto = other.add_member(desk.world.env.create_user("otto"), roles=[role])
    forged = await send_form(desk.world, otto, "foley:blocking:1", lounge)
    assert "not known here" in said(forged)
    await otto.slash(lounge, "audio", prompt="bells", duration=1)
    (card,) = desk.world.posts(lounge)
    for verdict in ("hide", "block"):
        pressed = await press_on(desk.world, otto, card, f"foley:case:{verdict}:1")
        assert "not known here" in said(pressed)
    assert not desk.world.results()[0].attachments[0].is_spoiler()
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]


async def test_who_moderates_nothing_neither_hides_nor_blocks(desk: Desk) -> None:
    await reported(desk)
    for label in ("Hide", "Remove and block"):
        answer = await click(desk, label, desk.world.jonas)
        assert (said(answer), answer.modal) == (NO_MODERATOR, None)
    assert not desk.world.results()[0].attachments[0].is_spoiler()
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]


# Who hears of it


@pytest.mark.parametrize(
    ("label", "to_jonas", "to_mira"),
    [
        ("Remove", "took away what you reported", "took your result away"),
        ("Hide", "hid what you reported", "hid your result"),
        ("Dismiss", "and left it", ""),
    ],
)
async def test_who_reported_and_whose_it_is_hear_what_was_decided_once(
    desk: Desk, label: str, to_jonas: str, to_mira: str
) -> None:
    await reported(desk)
    await click(desk, label)
    for person, words in ((desk.world.jonas, to_jonas), (desk.world.mira, to_mira)):
        first = await reminded(desk.world, person)
        assert words in first
        assert ("> rain" in first) is (person is desk.world.mira and bool(to_mira))
        assert await reminded(desk.world, person) == ""


async def test_who_agreed_to_direct_messages_hears_it_there_and_not_twice(desk: Desk) -> None:
    world = desk.world
    await world.app.client.services.choices.agree(world.jonas.id, agreed=True)
    await reported(desk)
    await click(desk, "Dismiss")
    await world.finish()
    sent = [each for each in world.sent("POST", "/messages") if "left it" in str(each.body)]
    assert len(sent) == 1
    assert await reminded(world, world.jonas) == ""


async def test_whose_direct_messages_are_closed_hears_it_with_the_next_command_once(
    desk: Desk,
) -> None:
    world = desk.world
    await world.app.client.services.choices.agree(world.jonas.id, agreed=True)
    await reported(desk)
    dm = world.jonas.user.dm_channel
    world.env.inject_error("POST", f"/channels/{dm.id}/messages", status=403, code=50007)
    await click(desk, "Dismiss")
    await world.finish()
    assert "and left it" in await reminded(world, world.jonas)
    assert await reminded(world, world.jonas) == ""


async def test_everybody_who_reported_a_removed_result_hears_it(desk: Desk) -> None:
    world = desk.world
    result = await make(world)
    kim = world.guild.add_member(world.env.create_user("kim"))
    for person in (world.jonas, kim):
        await report(world, result, person=person)
    await world.work()
    await click(desk, "Remove")
    for person in (world.jonas, kim):
        assert "took away what you reported" in await reminded(world, person)


async def test_a_moderator_is_not_told_what_they_did_themselves(desk: Desk) -> None:
    world = desk.world
    await report(world, await make(world), person=desk.mona)
    await world.work()
    await click(desk, "Dismiss")
    assert await reminded(world, desk.mona) == ""
