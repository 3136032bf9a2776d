"""What is asked, in which order; whatever happens, everything that was made is deleted."""

import asyncio
import tempfile
import urllib.parse
from collections.abc import Awaitable, Callable
from pathlib import Path

import structlog

from bot.media.errors import MediaError
from bot.media.workshop import Workshop
from bot.netmind.address import DownloadError
from bot.netmind.download import Downloader
from bot.netmind.protocol import Phase
from bot.probe.plan import UNKNOWN_MODEL, Plan
from bot.probe.record import Exchange, Record, Step
from bot.probe.recorder import Recorder

log = structlog.get_logger(__name__)

Sleep = Callable[[float], Awaitable[None]]

# Seconds: between two looks at a young generation and at an older one, and when it is older.
_OFTEN, _SELDOM, _OLD = 3.0, 10.0, 30.0
# How long is waited for what ought to fail, before and after a delete, and with a link.
_FAILS_WITHIN = 60.0
_RUNS_BY = 2.0
_SETTLES = 15.0
_LINK_AGES = 60.0
_LARGEST_FILE = 200 * 1024 * 1024
_DELETES = 3


async def play(
    recorder: Recorder, plan: Plan, downloader: Downloader, sleep: Sleep = asyncio.sleep
) -> Record:
    """Ask everything there is to ask; a cancel ends it early, and still cleans up."""
    record = recorder.record
    try:
        record.stopped = await _all(recorder, plan, downloader, sleep)
    except asyncio.CancelledError:
        record.stopped = "It was interrupted."
    finally:
        await clean_up(recorder, sleep)
    return record


async def clean_up(recorder: Recorder, sleep: Sleep = asyncio.sleep) -> None:
    """Delete every generation that was made and not deleted yet."""
    for generation_id, gone in [*recorder.record.made.items()]:
        for turn in range(0 if gone else _DELETES):
            await sleep(turn)
            if await _delete(recorder, Step.CLEAN_UP, generation_id):
                break


async def _all(recorder: Recorder, plan: Plan, downloader: Downloader, sleep: Sleep) -> str | None:
    """Ask it all; returns why it ended early, if it did."""
    before = await recorder.ask(Step.LIST_BEFORE, "GET", "generation")
    if before.listed is None:
        return "The list of generations could not be read, so nothing was made."
    await _for_nothing(recorder)
    asked = {"model": plan.model.id, "config": plan.good}
    first = await recorder.ask(Step.CREATE, "POST", "generation", body=asked)
    if first.generation is None:
        return "No generation could be made."
    generation_id = first.generation.id
    await recorder.ask(Step.LIST_AFTER_CREATE, "GET", "generation")
    await _poll(recorder, Step.POLL, generation_id, plan.model.deadline_seconds, sleep)
    await _result(recorder, downloader)
    await _delete_one_that_runs(recorder, plan, sleep)
    await _bad_ones(recorder, plan, sleep)
    await _age(recorder, generation_id, sleep)
    return None


async def _for_nothing(recorder: Recorder) -> None:
    """Ask what makes nothing: wrong keys and unknown names."""
    # The same secret to the same host, as NetMind's own examples send it.
    await recorder.ask(Step.BARE_TOKEN, "GET", "generation", authorization="{token}")
    await recorder.ask(Step.WRONG_KEY, "GET", "generation", authorization="Bearer not-a-key")
    await recorder.ask(Step.UNKNOWN_ID, "GET", f"generation/{'0' * 32}")
    unknown = {"model": UNKNOWN_MODEL, "config": {"prompt": "x"}}
    await recorder.ask(Step.UNKNOWN_MODEL, "POST", "generation", body=unknown)


async def _poll(
    recorder: Recorder, step: Step, generation_id: str, deadline: float, sleep: Sleep
) -> Exchange | None:
    """Look until it has ended, or for so many seconds."""
    waited, last = 0.0, None
    while waited < deadline:
        pause = _OFTEN if waited < _OLD else _SELDOM
        await sleep(pause)
        waited += pause
        last = await recorder.ask(step, "GET", f"generation/{_quoted(generation_id)}")
        if last.generation is not None and last.generation.phase is not Phase.RUNNING:
            break
    return last


async def _result(recorder: Recorder, downloader: Downloader) -> None:
    """Open the result in each way there is, and look into the file."""
    found = recorder.record.result()
    if found is None:
        return
    (_, generation) = found
    file = generation.results[0]
    await recorder.open(Step.LINK, file.url)
    if file.file_id is not None:
        path = f"files/{_quoted(file.file_id)}/presigned_url"
        answer = await recorder.ask(Step.PRESIGNED, "GET", path)
        if isinstance(link := answer.fields.get("presigned_url"), str):
            await recorder.open(Step.PRESIGNED_LINK, link)
    await _examine(recorder.record, downloader, file.url)


async def _examine(record: Record, downloader: Downloader, link: str) -> None:
    """Fetch the file, and have a child of ours say what it is."""
    with tempfile.TemporaryDirectory(prefix="foley-probe-") as folder:
        path = Path(folder) / "result"
        try:
            with path.open("xb") as into:
                await downloader.fetch(link, into, max_bytes=_LARGEST_FILE)
            record.file = await Workshop().examine(path)
        except (DownloadError, MediaError) as error:
            log.warning("result_not_examined", error=str(error))


async def _delete_one_that_runs(recorder: Recorder, plan: Plan, sleep: Sleep) -> None:
    asked = {"model": plan.model.id, "config": plan.good}
    second = await recorder.ask(Step.CREATE_SECOND, "POST", "generation", body=asked)
    # Now the list has two of them, if all is well.
    await recorder.ask(Step.LIST_WHOLE, "GET", "generation")
    await recorder.ask(Step.LIST_PAGED, "GET", "generation?page=1&page_size=1")
    if second.generation is None:
        return
    generation_id = second.generation.id
    await sleep(_RUNS_BY)
    path = f"generation/{_quoted(generation_id)}"
    await recorder.ask(Step.GET_RUNNING, "GET", path)
    await _delete(recorder, Step.DELETE_RUNNING, generation_id)
    await recorder.ask(Step.GET_DELETED, "GET", path)
    await recorder.ask(Step.LIST_AFTER_DELETE, "GET", "generation")
    await sleep(_SETTLES)
    await recorder.ask(Step.GET_DELETED_LATER, "GET", path)


async def _bad_ones(recorder: Recorder, plan: Plan, sleep: Sleep) -> None:
    """Ask for what ought to fail, and see when it does."""
    tries = (
        (Step.WRONG_VALUE, Step.WRONG_VALUE_POLL, plan.wrong),
        (Step.LONG_PROMPT, Step.LONG_PROMPT_POLL, plan.long),
    )
    for create, poll, config in tries:
        asked = {"model": plan.model.id, "config": config}
        answer = await recorder.ask(create, "POST", "generation", body=asked)
        if answer.generation is not None:
            await _poll(recorder, poll, answer.generation.id, _FAILS_WITHIN, sleep)


async def _age(recorder: Recorder, generation_id: str, sleep: Sleep) -> None:
    """See whether the result's link still opens later, and after the generation is deleted."""
    found, opened = recorder.record.result(), recorder.record.last(Step.LINK)
    if found is not None and opened is not None:
        link = found[1].results[0].url
        old = (recorder.clock() - opened.at).total_seconds()
        await sleep(max(0.0, _LINK_AGES - old))
        await recorder.open(Step.LINK_LATER, link)
        await _delete(recorder, Step.DELETE, generation_id)
        await recorder.open(Step.LINK_DELETED, link)


async def _delete(recorder: Recorder, step: Step, generation_id: str) -> bool:
    """Delete it; True: it is gone."""
    path = f"generation/{_quoted(generation_id)}"
    answer = await recorder.ask(step, "DELETE", path)
    gone = answer.is_success or answer.status in {404, 410}
    if gone:
        recorder.record.made[generation_id] = True
    return gone


def _quoted(part: str) -> str:
    return urllib.parse.quote(part, safe="")
