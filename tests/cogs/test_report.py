"""Reporting a result to moderators, and what they do about it."""

import re
from typing import Any, NamedTuple

import discord
import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType
from simcord.results import InteractionResult

from bot import case_message
from bot.jobs.cases import Ruling
from bot.jobs.sending import NONCE_WINDOW
from bot.language import Language, language
from storage import cases, deliveries, schema
from storage.case_states import CaseState
from storage.cases import Case
from storage.deliveries import Delivery
from storage.routes import Route
from storage.states import DeliveryState
from tests.jobs.makers import NOON, a_job
from tests.world import World, said

NOT_MINE = "There is no result of mine in this message."
UNKNOWN = "This job is not known here any more."
REPORTED = "You have reported this already."
DECIDED = "Somebody has decided this already."
THANKS = "Thank you. The moderators of this server will look at it."


class Desk(NamedTuple):
    """A guild whose moderators have a channel, and one of them."""

    world: World
    channel: ChannelHandle
    mona: MemberActor

    def told(self) -> list[discord.Message]:
        return self.world.posts(self.channel)


@pytest.fixture
async def desk(world: World) -> Desk:
    channel = world.guild.create_text_channel("moderators")
    await world.app.client.services.choices.choose(world.guild.id, log_channel_id=channel.id)
    return Desk(world, channel, moderator(world))


def moderator(world: World, name: str = "mona") -> MemberActor:
    may = discord.Permissions(manage_messages=True)
    role = world.guild.create_role("moderators", permissions=may)
    return world.guild.add_member(world.env.create_user(name), roles=[role])


async def make(world: World, prompt: str = "rain", **options: Any) -> discord.Message:
    """Have Mira ask for something; return what came of it."""
    await world.ask(prompt, duration=1, **options)
    await world.until_ended()
    return world.posts()[-1]


async def menu(
    world: World, person: MemberActor, message: Any, channel: ChannelHandle | None = None
) -> InteractionResult:
    return await person.context_menu(channel or world.channel, "Report", message)


async def report(
    world: World, message: Any, words: str = "It is rude.", person: MemberActor | None = None
) -> InteractionResult:
    """Have Jonas, or somebody else, report what stands in a message."""
    person = person or world.jonas
    return await person.submit_modal(await menu(world, person, message), {"words": words})


async def reported(desk: Desk, words: str = "It is rude.") -> discord.Message:
    """Return the message about a result that Jonas has reported."""
    await report(desk.world, await make(desk.world), words)
    await desk.world.work()
    (told,) = desk.told()
    return told


async def send_form(
    world: World, person: MemberActor, form_id: str, channel: ChannelHandle | None = None
) -> InteractionResult:
    """Send a form with an id that nobody was shown."""
    field = {"type": 4, "custom_id": "words", "value": "x"}
    data = {"custom_id": form_id, "components": [{"type": 18, "component": field}]}
    kind = InteractionType.MODAL_SUBMIT
    return await person._dispatch_interaction(kind, channel or world.channel, data)


async def all_cases(world: World) -> list[Case]:
    async with world.app.database.read() as connection:
        rows = await connection.execute(sa.select(schema.cases).order_by(schema.cases.c.id))
        return [cases.read(row) for row in rows.mappings()]


async def delivery_of(world: World, case_id: int = 1) -> Delivery:
    async with world.app.database.read() as connection:
        return (await deliveries.of_cases(connection, [case_id]))[case_id]


def labels(message: discord.Message) -> list[Any]:
    rows = message.components
    return [getattr(item, "label", None) for row in rows for item in getattr(row, "children", [])]


# What people do


async def test_the_button_below_a_result_reports_it_like_the_menu(desk: Desk) -> None:
    world = desk.world
    result = await make(world)
    form = await world.jonas.click(result, label="Report")
    assert said(await world.jonas.submit_modal(form, {"words": "It is rude."})) == THANKS
    await world.work()
    assert len(desk.told()) == 1
    again = await world.jonas.click(result, label="Report")
    assert said(again) == REPORTED
    own = await world.mira.click(result, label="Report")
    assert "This is your own." in said(own)


async def test_without_moderators_who_want_to_hear_of_it_there_is_no_button(world: World) -> None:
    assert "Report" not in labels(await make(world))


async def test_a_report_reaches_the_moderators_with_all_they_need(desk: Desk) -> None:
    world = desk.world
    result = await make(world)
    answer = await report(world, result, "It is *rude*.")
    assert answer.ephemeral
    assert said(answer) == THANKS
    await world.work()
    (told,) = desk.told()
    told_by = await delivery_of(world)
    link = f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/{result.id}"
    assert told.content.split("\n") == [
        "🚩 **A result was reported**",
        f"<@{world.mira.id}> asked for it:",
        "> rain",
        f"<@{world.jonas.id}> reported it <t:{int(world.clock().timestamp())}:R>:",
        "> It is \\*rude\\*.",
        f"-# #1/{told_by.id} · [Open its message]({link})",
    ]
    assert labels(told) == ["Remove", "Hide", "Remove and block", "Dismiss"]
    assert (told.attachments, told.reference) == ([], None)
    assert (told_by.state, told_by.message_id) == (DeliveryState.SENT, told.id)
    assert len(world.posts()) == 2


async def test_a_report_promises_its_message_in_the_same_transaction(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = desk.world
    result = await make(world)

    async def lost(*_: object) -> None:
        raise KeyError

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "add_case", lost)
        assert "went wrong" in said(await report(world, result))
    assert await all_cases(world) == []
    assert said(await report(world, result)) == THANKS


async def test_every_public_message_about_a_job_can_be_reported(desk: Desk) -> None:
    """The card of a finished job has no buttons that could name it."""
    world = desk.world
    await make(world)
    card = await world.card()
    assert card.components == []
    assert said(await report(world, card)) == THANKS
    (case,) = await all_cases(world)
    assert (case.job_id, case.message_id) == (1, card.id)


async def test_there_is_nothing_to_report_in_other_messages(desk: Desk) -> None:
    world = desk.world
    told = await reported(desk)
    written = await world.mira.send(world.channel, "hello")
    for message, channel in ((written, world.channel), (told, desk.channel)):
        answer = await menu(world, world.jonas, message, channel)
        assert (said(answer), answer.modal, answer.ephemeral) == (NOT_MINE, None, True)


async def test_the_menu_is_for_everybody_in_guilds(world: World) -> None:
    tree = world.app.client.tree
    (command,) = [each for each in tree.get_commands() if each.name == "Report"]
    told = command.to_dict(tree)
    assert told["default_member_permissions"] is None
    assert (told["contexts"], told["integration_types"]) == ([0], [0])


async def test_nobody_reports_the_same_twice_but_others_may_too(desk: Desk) -> None:
    world = desk.world
    result = await make(world)
    opened = [await menu(world, world.jonas, result) for _ in range(2)]
    await world.replay(await world.jonas.submit_modal(opened[0], {"words": "rude"}))
    again = await menu(world, world.jonas, await world.card())
    assert (said(again), again.modal) == (REPORTED, None)
    assert said(await world.jonas.submit_modal(opened[1], {"words": "loud"})) == REPORTED
    assert said(await report(world, result, person=desk.mona)) == THANKS
    await world.work()
    assert len(desk.told()) == 2


async def test_ones_own_result_is_not_reported(desk: Desk) -> None:
    world = desk.world
    result = await make(world)
    answer = await menu(world, world.mira, result)
    assert "Delete" in said(answer)
    assert answer.modal is None
    await send_form(world, world.mira, f"foley:report:1:{result.id}")
    assert await all_cases(world) == []


async def test_without_a_channel_for_reports_the_form_is_not_shown(world: World) -> None:
    answer = await menu(world, world.jonas, await make(world))
    assert "Who manages this server can choose one with /studio reports." in said(answer)
    assert answer.modal is None


async def test_a_private_job_is_as_good_as_unknown(desk: Desk) -> None:
    """An id can be made up, and one that is right says no more than one that is wrong."""
    world = desk.world
    result = await make(world)
    for route in (Route.PRIVATE, Route.DIRECT):
        async with world.app.database.write() as connection:
            await connection.execute(sa.update(schema.jobs).values(route=route))
        answers = [
            said(await menu(world, world.jonas, result)),
            said(await send_form(world, world.jonas, f"foley:report:1:{result.id}")),
            said(await send_form(world, world.jonas, f"foley:report:77:{result.id}")),
        ]
        assert answers == [UNKNOWN] * 3
    assert await all_cases(world) == []


async def test_a_job_of_another_guild_is_not_reported(desk: Desk) -> None:
    """Not even where a copy of it stands."""
    world = desk.world
    await make(world)
    elsewhere = world.env.create_guild("The Other Shop")
    channel = elsewhere.create_text_channel("studio")
    otto = elsewhere.add_member(world.env.create_user("otto"))
    await world.app.client.services.choices.choose(elsewhere.id, log_channel_id=channel.id)
    await world.app.client.services.shelf.copy(1, world.mira.id, 7, channel.id)
    await world.work()
    (copy,) = world.posts(channel)
    assert said(await menu(world, otto, copy, channel)) == UNKNOWN
    answer = await send_form(world, otto, f"foley:report:1:{copy.id}", channel)
    assert said(answer) == UNKNOWN
    assert await all_cases(world) == []


async def test_a_message_that_shows_nothing_of_the_job_is_not_reported(desk: Desk) -> None:
    """A form's id can be made up, and moderators would open what it names."""
    world = desk.world
    await make(world)
    written = await world.mira.send(world.channel, "look at this")
    made_up = await send_form(world, world.jonas, f"foley:report:1:{written.id}")
    assert said(made_up) == UNKNOWN
    assert await all_cases(world) == []


async def test_a_form_that_was_opened_before_a_restart_can_be_sent_after_it(desk: Desk) -> None:
    world = desk.world
    opened = await menu(world, world.jonas, await make(world))
    await world.restart()
    assert said(await world.jonas.submit_modal(opened, {"words": "rude"})) == THANKS


# The way to the moderators


@pytest.mark.parametrize("wait", [0, NONCE_WINDOW.total_seconds() + 1])
async def test_a_report_whose_answer_was_lost_is_posted_once(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, wait: float
) -> None:
    """Within the window Discord drops a second one by its nonce; past it, the first is found."""
    world = desk.world
    await report(world, await make(world))
    send = world.app.workers.courier.post._send

    async def lost(letter: Any) -> Any:
        await send(letter)
        raise TimeoutError

    monkeypatch.setattr(world.app.workers.courier.post, "_send", lost)
    await world.work(1)
    assert (await delivery_of(world)).state is DeliveryState.SENDING
    await world.restart()
    world.move(wait)
    await world.finish(30)
    path = f"/channels/{desk.channel.id}/messages"
    nonces = [request.body["nonce"] for request in world.sent("POST", path)]
    assert len(set(nonces)) == 1
    assert len(nonces) == (1 if wait else 2)
    assert len(desk.told()) == len(nonces)
    assert (await delivery_of(world)).state is DeliveryState.SENT


async def test_what_its_person_deletes_stays_with_the_moderators(desk: Desk) -> None:
    world = desk.world
    told = await reported(desk)
    await report(world, world.results()[0], "I agree.", desk.mona)
    await world.mira.click(world.results()[0], label="Delete")
    assert [each.id for each in desk.told()] == [told.id]
    await world.work()
    assert len(desk.told()) == 2


async def test_a_report_that_nobody_can_be_told_of_is_kept_and_is_nothing_of_the_requesters(
    desk: Desk,
) -> None:
    world = desk.world
    await report(world, await make(world))
    before = await world.job()
    world.env.backend.delete_channel(desk.channel.id)
    await world.env.settle()
    await world.work()
    assert (await delivery_of(world)).state is DeliveryState.UNDELIVERABLE
    assert await world.app.client.services.desk.untold(world.mira.id) == []
    assert (await world.job()).reason is before.reason is None


async def test_moderators_are_told_in_the_language_of_their_guild_or_in_english(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = desk.world
    spoken: list[str] = []
    write = case_message.write

    def noted(case: Case, job: Any, delivery_id: int, say: Language) -> str:
        spoken.append(say.code)
        return write(case, job, delivery_id, say)

    monkeypatch.setattr(case_message, "write", noted)
    choices = world.app.client.services.choices
    for person in (world.mira, world.jonas, desk.mona):
        await choices.prefer(person.id, language="de")
    result = await make(world)
    await choices.choose(world.guild.id, language="fr")
    await report(world, result)
    await world.work()
    (told,) = desk.told()
    await choices.choose(world.guild.id, language=None)
    await desk.mona.click(told, custom_id="foley:case:dismiss:1")
    assert spoken == [language("fr").code, "en"]


HOSTILE = (
    "@everyone @here <@{mona}> <@&{role}> <#1> </audio:1> https://evil.example\n"
    "# big\n-# #1/2 · **b** [x](https://evil.example) ||s|| `c`\u202e"
)


async def test_nothing_in_the_words_of_a_report_works(desk: Desk) -> None:
    world = desk.world
    role = world.guild.create_role("team")
    words = HOSTILE.format(mona=desk.mona.id, role=role.id)
    result = await make(world, words)
    await report(world, result, words)
    await world.work()
    (told,) = desk.told()
    assert not told.mention_everyone
    assert told.role_mentions == []
    # These two names are ours. Discord lists them as mentions, but nobody is called by them.
    assert {person.id for person in told.mentions} == {world.mira.id, world.jonas.id}
    quoted = [line for line in told.content.split("\n") if line.startswith("> ")]
    assert len(quoted) == 2
    for line in quoted:
        assert re.search(r"(?<!\\)[@<#*`\[]|https?:/|\|\||\u202e", line) is None
    await desk.mona.click(told, label="Dismiss")
    (request,) = world.sent("POST", f"/channels/{desk.channel.id}/messages")
    edit = world.sent("POST", "/callback")[-1].body["data"]
    assert request.body["allowed_mentions"] == {"parse": [], "users": []}
    assert edit["allowed_mentions"] == {"parse": []}


def test_the_longest_report_fits_into_a_message() -> None:
    case = Case(*(2**63 - 1,) * 5, "*" * 500, 10**17, NOON, CaseState.REMOVED, 2**63 - 1, NOON)
    job = a_job(id=10**17, requester_id=2**63 - 1, prompt="*" * 2000)
    assert len(case_message.write(case, job, 10**17, language("en"))) < 1900


# What moderators do


async def test_remove_takes_the_result_away_and_says_so(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    world = desk.world
    told = await reported(desk, "terrible words")
    await desk.mona.click(told, label="Remove")
    assert world.results() == []
    job = await world.job()
    assert job.removed_at == world.clock()
    (case,) = await all_cases(world)
    assert (case.state, case.decided_by) == (CaseState.REMOVED, desk.mona.id)
    (shown,) = desk.told()
    assert f"**Removed** by <@{desk.mona.id}> <t:" in shown.content
    assert "terrible words" in shown.content
    assert shown.components == []
    await world.work()
    assert all(each.deleted_at for each in world.netmind.generations.values())
    lines = [line for line in capsys.readouterr().out.splitlines() if "case_" in line]
    assert any(f"by={desk.mona.id}" in line and "job=1" in line for line in lines)
    assert not any("terrible" in line or "rain" in line for line in lines)


async def test_dismiss_leaves_the_result_and_says_so(desk: Desk) -> None:
    world = desk.world
    told = await reported(desk)
    await world.restart()
    await desk.mona.click(told, label="Dismiss")
    (shown,) = desk.told()
    assert f"**Dismissed** by <@{desk.mona.id}>" in shown.content
    assert shown.components == []
    assert len(world.results()) == 1
    assert (await world.job()).removed_at is None
    assert [case.state for case in await all_cases(world)] == [CaseState.DISMISSED]


async def test_the_first_of_two_moderators_decides(desk: Desk) -> None:
    world = desk.world
    told = await reported(desk)
    first = await desk.mona.click(told, label="Dismiss")
    await world.replay(first)
    late = await press(desk, moderator(world, "moritz"), "remove")
    assert late.followups[-1].content == DECIDED
    assert len(world.results()) == 1
    assert (await world.job()).removed_at is None
    (shown,) = desk.told()
    assert f"**Dismissed** by <@{desk.mona.id}>" in shown.content
    assert shown.components == []


async def press(desk: Desk, person: MemberActor, verdict: str) -> InteractionResult:
    """Press a button of the first case that was there when the press began."""
    (shown, *_) = desk.told()
    return await press_on(desk.world, person, shown, f"foley:case:{verdict}:1")


async def press_on(
    world: World, person: MemberActor, shown: discord.Message, custom_id: str
) -> InteractionResult:
    stored = world.env.backend.get_message(shown.channel.id, shown.id)
    button = {"type": 2, "style": 2, "label": "x", "custom_id": custom_id}
    stored.components = [{"type": 1, "components": [button]}]
    return await person.click(shown, custom_id=custom_id)


async def test_a_click_shows_a_decision_whose_maker_died_before_showing_it(desk: Desk) -> None:
    world = desk.world
    told = await reported(desk)
    await world.app.client.services.cases.decide(
        1, Ruling(desk.mona.id, CaseState.REMOVED), world.guild.id
    )
    assert len(world.results()) == 1
    late = await desk.mona.click(told, label="Dismiss")
    assert late.followups[-1].content == DECIDED
    assert world.results() == []
    assert "**Removed**" in desk.told()[0].content


async def test_a_removal_decides_all_that_was_reported_of_the_job(desk: Desk) -> None:
    """One was not told yet; it comes without buttons."""
    world = desk.world
    told = await reported(desk)
    await report(world, world.results()[0], "I agree.", desk.mona)
    await world.work()
    await report(world, world.results()[0], "So do I.", moderator(world, "moritz"))
    await desk.mona.click(told, label="Remove")
    assert [case.state for case in await all_cases(world)] == [CaseState.REMOVED] * 3
    await world.work()
    assert [labels(each) for each in desk.told()] == [[], [], []]
    assert all("**Removed**" in each.content for each in desk.told())


async def test_who_moderates_nothing_decides_nothing(desk: Desk) -> None:
    told = await reported(desk)
    for label in ("Remove", "Dismiss"):
        answer = await desk.world.jonas.click(told, label=label)
        assert answer.ephemeral
        assert said(answer) == "Only who may manage messages here decides this."
    assert len(desk.world.results()) == 1
    assert [case.state for case in await all_cases(desk.world)] == [CaseState.OPEN]


async def test_a_moderator_of_another_guild_decides_nothing_here(desk: Desk) -> None:
    world = desk.world
    await reported(desk)
    elsewhere = world.env.create_guild("The Other Shop")
    channel = elsewhere.create_text_channel("studio")
    may = discord.Permissions(manage_messages=True)
    otto = elsewhere.add_member(
        world.env.create_user("otto"), roles=[elsewhere.create_role("mods", permissions=may)]
    )
    await otto.slash(channel, "audio", prompt="bells", duration=1)
    (card,) = world.posts(channel)
    for verdict in ("remove", "dismiss"):
        answer = await press_on(world, otto, card, f"foley:case:{verdict}:1")
        assert said(answer) == "This report is not known here any more."
    assert len(world.results()) == 1
    assert [case.state for case in await all_cases(world)] == [CaseState.OPEN]


async def test_what_is_still_under_way_is_not_removed_yet(desk: Desk) -> None:
    world = desk.world
    await world.ask("rain", duration=1)
    await report(world, await world.card())
    await world.work()
    (told,) = desk.told()
    assert "still under way" in said(await desk.mona.click(told, label="Remove"))
    assert [case.state for case in await all_cases(world)] == [CaseState.OPEN]
    await world.until_ended()
    await desk.mona.click(told, label="Remove")
    assert world.results() == []


async def test_a_removal_where_discord_lets_us_in_no_more_is_decided_and_explained(
    desk: Desk,
) -> None:
    world = desk.world
    told = await reported(desk)
    world.forbid("view_channel")
    answer = await desk.mona.click(told, label="Remove")
    assert "does not let me into" in said(answer)
    assert "**Removed**" in desk.told()[0].content
    assert (await world.job()).removed_at is not None
