"""What may be wrong with a finished generation's file, and what is posted then."""

import itertools
from typing import Any

import pytest

from bot.jobs.fetch import Unfetchable
from bot.jobs.reasons import SENTENCES, Reason
from bot.jobs.sending import WAIT_FOR_FILE
from bot.netmind.protocol import Generation, Phase, ResultFile
from bot.sandbox.generation import Teller
from storage.states import DeliveryState, JobState
from tests.world import World

TEN_MIB = 10 * 1024 * 1024
PAGE = (
    b"<html><head><title>Sorry</title></head><body>" + b"nothing here " * 2000 + b"</body></html>"
)


def uploads(world: World) -> list[Any]:
    """Return the messages with a file that the bot tried to post."""
    sends = world.sent("POST", f"/channels/{world.channel.id}/messages")
    return [sent for sent in sends if sent.body.get("attachments")]


async def make(world: World, **outcome: Any) -> None:
    """Have one job end so, and let everybody do all there is to do."""
    world.netmind.next_outcome(**outcome)
    await world.ask("rain", duration=1)
    await world.until_ended(step=30)


async def check_notice(world: World, reason: Reason, *words: str) -> None:
    """One message says why there is no file; the card does, too."""
    (notice,) = world.notices()
    assert world.results() == []
    assert str(SENTENCES[reason]) in notice.content
    for word in words:
        assert word in notice.content
    assert [person.id for person in notice.mentions] == [world.mira.id]
    job = await world.job()
    assert (job.state, job.reason) == (JobState.FINISHED, reason)
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, notice.id)
    card = (await world.card()).embeds[0]
    assert str(SENTENCES[reason]) in (card.description or "")
    assert "below" not in (card.description or "")


@pytest.mark.parametrize("body", [b"hello", PAGE, b"PK\x03\x04" + bytes(9000), bytes(100)])
async def test_a_file_that_is_no_media_is_not_posted(world: World, body: bytes) -> None:
    await make(world, body=body)
    await check_notice(world, Reason.NOT_MEDIA)
    assert uploads(world) == []


async def test_an_empty_file_is_not_posted(world: World) -> None:
    await make(world, body=b"")
    await check_notice(world, Reason.EMPTY_FILE)
    assert uploads(world) == []


async def test_a_file_larger_than_the_channel_takes_is_told_with_the_limit(world: World) -> None:
    await make(world, body=b"fLaC", size=TEN_MIB + 1)
    await check_notice(world, Reason.TOO_LARGE, "10.0 MiB")
    assert uploads(world) == []


async def test_a_file_of_exactly_the_limit_is_posted(world: World) -> None:
    await make(world, body=b"fLaC", size=TEN_MIB)
    (result,) = world.results()
    assert result.attachments[0].size == TEN_MIB


async def test_a_file_that_discord_finds_too_large_is_told_in_its_place(world: World) -> None:
    """Limits differ by channel and change; Discord has the last word."""
    world.env.inject_error("POST", f"/channels/{world.channel.id}/messages", status=413, code=40005)
    await make(world, body=b"fLaC" + bytes(100))
    await check_notice(world, Reason.TOO_LARGE)
    first, second = (sent.body["nonce"] for sent in world.sent("POST", "/messages"))
    # Discord would take the second for the first one's repetition.
    assert first != second


async def test_the_name_of_a_file_says_what_it_is_and_not_what_netmind_calls_it(
    world: World,
) -> None:
    await make(
        world, body=b"OggS" + bytes(50), name="..%2f..%2fpasswd.exe", content_type="text/html"
    )
    assert world.results()[0].attachments[0].filename == "rain-1.ogg"


async def test_a_link_that_expired_is_asked_for_again(world: World) -> None:
    world.netmind.fail_next("download", status=403)
    await make(world)
    assert len(world.results()) == 1
    assert world.notices() == []


async def test_a_link_that_stays_the_same_is_asked_for_by_its_file(world: World) -> None:
    """Shape C's links are unsigned, so the generation may give the dead one again."""
    netmind = world.netmind
    dead = f"{netmind.base_url}/files/nobody/inference/gone/a.flac"
    netmind._teller = lambda: Teller("C", netmind.user_id, lambda file: dead)  # type: ignore[method-assign] # noqa: ARG005 - the same for all
    await make(world)
    assert len(world.results()) == 1
    assert len(netmind.calls("presign")) == 1


async def test_a_link_that_stays_dead_for_half_an_hour_ends_in_one_sentence(world: World) -> None:
    world.netmind.fail_next("download", status=403, times=9999)
    await world.ask("rain", duration=1)
    await world.work()
    await world.later(30)
    await world.later(WAIT_FOR_FILE.total_seconds() - 1)
    assert world.notices() == []
    await world.until_ended(step=30)
    await check_notice(world, Reason.DOWNLOAD_FAILED)
    assert uploads(world) == []


async def test_a_file_that_can_be_fetched_within_half_an_hour_is_posted(world: World) -> None:
    world.netmind.fail_next("download", status=503, times=9999)
    await world.ask("rain", duration=1)
    for _ in range(19):
        await world.later(90)
    assert world.posts()[1:] == []
    world.netmind.clear()
    await world.later(30)
    assert len(world.results()) == 1
    delivery = await world.delivery()
    assert delivery is not None
    # It was not Discord that refused.
    assert delivery.attempts == 1


@pytest.mark.parametrize("times", [1, 3])
async def test_a_download_reset_half_way_is_tried_again(world: World, times: int) -> None:
    world.netmind.drop_next("download", accepted=True, times=times)
    await make(world, body=b"fLaC" + bytes(range(256)) * 300)
    (result,) = world.results()
    assert world.file(result.attachments[0]) == b"fLaC" + bytes(range(256)) * 300
    assert len(uploads(world)) == 1


async def test_a_download_without_an_answer_is_tried_again(world: World) -> None:
    world.hurry()
    world.netmind.hang_next("download")
    await make(world)
    assert len(world.results()) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_trouble_of_the_files_host_passes(world: World, status: int) -> None:
    world.netmind.fail_next("download", status=status, times=2)
    await make(world)
    assert len(world.results()) == 1
    assert world.notices() == []


async def test_a_generation_lost_before_its_file_was_fetched_ends_in_one_sentence(
    world: World,
) -> None:
    world.netmind.fail_next("download", status=403)
    world.netmind.next_outcome()
    await world.ask("rain", duration=1)
    await world.work()
    get = world.netmind._find
    seen = itertools.count()
    # The look finds it; when the courier asks again, it is gone.
    world.netmind._find = lambda request: get(request) if next(seen) == 0 else None  # type: ignore[method-assign] # see above
    await world.until_ended(step=30)
    await check_notice(world, Reason.GONE)


async def test_a_result_on_a_private_address_is_never_fetched(world: World) -> None:
    """Whatever a link says; only DOWNLOAD_ALLOW opens private places, and only those named."""
    world.netmind._link = lambda file: "http://169.254.169.254/latest/meta-data"  # type: ignore[method-assign] # noqa: ARG005 - a bad one
    await make(world)
    await check_notice(world, Reason.DOWNLOAD_FAILED)


async def test_of_several_files_the_first_is_posted_and_only_once(world: World) -> None:
    """A message with one file for one command; which is the first is NetMind's order."""
    entry = world.netmind._teller

    def two() -> Any:
        teller = entry()
        tell = teller.tell

        class Two:
            def tell(self, generation: Any, now: Any) -> dict[str, Any]:
                told = tell(generation, now)
                data = told["result"].get("data")
                if data:
                    data.append(data[0] | {"url": data[0]["url"] + "&second"})
                return told

        return Two()

    world.netmind._teller = two  # type: ignore[method-assign] # tells of two files
    await make(world)
    (result,) = world.results()
    assert len(result.attachments) == 1


async def test_links_of_jobs_that_ended_otherwise_are_not_kept(world: World) -> None:
    """A link names the account; it lives in memory from the look to the download."""
    results = world.app.workers.watcher.results
    await make(world)
    assert results._files == {}


async def test_results_are_given_once(world: World) -> None:
    results = world.app.workers.watcher.results
    file = ResultFile("https://example.com/a")
    results.put(Generation("g", "completed", Phase.SUCCEEDED, results=(file,)))
    assert results.take("g") == file
    assert results.take("g") is None


async def test_a_file_is_opened_anew_each_time_and_once_more_when_its_link_expired(
    world: World,
) -> None:
    await make(world, body=b"fLaC" + bytes(100), size=TEN_MIB + 1)
    fetcher = world.app.workers.courier.sender.packer.fetcher
    job = await world.job()
    for expired in (0, 1):
        world.netmind.fail_next("download", status=403, times=expired)
        before = len(world.netmind.calls("get"))
        async with fetcher.open(job) as stream:
            assert stream.size == TEN_MIB + 1
        assert len(world.netmind.calls("get")) == before + 1 + expired
    world.netmind.fail_next("download", status=403, times=2)
    with pytest.raises(Unfetchable) as caught:
        async with fetcher.open(job):
            pass
    assert caught.value.passing


async def test_a_link_that_waits_for_the_courier_is_left_to_it(world: World) -> None:
    await make(world, body=b"fLaC" + bytes(100), size=TEN_MIB + 1)
    fetcher = world.app.workers.courier.sender.packer.fetcher
    job = await world.job()
    generation_id = job.generation_id or ""
    waiting = ResultFile("https://127.0.0.1/a")
    fetcher.results.put(Generation(generation_id, "completed", Phase.SUCCEEDED, results=(waiting,)))
    async with fetcher.open(job) as stream:
        assert stream.size == TEN_MIB + 1
    assert fetcher.results.take(generation_id) == waiting
