"""What NetMind may say while a generation is under way, and how often it is asked."""

from datetime import timedelta
from typing import Any

import pytest

from bot.jobs.reasons import SENTENCES, Reason
from bot.jobs.verdict import BLIND
from bot.netmind.catalog import Catalog
from bot.sandbox.netmind import Pace
from storage.states import JobState
from tests.world import World

PAGE = "<html><title>Maintenance</title></html>"
TROUBLE: dict[str, dict[str, Any]] = {
    "401": {"status": 401, "body": {"error": {"message": "Invalid api token"}}},
    "403": {"status": 403, "body": ""},
    "429": {"status": 429, "body": {"detail": "slow down"}, "headers": {"Retry-After": "60"}},
    "500": {"status": 500, "body": "Service is unavailable"},
    "html": {"status": 200, "body": PAGE, "content_type": "text/html"},
    "nothing": {"status": 200, "body": ""},
    "no id": {"status": 200, "body": {}},
}
DEADLINE = 600
# One job is followed by GET, three by the list; both take the same way from there on.
FOLLOWED = [*((1, name) for name in TROUBLE), (3, "500"), (3, "html")]


async def ask_many(world: World, count: int) -> None:
    for number in range(count):
        person = (world.mira, world.jonas)[number % 2]
        await world.type(person, "audio", prompt=f"rain {number}", duration=1, seed=number)


def looks(world: World) -> int:
    return world.app.netmind.calls["get"] + world.app.netmind.calls["list"]


@pytest.mark.parametrize(("count", "name"), FOLLOWED)
async def test_trouble_that_passes_before_the_deadline_costs_nothing_but_time(
    world: World, count: int, name: str
) -> None:
    await ask_many(world, count)
    await world.work()
    world.netmind.fail_next("get", times=200, **TROUBLE[name])
    world.netmind.fail_next("list", times=200, **TROUBLE[name])
    await world.later(DEADLINE - 60)
    assert (await world.job()).state is JobState.GENERATING

    world.netmind.clear()
    await world.until_ended(*range(1, count + 1))
    assert len(world.results()) == count
    assert world.notices() == []


@pytest.mark.parametrize(("count", "name"), FOLLOWED)
async def test_without_an_answer_a_job_ends_hours_after_its_deadline(
    world: World, count: int, name: str
) -> None:
    """It may have ended well while nobody could see it."""
    await ask_many(world, count)
    world.netmind.fail_next("get", times=9999, **TROUBLE[name])
    world.netmind.fail_next("list", times=9999, **TROUBLE[name])
    await world.until_ended(*range(1, count + 1), step=1800)

    for job_id in range(1, count + 1):
        job = await world.job(job_id)
        assert (job.state, job.reason) == (JobState.FAILED, Reason.TOO_LATE)
        assert job.ended_at is not None
        assert job.deadline_at is not None
        assert timedelta(0) <= job.ended_at - job.deadline_at - BLIND <= timedelta(seconds=1800)
    notices = world.notices()
    assert len(notices) == count
    assert all(str(SENTENCES[Reason.TOO_LATE]) in notice.content for notice in notices)
    assert len(world.netmind.calls("delete")) == count


async def test_what_ended_well_while_nobody_could_see_it_is_delivered(world: World) -> None:
    """The deadline has passed, but the first answer after it is a result."""
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("get", times=9999, **TROUBLE["500"])
    await world.later(DEADLINE + 3600)
    assert (await world.job()).state is JobState.GENERATING
    world.netmind.clear()
    await world.until_ended()
    assert len(world.results()) == 1


async def test_what_still_runs_at_the_first_answer_after_its_deadline_is_too_late(
    world: World,
) -> None:
    world.netmind.next_outcome("marinating")
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("get", times=9999, **TROUBLE["500"])
    await world.later(DEADLINE + 3600)
    world.netmind.clear()
    await world.until_ended()
    assert (await world.job()).reason == Reason.TOO_LATE


@pytest.mark.parametrize("trouble", ["hang_next", "drop_next"])
async def test_looks_without_an_answer_are_repeated(world: World, trouble: str) -> None:
    world.hurry()
    await world.ask("rain", duration=1)
    await world.work()
    getattr(world.netmind, trouble)("get", times=2)
    await world.until_ended()
    assert len(world.results()) == 1


async def test_a_generation_unknown_within_a_minute_may_still_appear(world: World) -> None:
    world.netmind.fail_next("get", status=404, body={"detail": "Not found"}, times=2)
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(5)
    await world.later(5)
    assert looks(world) == 2
    assert (await world.job()).state is JobState.GENERATING
    await world.until_ended()
    assert len(world.results()) == 1


async def test_a_generation_unknown_after_a_minute_is_lost(world: World) -> None:
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.generations.clear()
    await world.later(55)
    assert (await world.job()).state is JobState.GENERATING
    await world.later(20)
    job = await world.job()
    assert (job.state, job.reason) == (JobState.FAILED, Reason.GONE)


async def test_a_generation_that_netmind_shows_as_deleted_is_lost(world: World) -> None:
    """The list shows deleted ones, too, as is_deleted."""
    await ask_many(world, 3)
    await world.work()
    first = next(iter(world.netmind.generations.values()))
    first.deleted_at = world.clock.now
    await world.until_ended(1, 2, 3)
    assert [(await world.job(number)).reason for number in (1, 2, 3)] == [Reason.GONE, None, None]


async def test_a_failed_generation_is_told_in_the_providers_words(world: World) -> None:
    logs = ("loading", "CUDA out of memory")
    world.netmind.next_outcome("failed", logs)
    await world.ask("rain", duration=1)
    await world.until_ended()

    (notice,) = world.notices()
    assert str(SENTENCES[Reason.GENERATION_FAILED]) in notice.content
    assert "CUDA out of memory" in notice.content
    card = await world.card()
    assert "message below says why" in (card.embeds[0].description or "")


async def test_the_providers_words_show_no_link_no_id_and_nothing_that_works(
    world: World,
) -> None:
    user = world.netmind.user_id
    world.netmind.next_outcome(
        "failed",
        f"@everyone <@{world.jonas.id}> **see** [here](https://files.netmind.ai/{user}/a.flac) "
        f"user_id: {user} mail me@example.com `x` ||y||",
    )
    await world.ask("rain", duration=1)
    await world.until_ended()

    (notice,) = world.notices()
    card = (await world.card()).embeds[0].description or ""
    for shown in (notice.content, card):
        assert user not in shown
        assert "netmind.ai" not in shown
        assert "example.com" not in shown
        assert "**see**" not in shown
        assert f"<@{world.jonas.id}>" not in shown
        assert "`x`" not in shown
    assert [person.id for person in notice.mentions] == [world.mira.id]
    assert not notice.mention_everyone
    assert user not in str((await world.job()).detail)


async def test_a_config_that_netmind_finds_bad_too_late_is_told(world: World) -> None:
    """Accepted is not valid: the 422 stands in the log of the generation."""
    world.netmind.next_outcome(
        "failed", 'Something error: 422: {"detail": [{"loc": ["seed"], "msg": "big"}]}'
    )
    await world.ask("rain", duration=1)
    await world.until_ended()
    assert "seed\\: big" in world.notices()[0].content


@pytest.mark.parametrize("word", ["cancelled", "canceled", "error", "FAILED"])
async def test_every_failure_word_ends_it(world: World, word: str) -> None:
    world.netmind.next_outcome(word)
    await world.ask("rain", duration=1)
    await world.until_ended()
    assert (await world.job()).reason == Reason.GENERATION_FAILED


async def test_completed_without_a_result_is_looked_at_for_about_a_minute(world: World) -> None:
    world.netmind.next_outcome("completed", "moved to storage", results=False)
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(10)
    seen = looks(world)
    assert seen
    await world.later(45)
    assert (await world.job()).state is JobState.GENERATING
    await world.later(20)
    job = await world.job()
    assert (job.state, job.reason) == (JobState.FAILED, Reason.NO_RESULT)
    assert "moved to storage" in world.notices()[0].content


async def test_a_file_that_follows_the_word_is_delivered(world: World) -> None:
    world.netmind.next_outcome("completed", results=False, body=b"fLaC")
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(10)
    assert looks(world)
    assert (await world.job()).state is JobState.GENERATING
    (generation,) = world.netmind.generations.values()
    from bot.sandbox.shelf import StoredFile

    generation.file = world.netmind.shelf.keep(StoredFile("a.flac", "audio/flac", b"fLaC" * 9, 36))
    await world.until_ended()
    assert len(world.results()) == 1


async def test_a_status_word_that_nobody_knows_means_still_running(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    """A well-known SDK loops for ever on a word its vendor added later; we have a deadline."""
    world.netmind.next_outcome("marinating")
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(300)
    await world.later(200)
    assert (await world.job()).state is JobState.GENERATING
    assert capsys.readouterr().out.count("unknown_status_word") == 1
    await world.until_ended()
    assert (await world.job()).reason == Reason.TOO_LATE


async def test_one_or_two_jobs_are_looked_at_one_by_one(world: World) -> None:
    await ask_many(world, 2)
    await world.until_ended(1, 2, step=5)
    assert world.netmind.calls("list") == []
    assert len(world.netmind.calls("get")) >= 2


async def test_three_jobs_are_looked_at_with_one_list(world: World) -> None:
    await ask_many(world, 3)
    await world.work()
    await world.later(5)
    assert world.netmind.calls("get") == []
    assert len(world.netmind.calls("list")) == 1
    assert len(world.results()) == 3


async def test_nothing_in_flight_means_no_request_at_all(world: World) -> None:
    await world.finish(3600)
    assert world.netmind.ledger == []

    await world.ask("rain", duration=1)
    await world.until_ended()
    done = len(world.netmind.ledger)
    await world.finish(3600)
    assert len(world.netmind.ledger) == done
    assert await world.app.workers.watcher.step() is None


async def test_a_watcher_that_is_woken_does_not_ask_more_often(world: World) -> None:
    """Every command and every edge rings the bell."""
    await world.ask("rain", duration=1)
    await world.work()
    for _ in range(20):
        await world.app.workers.watcher.step()
    assert looks(world) == 0
    await world.later(5)
    seen = looks(world)
    for _ in range(20):
        await world.app.workers.watcher.step()
    assert looks(world) == seen


async def test_a_video_of_ten_minutes_is_not_asked_for_every_few_seconds(
    world: World,
) -> None:
    world.netmind._paces["video"] = Pace(pending=5, making=600)
    await world.ask("a pier", "video")
    waits = []
    for _ in range(300):
        await world.work(rounds=1)
        if (await world.job()).ended:
            break
        wait = await world.app.workers.watcher.step()
        assert wait is not None
        waits.append(wait)
        world.move(wait)
    job = await world.job()
    assert job.state is JobState.FINISHED
    assert job.ended_at is not None
    assert job.generating_at is not None
    assert (job.ended_at - job.generating_at).total_seconds() <= 605 + 15
    assert looks(world) < 100
    assert min(waits) >= 2


async def test_many_jobs_are_all_delivered_and_never_more_than_allowed_run(
    world: World,
) -> None:
    most = 0
    await ask_many(world, 24)
    for _ in range(60):
        await world.later(5)
        running = [one for one in world.netmind.generations.values() if not one.deleted_at]
        most = max(most, len(running))
        if len(world.results()) == 24:
            break
    posted = world.results()
    assert len(posted) == 24
    assert most <= 8
    assert len({file.filename for message in posted for file in message.attachments}) == 24
    # Each went to the person who asked for it.
    for message in posted:
        number = int(message.attachments[0].filename.split("-")[1])
        assert message.mentions[0].id == (world.mira, world.jonas)[number % 2].id
    assert len(world.netmind.calls("create")) == 24
    await world.finish(60)
    assert all(one.deleted_at for one in world.netmind.generations.values())
    for number in range(1, 25):
        assert (await world.job(number)).card_closed


async def test_a_list_cut_short_still_finishes_every_job(world: World) -> None:
    world.netmind.list_limit = 3
    await ask_many(world, 8)
    await world.until_ended(*range(1, 9), step=5)
    assert len(world.results()) == 8
    assert world.netmind.calls("get")


async def test_a_list_that_hides_all_is_no_proof(world: World) -> None:
    world.netmind.list_limit = 0
    await ask_many(world, 4)
    await world.until_ended(1, 2, 3, 4, step=5)
    assert len(world.results()) == 4


async def test_a_stranger_in_the_list_is_none_of_our_business(world: World) -> None:
    """On a shared account other programs have generations, too."""
    stranger = world.netmind._accept("hkchengrex/MMAudio", {"prompt": "theirs", "duration": 1})
    await ask_many(world, 4)
    await world.until_ended(1, 2, 3, 4, step=5)
    await world.finish()
    assert len(world.results()) == 4
    assert stranger.deleted_at is None


async def test_the_wait_that_netmind_asks_for_in_a_look_is_not_slept_through(
    world: World,
) -> None:
    """The watcher must go on for everybody else; the next planned look is wait enough."""
    await world.ask("rain", duration=1)
    await world.work()
    world.netmind.fail_next("get", status=429, headers={"Retry-After": "300"})
    await world.later(5)
    assert world.results() == []
    await world.later(15)
    assert len(world.results()) == 1


async def test_how_long_a_model_takes_is_learnt(world: World) -> None:
    """The catalogue says 30 seconds; three generations of 3 seconds say otherwise."""
    await ask_many(world, 3)
    await world.until_ended(1, 2, 3, step=5)
    await world.later(61)
    expected = await world.app.workers.watcher.estimates.of("mmaudio")
    assert expected.usual <= 10


async def test_a_catalogue_may_give_a_model_another_deadline(world: World) -> None:
    model = world.catalog.models[0].model_copy(update={"deadline_seconds": 30.0})
    world.app.workers.submitter.catalog = Catalog((model,))
    world.netmind.next_outcome("marinating")
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(46)
    assert (await world.job()).reason == Reason.TOO_LATE
