"""Moderators decide what is made and what is posted, each thing once, and only for their guild."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import discord
import pytest
import sqlalchemy as sa
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType

from bot.errors import Refusal
from storage import reviews, schema
from storage.review_states import Matter, ReviewState
from storage.reviews import Review
from storage.routes import Route
from storage.states import DeliveryState, JobState
from tests.world import World, said

DECIDED = "Somebody has decided this already."
NO_MODERATOR = "Only who may manage messages here decides this."
HOUR = 3600.0


class Desk(NamedTuple):
    """A guild whose moderators are asked, and one of them."""

    world: World
    channel: ChannelHandle
    mona: MemberActor

    def told(self) -> list[discord.Message]:
        return self.world.posts(self.channel)

    async def click(self, verdict: str, review_id: int = 1, who: MemberActor | None = None) -> Any:
        (message, *_) = self.told()
        return await (who or self.mona).click(
            message, custom_id=f"foley:review:{verdict}:{review_id}"
        )

    async def reject(self, words: str = "Not here, please.", who: MemberActor | None = None) -> Any:
        person = who or self.mona
        return await person.submit_modal(await self.click("reject", who=who), {"words": words})


@pytest.fixture
async def desk(world: World) -> Desk:
    channel = world.guild.create_text_channel("moderators")
    await choose(world, log_channel_id=channel.id)
    return Desk(world, channel, moderator(world))


def moderator(world: World, name: str = "mona") -> MemberActor:
    may = discord.Permissions(manage_messages=True, manage_guild=True)
    role = world.guild.create_role("moderators", permissions=may)
    return world.guild.add_member(world.env.create_user(name), roles=[role])


async def choose(world: World, **chosen: Any) -> None:
    await world.app.client.services.choices.choose(world.guild.id, **chosen)


async def asked(desk: Desk, prompt: str = "rain") -> None:
    """Have Mira ask for something that moderators decide before it is made."""
    await choose(desk.world, review_prompts=True)
    await desk.world.ask(prompt, duration=1)
    await desk.world.work()


async def made(desk: Desk, prompt: str = "rain", **options: Any) -> None:
    """Have Mira's sound be made and wait for moderators."""
    await choose(desk.world, review_results=True)
    await desk.world.ask(prompt, duration=1, **options)
    await until_made(desk.world)


async def until_made(world: World, job_id: int = 1) -> None:
    for _ in range(100):
        await world.later(15)
        if (await world.job(job_id)).ended:
            return
    raise AssertionError("still open")


async def review(world: World, review_id: int = 1) -> Review:
    async with world.app.database.read() as connection:
        found = await reviews.get(connection, review_id)
    assert found is not None
    return found


async def send_form(world: World, person: MemberActor, form_id: str) -> Any:
    """Send a form with an id that nobody was shown."""
    field = {"type": 4, "custom_id": "words", "value": "x"}
    data: Mapping[str, Any] = {
        "custom_id": form_id,
        "components": [{"type": 18, "component": field}],
    }
    return await person._dispatch_interaction(
        InteractionType.MODAL_SUBMIT, world.channel, dict(data)
    )


def labels(message: discord.Message) -> list[Any]:
    rows = message.components
    return [getattr(item, "label", None) for row in rows for item in getattr(row, "children", [])]


# Requests


async def test_a_request_waits_and_moderators_read_its_words(desk: Desk) -> None:
    await asked(desk, "rain on *tin*")
    assert (await desk.world.job()).state is JobState.HELD
    (told,) = desk.told()
    assert "A request waits for you" in told.content
    assert r"rain on \*tin\*" in told.content
    assert f"<@{desk.world.mira.id}>" in told.content
    assert labels(told) == ["Approve", "Reject", "Approve and trust"]
    (sent,) = desk.world.sent("POST", f"/channels/{desk.channel.id}/messages")
    assert sent.body["allowed_mentions"] == {"parse": [], "users": []}
    assert "Waiting for a moderator" in str((await desk.world.card()).embeds[0].title)
    assert desk.world.netmind.generations == {}


async def test_what_is_approved_is_made_and_posted(desk: Desk) -> None:
    await asked(desk)
    await desk.click("approve")
    await desk.world.until_ended()
    assert len(desk.world.results()) == 1
    (told,) = desk.told()
    assert "**Approved** by" in told.content
    assert labels(told) == []


async def test_what_is_rejected_is_never_made_and_its_person_reads_why(desk: Desk) -> None:
    await asked(desk)
    await desk.reject("No tin, please.")
    await desk.world.until_ended()
    job = await desk.world.job()
    assert (job.state, job.detail) == (JobState.REJECTED, "No tin, please.")
    assert desk.world.netmind.generations == {}
    (notice,) = desk.world.notices()
    assert "did not approve it" in notice.content
    assert "No tin, please." in notice.content
    assert "nothing was spent" in notice.content
    assert "No tin, please." in desk.told()[0].content


async def test_who_is_trusted_is_asked_about_no_more(desk: Desk) -> None:
    await asked(desk)
    await desk.click("trust")
    await desk.world.until_ended()
    await desk.world.ask("more", duration=1)
    assert (await desk.world.job(2)).state is JobState.QUEUED
    await desk.world.type(desk.world.jonas, "audio", prompt="rain", duration=1)
    assert (await desk.world.job(3)).state is JobState.HELD


async def test_trust_can_be_taken_back(desk: Desk) -> None:
    await asked(desk)
    await desk.click("trust")
    distrust = await desk.mona.slash(
        desk.world.channel, "studio distrust", person=desk.world.mira.user
    )
    assert "looked at again" in said(distrust)
    await desk.world.ask("more", duration=1)
    assert (await desk.world.job(2)).state is JobState.HELD
    again = await desk.mona.slash(
        desk.world.channel, "studio distrust", person=desk.world.mira.user
    )
    assert "looked at already" in said(again)


async def test_a_request_that_its_person_cancelled_is_not_made_whatever_is_clicked(
    desk: Desk,
) -> None:
    await asked(desk)
    await desk.world.press_cancel(desk.world.mira)
    await desk.click("approve")
    await desk.world.finish(120)
    assert (await desk.world.job()).state is JobState.CANCELLED
    assert (await review(desk.world)).state is ReviewState.WITHDRAWN
    assert "nothing to decide any more" in desk.told()[0].content
    assert desk.world.netmind.generations == {}


async def test_a_rejected_request_gives_the_limit_back(desk: Desk) -> None:
    await desk.world.restart(person_per_day=1)
    await asked(desk)
    assert (await desk.world.ask("more", duration=1)).ephemeral
    await desk.reject()
    await desk.world.ask("more", duration=1)
    assert (await desk.world.job(2)).state is JobState.HELD


# Results


async def test_a_result_waits_with_a_picture_and_nobody_else_gets_it(desk: Desk) -> None:
    await made(desk)
    assert desk.world.results() == []
    (told,) = desk.told()
    assert "A result waits for you" in told.content
    assert labels(told) == ["Approve", "Reject", "Approve and trust", "Look at it"]
    assert "A moderator looks at it" in str((await desk.world.card()).embeds[0].description)
    own = await desk.world.type(desk.world.mira, "job", id=1)
    assert (own.response.attachments, list(own.followups)) == ([], [])
    assert not any(str(label).startswith("Post") for label in labels(own.response))
    with pytest.raises(Refusal, match="A moderator looks at it"):
        await desk.world.app.client.services.shelf.copy(1, desk.world.mira.id, 5, desk.channel.id)
    await desk.world.finish(120)
    assert desk.world.results() == []


async def test_an_approved_result_is_posted_once_and_the_card_says_so(desk: Desk) -> None:
    await made(desk)
    await desk.click("approve")
    await desk.world.finish(60)
    assert len(desk.world.results()) == 1
    assert "is ready" in str((await desk.world.card()).embeds[0].title)
    job = await desk.world.job()
    assert (job.state, job.reason, job.card_closed) == (JobState.FINISHED, None, True)


async def test_a_rejected_result_is_deleted_and_nobody_ever_gets_it(desk: Desk) -> None:
    await made(desk)
    await desk.reject("Too loud.")
    await desk.world.finish(60)
    assert desk.world.results() == []
    (notice,) = desk.world.notices()
    assert "decided that it is not posted" in notice.content
    assert "Too loud." in notice.content
    assert all(each.deleted_at for each in desk.world.netmind.generations.values())
    own = await desk.world.type(desk.world.mira, "job", id=1)
    assert own.response.attachments == []
    assert "Too loud." in str((await desk.world.card()).embeds[0].description)


async def test_a_moderator_sees_the_file_itself_in_private(desk: Desk) -> None:
    await made(desk)
    answer = await desk.click("look")
    assert answer.ephemeral
    assert len(answer.response.attachments) == 1
    assert (await review(desk.world)).state is ReviewState.OPEN
    stranger = await desk.click("look", who=desk.world.jonas)
    assert said(stranger) == NO_MODERATOR


async def test_a_private_result_waits_too_for_it_could_be_posted_later(desk: Desk) -> None:
    await desk.world.app.client.services.choices.prefer(desk.world.mira.id, private=True)
    await made(desk)
    job = await desk.world.job()
    assert (job.route, job.reason) == (Route.PRIVATE, "in_review")
    await desk.reject("No.")
    await desk.world.finish(60)
    await desk.world.mira.slash(desk.world.channel, "queue")
    told = await desk.world.mira.slash(desk.world.channel, "queue")
    assert told.ephemeral
    assert (await desk.world.job()).removed_at is not None


async def test_a_result_that_was_deleted_meanwhile_needs_no_decision(desk: Desk) -> None:
    await made(desk)
    await desk.world.app.client.services.shelf.remove(1, desk.world.mira.id, None)
    await desk.click("approve")
    await desk.world.finish(60)
    assert (await review(desk.world)).state is ReviewState.WITHDRAWN
    assert desk.world.results() == []


async def test_a_sound_of_words_that_were_approved_is_asked_about_again(desk: Desk) -> None:
    await choose(desk.world, review_results=True)
    await asked(desk)
    await desk.click("approve")
    await until_made(desk.world)
    second = await review(desk.world, 2)
    assert (second.what, second.state) == (Matter.RESULT, ReviewState.OPEN)


# Time


@pytest.mark.parametrize("approves", [True, False])
async def test_what_nobody_decides_ends_as_the_guild_has_chosen(
    desk: Desk, *, approves: bool
) -> None:
    await choose(desk.world, review_hours=2, review_approves=approves)
    await asked(desk)
    await desk.world.later(2 * HOUR - 60)
    assert (await desk.world.job()).state is JobState.HELD
    await desk.world.later(61)
    await desk.world.until_ended()
    assert len(desk.world.results()) == approves
    found = await review(desk.world)
    assert found.decided_by is None
    assert "Nobody looked in time" in desk.told()[0].content
    assert labels(desk.told()[0]) == []


async def test_what_waits_survives_a_restart(desk: Desk) -> None:
    await asked(desk)
    await desk.world.restart()
    await desk.click("approve")
    await desk.world.until_ended()
    assert len(desk.world.results()) == 1


async def test_without_a_channel_it_is_decided_when_its_time_is_over(desk: Desk) -> None:
    await choose(desk.world, log_channel_id=None, review_hours=1)
    await asked(desk)
    assert desk.told() == []
    await desk.world.later(HOUR + 1)
    await desk.world.until_ended()
    assert (await desk.world.job()).reason == "request_expired"


async def test_a_channel_that_is_closed_to_us_holds_nothing_up(desk: Desk) -> None:
    desk.world.forbid("view_channel", channel=desk.channel)
    await choose(desk.world, review_hours=1)
    await asked(desk)
    await desk.world.later(HOUR + 1)
    await desk.world.until_ended()
    assert "looked at it in time" in desk.world.notices()[0].content
    async with desk.world.app.database.read() as connection:
        kinds = schema.deliveries.c.kind, schema.deliveries.c.state
        sent = {row.kind: row.state for row in await connection.execute(sa.select(*kinds))}
    assert sent == {"review": DeliveryState.UNDELIVERABLE, "failure": DeliveryState.SENT}


# Who may


async def test_only_moderators_decide(desk: Desk) -> None:
    await asked(desk)
    for verdict in ("approve", "trust", "reject"):
        assert said(await desk.click(verdict, who=desk.world.jonas)) == NO_MODERATOR
    forged = await send_form(desk.world, desk.world.jonas, "foley:rejection:1")
    assert said(forged) == NO_MODERATOR
    assert (await review(desk.world)).state is ReviewState.OPEN


async def test_moderators_of_another_guild_decide_nothing(desk: Desk) -> None:
    await asked(desk)
    other = desk.world.env.create_guild("elsewhere")
    lounge = other.create_text_channel("lounge")
    may = discord.Permissions(manage_messages=True)
    role = other.create_role("moderators", permissions=may)
    stranger = other.add_member(desk.world.env.create_user("otto"), roles=[role])
    field = {"type": 4, "custom_id": "words", "value": "x"}
    data = {"custom_id": "foley:rejection:1", "components": [{"type": 18, "component": field}]}
    answer = await stranger._dispatch_interaction(InteractionType.MODAL_SUBMIT, lounge, data)
    assert "not known here" in said(answer)
    assert (await review(desk.world)).state is ReviewState.OPEN


async def test_of_two_moderators_one_decides(desk: Desk) -> None:
    await asked(desk)
    form = await desk.click("reject")
    await desk.click("approve", who=moderator(desk.world, "max"))
    late = await desk.mona.submit_modal(form, {"words": "No."})
    assert DECIDED in said(late)
    await desk.world.until_ended()
    assert len(desk.world.results()) == 1


async def test_a_rejection_needs_words(desk: Desk) -> None:
    await asked(desk)
    assert "Say in a few words why" in said(await desk.reject("  "))
    assert (await review(desk.world)).state is ReviewState.OPEN


# What moderators choose


async def test_review_needs_a_channel_first(world: World) -> None:
    mona = moderator(world)
    answer = await world.type(mona, "studio review", requests=True)
    assert "/studio reports" in said(answer)


async def test_what_is_chosen_is_shown_and_can_be_undone(desk: Desk) -> None:
    answer = await desk.world.type(
        desk.mona, "studio review", requests=True, hours=3, unanswered="approved"
    )
    text = str(answer.response.embeds[0].description)
    assert "requests, before anything is made" in text
    assert "after 3 hours is **approved**" in text
    changes = await desk.world.type(desk.mona, "studio changes")
    assert "changed a setting" in str(changes.response.embeds[0].description)
    await desk.mona.click(changes.response, custom_id="foley:change:undo:1")
    await desk.world.ask("rain", duration=1)
    assert (await desk.world.job()).state is JobState.QUEUED


async def test_a_decision_is_written_down(desk: Desk) -> None:
    await asked(desk)
    await desk.reject("No.")
    changes = await desk.world.type(desk.mona, "studio changes")
    text = str(changes.response.embeds[0].description)
    assert "decided a review" in text
    assert "No." in text
