"""How generations go when a test decides it, as the production client sees it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.netmind import errors
from bot.netmind.download import ForbiddenAddress, NotMedia, Unreachable
from bot.netmind.protocol import Phase
from bot.sandbox.generation import Shape
from tests.standins.netmind import outcomes
from tests.standins.netmind.bench import FILM, SOUND, Bench, bench_of_ones_own
from tests.standins.netmind.outcomes import Outcome

pytestmark = pytest.mark.usefixtures("quick_retries")

MEGABYTE = 1024 * 1024


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    async with bench_of_ones_own() as opened:
        yield opened


async def phases(bench: Bench, outcome: Outcome, *moments: float) -> list[tuple[str, Phase]]:
    """Return the word and phase of a generation after each of these waits."""
    await bench.netmind.plan_outcome(outcome)
    seen = [await bench.make()]
    for seconds in moments:
        await bench.netmind.advance(seconds)
        seen.append(await bench.client.get(seen[0].id))
    return [(look.status, look.phase) for look in seen]


@pytest.mark.parametrize("shape", ["A", "B", "C"])
async def test_a_generation_waits_works_and_succeeds_in_every_shape(
    bench: Bench, shape: Shape
) -> None:
    await bench.netmind.settings(shape=shape)
    assert await phases(bench, outcomes.completed(pending=10, making=20), 9, 1, 19, 1) == [
        ("pending", Phase.RUNNING),
        ("pending", Phase.RUNNING),
        ("initializing", Phase.RUNNING),
        ("initializing", Phase.RUNNING),
        ("completed", Phase.SUCCEEDED),
    ]


async def test_one_generation_may_have_a_shape_of_its_own(bench: Bench) -> None:
    await bench.netmind.plan_outcome(Outcome(shape="A"))
    old, new = await bench.finish("old"), await bench.finish("new")
    assert (old.model, new.model) == ("84", None)
    assert (old.results[0].name, new.results[0].name) == (None, "sound.flac")


async def test_it_is_finished_before_the_first_look(bench: Bench) -> None:
    assert await phases(bench, outcomes.finished_at_once()) == [("completed", Phase.SUCCEEDED)]


async def test_it_fails_with_its_reason(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.failed("first line", "out of memory"))
    failed = await bench.finish()
    assert (failed.phase, failed.text) == (Phase.FAILED, "out of memory")
    [made] = await bench.netmind.generations()
    assert (made["status"], made["files"], made["sha256"]) == ("failed", [], None)


async def test_it_never_ends(bench: Bench) -> None:
    day = timedelta(days=1).total_seconds()
    assert await phases(bench, outcomes.never_ending("warming_up"), day, day) == [
        ("pending", Phase.RUNNING),
        ("warming_up", Phase.RUNNING),
        ("warming_up", Phase.RUNNING),
    ]
    kinds = {entry.kind for entry in await bench.netmind.ledger()}
    assert "generation.ended" not in kinds


async def test_it_uses_other_words(bench: Bench) -> None:
    outcome = outcomes.worded("PROCESSING", "Done").on("*")
    assert await phases(bench, outcome, 0.2, 60) == [
        ("pending", Phase.RUNNING),
        ("processing", Phase.RUNNING),
        ("done", Phase.SUCCEEDED),
    ]


async def test_its_result_shows_later_or_never(bench: Bench) -> None:
    assert await phases(bench, outcomes.without_result(30), 1, 28, 2) == [
        ("pending", Phase.RUNNING),
        ("completed", Phase.EMPTY),
        ("completed", Phase.EMPTY),
        ("completed", Phase.SUCCEEDED),
    ]
    never = await phases(bench, outcomes.without_result(None, "no file"), 1, 86_400)
    assert never[1:] == [("completed", Phase.EMPTY)] * 2


@pytest.mark.parametrize(("seconds", "back"), [(20, True), (None, False)])
async def test_it_vanishes_from_the_list_for_a_while_or_for_good(
    bench: Bench, seconds: float | None, *, back: bool
) -> None:
    await bench.netmind.plan_outcome(outcomes.vanishing(10, seconds))
    made = await bench.make()
    seen = [bool(await bench.client.list())]
    for _ in range(2):
        await bench.netmind.advance(15)
        seen.append(bool(await bench.client.list()))
        assert (await bench.client.get(made.id)).id == made.id
    assert seen == [True, False, back]


async def test_it_vanishes_altogether(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.vanishing(10, found=False))
    made = await bench.make()
    await bench.netmind.advance(11)
    assert await bench.client.list() == []
    with pytest.raises(errors.NotFound):
        await bench.client.get(made.id)
    assert await bench.netmind.violations() == []


async def test_it_appears_only_after_a_while(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.slow_to_appear(5))
    made = await bench.make()
    assert await bench.client.list() == []
    with pytest.raises(errors.NotFound):
        await bench.client.get(made.id)
    await bench.netmind.advance(5)
    assert [told.id for told in await bench.client.list()] == [made.id]


async def test_its_times_are_an_hour_off_but_its_pace_is_not(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.misdated(-3600))
    wrong, right = await bench.make(), await bench.make()
    assert wrong.created_at
    assert right.created_at
    assert right.created_at - wrong.created_at == timedelta(hours=1)
    await bench.netmind.advance(60)
    assert (await bench.client.get(wrong.id)).phase is Phase.SUCCEEDED


async def test_the_clock_of_the_api_jumps(bench: Bench) -> None:
    made = await bench.make()
    told = []
    for offset in (0, 3600, -3600):
        await bench.netmind.settings(clock_offset=offset)
        look = await bench.client.get(made.id)
        assert look.created_at
        assert made.created_at
        told.append((look.created_at - made.created_at).total_seconds())
    assert told == [0, 3600, -3600]


@pytest.mark.parametrize("model", [SOUND, FILM])
async def test_its_file_is_as_large_as_wanted(bench: Bench, model: str) -> None:
    await bench.netmind.plan_outcome(outcomes.large(40 * MEGABYTE))
    done = await bench.finish(model=model)
    data = await bench.fetch(done.results[0].url, 50 * MEGABYTE)
    assert len(data) == 40 * MEGABYTE


async def test_its_file_is_a_web_page_or_empty(bench: Bench) -> None:
    for outcome, empty in (
        (outcomes.not_media("html"), False),
        (outcomes.not_media("empty"), True),
    ):
        await bench.netmind.plan_outcome(outcome)
        done = await bench.finish()
        with pytest.raises(NotMedia) as caught:
            await bench.fetch(done.results[0].url)
        assert caught.value.empty is empty


async def test_it_has_several_files_each_different(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.several_files(3))
    done = await bench.finish()
    assert len({await bench.fetch(result.url) for result in done.results}) == 3
    [made] = await bench.netmind.generations()
    assert len({file["sha256"] for file in made["files"]}) == 3


async def test_its_name_is_hostile(bench: Bench) -> None:
    await bench.netmind.plan_outcome(Outcome(name="../../\u202egnp.flac"))
    done = await bench.finish()
    assert done.results[0].name == "gnp.flac"
    assert (await bench.fetch(done.results[0].url)).startswith(b"fLaC")


async def test_its_link_leads_elsewhere(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.linked("http://169.254.169.254/x.flac"))
    done = await bench.finish()
    with pytest.raises(ForbiddenAddress):
        await bench.fetch(done.results[0].url)


async def test_a_link_to_https_on_the_own_port_fails_in_the_handshake(bench: Bench) -> None:
    secure = f"https://{bench.netmind.host_port}/x.flac"
    await bench.netmind.plan_outcome(outcomes.linked(secure))
    done = await bench.finish()
    with pytest.raises(Unreachable):
        await bench.fetch(done.results[0].url)


async def test_outcomes_go_by_model_skip_last_and_are_forgotten(bench: Bench) -> None:
    await bench.netmind.plan_outcome(outcomes.failed().on(FILM, times=2, skip=1))
    seen = [(await bench.finish(model=model)).phase for model in (FILM, SOUND, FILM, FILM, FILM)]
    assert [phase is Phase.FAILED for phase in seen] == [False, False, True, True, False]
    await bench.netmind.plan_outcome(outcomes.failed())
    assert await bench.netmind.clear_outcomes() == 1
    assert (await bench.finish()).phase is Phase.SUCCEEDED


async def test_a_config_with_a_bad_value_is_accepted_and_fails_later(bench: Bench) -> None:
    made = await bench.client.create(SOUND, {"prompt": "wind", "duration": 9999})
    assert made.phase is Phase.RUNNING
    await bench.netmind.advance(60)
    failed = await bench.client.get(made.id)
    assert failed.phase is Phase.FAILED
    assert failed.text
    assert "between 1 and 120" in failed.text
