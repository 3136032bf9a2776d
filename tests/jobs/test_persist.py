"""What exists nowhere else is written down, however long the database takes no writes."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import stamina

from bot.jobs.persist import written
from storage.database import Database
from storage.errors import StorageError, UnavailableError
from storage.states import DeliveryState, JobState
from tests.world import World

GONE = UnavailableError("The database did not do it.")


@pytest.fixture
def patient(quick_retries: None) -> Iterator[None]:  # noqa: ARG001 - it comes first
    """Retries wait for nothing, and there are many of them."""
    with stamina.set_testing(True, attempts=50):
        yield


class Refusing:
    """Refuses the next writes: `before` they are done, or although they were done."""

    def __init__(self, database: Database, *, before: bool) -> None:
        self._write = database.write
        self._before = before
        self.times = 0

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Any]:
        refused, self.times = self.times > 0, max(0, self.times - 1)
        if refused and self._before:
            raise GONE
        async with self._write() as connection:
            yield connection
        if refused:
            raise GONE


def refusing_after(
    world: World, monkeypatch: pytest.MonkeyPatch, where: object, name: str, *, before: bool
) -> Callable[[int], None]:
    """Have the database refuse writes from the next good answer of `where.name` on."""
    refusing = Refusing(world.app.database, before=before)
    monkeypatch.setattr(world.app.database, "write", refusing)
    asked = getattr(where, name)
    armed: list[int] = []

    async def asked_then_refused(*args: Any, **more: Any) -> Any:
        answer = await asked(*args, **more)
        refusing.times = armed.pop() if armed else 0
        return answer

    monkeypatch.setattr(where, name, asked_then_refused)
    return armed.append


async def test_a_write_that_succeeds_is_done_once() -> None:
    done: list[int] = []

    async def write() -> str:
        done.append(1)
        return "written"

    assert await written(write) == "written"
    assert done == [1]


@pytest.mark.usefixtures("patient")
async def test_a_write_is_repeated_until_the_database_takes_it() -> None:
    done: list[int] = []

    async def write() -> int:
        done.append(1)
        if len(done) < 20:
            raise GONE
        return len(done)

    assert await written(write) == 20


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("error", [StorageError("damaged"), ValueError("a bug")])
async def test_what_no_time_mends_is_not_repeated(error: Exception) -> None:
    done: list[int] = []

    async def write() -> None:
        done.append(1)
        raise error

    with pytest.raises(type(error)):
        await written(write)
    assert done == [1]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("before", [True, False])
async def test_a_generation_that_cannot_be_noted_at_once_is_noted_later_and_paid_once(
    world: World, monkeypatch: pytest.MonkeyPatch, *, before: bool
) -> None:
    refuse = refusing_after(world, monkeypatch, world.app.netmind, "create", before=before)
    refuse(7)
    await world.ask("rain", duration=1)
    await world.work(rounds=1)
    job = await world.job()
    (generation,) = world.netmind.generations.values()
    assert job.generation_id == generation.id
    await world.until_ended()
    assert len(world.results()) == 1
    assert len(world.netmind.calls("create")) == 1
    assert [edge.to_state for edge in await world.edges()] == [
        JobState.QUEUED,
        JobState.SUBMITTING,
        JobState.GENERATING,
        JobState.FINISHED,
    ]


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("before", [True, False])
async def test_a_post_that_cannot_be_noted_at_once_is_noted_later_and_not_repeated(
    world: World, monkeypatch: pytest.MonkeyPatch, *, before: bool
) -> None:
    post = world.app.workers.courier.post
    refuse = refusing_after(world, monkeypatch, post, "send", before=before)
    refuse(7)
    await world.ask("rain", duration=1)
    await world.until_ended()
    (result,) = world.results()
    delivery = await world.delivery()
    assert delivery is not None
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, result.id)
    await world.finish(600)
    assert len(world.sent("POST", f"/channels/{world.channel.id}/messages")) == 1
    assert all(each.deleted_at for each in world.netmind.generations.values())
