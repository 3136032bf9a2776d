"""What moderators do about a report: hide, remove and block; and who hears of it."""

from typing import Any

import discord
import pytest
from simcord.actors import MemberActor

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
    report,
    reported,
    send_form,
)
from tests.world import World, said

assert desk is not None  # the fixture

NO_MODERATOR = "Only who may manage messages here decides this."


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
    await world.app.client.choices.agree(world.jonas.id, agreed=True)
    await reported(desk)
    await click(desk, "Dismiss")
    await world.finish()
    sent = [each for each in world.sent("POST", "/messages") if "left it" in str(each.body)]
    assert len(sent) == 1
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
