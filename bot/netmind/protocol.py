"""What the inference API's answers mean. No I/O: bytes and values in, values out.

Facts are from the NetMind document, January 2025 (shape A), and from responses seen in 2025-09
(shape B) and 2025-12 (shape C):

A  meta_info: {"file_id": ..., "result_download_url": ...}
B  result: {"data": [{"url": ...}]}
C  as B, with file_id, file_name, file_type beside the url, and logs: [{"text": ...}]

A generation does not tell its prompt, and its result link may name the account.
"""

import dataclasses
import datetime as dt
import enum
import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from bot.netmind.errors import Unreadable
from bot.netmind.refusals import error_message, read_error
from bot.netmind.scrub import scrub

MAX_BODY_BYTES = 8 * 1024 * 1024
"""No answer is read beyond this."""

_MAX_ID = 200
_MAX_LINK = 8192
_MAX_NAME = 100

_RUNNING_WORDS = frozenset({"pending", "initializing", "processing", "running", "queued"})
_SUCCESS_WORDS = frozenset({"completed", "success", "succeeded", "done"})
_FAILURE_WORDS = frozenset({"failed", "error", "cancelled", "canceled"})


class Phase(enum.StrEnum):
    """How far a generation is, whatever word the API has for it."""

    RUNNING = "running"
    """Not ended, as far as we know; every word we do not know means this."""
    SUCCEEDED = "succeeded"
    """Ended well, and at least one file can be fetched."""
    EMPTY = "empty"
    """Ended well, it says, but there is no file (yet): look again for a while."""
    FAILED = "failed"
    """Ended without a result, cancelled included."""


@dataclasses.dataclass(frozen=True, slots=True)
class ResultFile:
    """One finished file. The link may name the account, so it is kept out of repr()."""

    url: str = dataclasses.field(repr=False)
    file_id: str | None = None
    name: str | None = None
    """What the API calls it: no path and nothing invisible in it, but still not to be trusted."""
    kind: str | None = None
    """The API's word for its type, e.g. `audio/flac`."""


@dataclasses.dataclass(frozen=True, slots=True)
class Generation:
    """The remote object, in one shape; `id` is opaque, `created_at` is aware and in UTC."""

    id: str
    status: str
    """The API's own word, lower case; empty if it said none."""
    phase: Phase
    created_at: dt.datetime | None = None
    results: tuple[ResultFile, ...] = ()
    text: str | None = None
    """The last line of its log, scrubbed: the reason of a failure stands here."""
    model: str | None = None
    """Model name or number, if told (only shape A does)."""
    answer: str | None = dataclasses.field(default=None, repr=False)
    """What a text model wrote, whole. It makes no file, so the phase stays EMPTY."""
    deleted: bool = False
    """Marked as deleted, yet still shown."""

    @property
    def is_known_word(self) -> bool:
        """Whether `status` is a word we have seen or expect; if not, log it once."""
        return self.status in _RUNNING_WORDS | _SUCCESS_WORDS | _FAILURE_WORDS


@dataclasses.dataclass(frozen=True, slots=True)
class Upload:
    """Where an input file may be put, for two hours; the link carries its own permission."""

    file_id: str
    url: str = dataclasses.field(repr=False)


def create_body(model: str, config: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON body of the create call."""
    return {"model": model, "config": dict(config)}


def upload_body(name: str) -> dict[str, object]:
    """Return the JSON body that announces an input file."""
    return {"file_name": name, "purpose": "inference"}


def read_json(
    status: int, headers: Mapping[str, str], body: bytes, now: dt.datetime | None = None
) -> object:
    """Return what an answer says; None if it says nothing and may (204).

    Raises the NetmindError that fits its status, or Unreadable.
    """
    if not is_success(status):
        raise read_error(status, headers, body, now)
    if status == 204:  # noqa: PLR2004 - No Content
        return None
    if len(body) > MAX_BODY_BYTES:
        raise Unreadable(f"more than {MAX_BODY_BYTES} bytes", status=status)
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(error_message(body) or "empty", status=status) from error
    return value


def is_success(status: int) -> bool:
    """Whether an HTTP status says that it was done."""
    return 200 <= status < 300  # noqa: PLR2004 - what HTTP calls success


def read_generation(body: object) -> Generation:
    """Read one generation in any of the three shapes; raises Unreadable if it has no usable id."""
    if not isinstance(body, dict):
        raise Unreadable("not an object")
    # The document's delete section calls the id job_id.
    identity = _identity(body.get("id")) or _identity(body.get("job_id"))
    if identity is None:
        # Some services answer 200 with an error inside.
        raise Unreadable(error_message(body) or "no id")
    status = _label(body.get("status")) or ""
    results = tuple({result.url: result for result in _results(body)}.values())
    return Generation(
        id=identity,
        status=status,
        phase=_phase(status, results),
        created_at=_time(body.get("created_at")),
        results=results,
        text=_last_log(body.get("logs")),
        model=_identity(body.get("model")) or _identity(body.get("model_id")),
        answer=_answer(body),
        deleted=bool(body.get("is_deleted") or body.get("deleted_at")),
    )


def read_list(body: object) -> list[Generation]:
    """Read the list call's answer, in its own order, each id once (the first is kept).

    An element that cannot be read is left out; raises Unreadable if there is no list at all.
    """
    elements = body.get("generation_list") if isinstance(body, dict) else body
    if not isinstance(elements, list):
        raise Unreadable(error_message(body) or "no list")
    found: dict[str, Generation] = {}
    for element in elements:
        try:
            generation = read_generation(element)
        except Unreadable:
            # One bad element must not spoil the others.
            continue
        found.setdefault(generation.id, generation)
    return list(found.values())


def read_presigned(body: object) -> str:
    """Read a fresh link to a file; raises Unreadable if there is none."""
    link = _link(body.get("presigned_url")) if isinstance(body, dict) else None
    if link is None:
        raise Unreadable(error_message(body) or "no link")
    return link


def read_upload(body: object) -> Upload:
    """Read where an announced file may be put; raises Unreadable if that is not told."""
    file_id = _identity(body.get("id")) if isinstance(body, dict) else None
    if file_id is None:
        raise Unreadable(error_message(body) or "no file id")
    return Upload(file_id=file_id, url=read_presigned(body))


def _phase(status: str, results: tuple[ResultFile, ...]) -> Phase:
    if status in _FAILURE_WORDS:
        return Phase.FAILED
    if status in _SUCCESS_WORDS:
        return Phase.SUCCEEDED if results else Phase.EMPTY
    return Phase.RUNNING


def _results(body: Mapping[str, Any]) -> Iterator[ResultFile]:
    """Yield every file, shapes B and C first because they say more about it."""
    for entry in _result_entries(body):
        link = _link(entry.get("url"))
        if link is not None:
            yield ResultFile(
                url=link,
                file_id=_identity(entry.get("file_id")),
                name=_file_name(entry.get("file_name")),
                kind=_label(entry.get("file_type")),
            )
    meta = body.get("meta_info")
    if isinstance(meta, dict):
        link = _link(meta.get("result_download_url"))
        if link is not None:
            yield ResultFile(url=link, file_id=_identity(meta.get("file_id")))


def _result_entries(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    result = body.get("result")
    data = result.get("data", result) if isinstance(result, dict) else result
    for entry in data if isinstance(data, list) else [data]:
        if isinstance(entry, dict):
            yield entry


def _answer(body: Mapping[str, Any]) -> str | None:
    """Return what a text model wrote: `result.data[].text`."""
    texts = [entry.get("text") for entry in _result_entries(body)]
    return "\n".join(text for text in texts if isinstance(text, str) and text) or None


def _last_log(logs: object) -> str | None:
    for entry in reversed(logs if isinstance(logs, list) else []):
        text = entry.get("text") if isinstance(entry, dict) else entry
        if isinstance(text, str) and (clean := _log_words(text)):
            return clean
    return None


def _log_words(text: str) -> str:
    """Return what a line of the log says.

    Seen: `Something error: 422: {"detail": [{"loc": ..., "msg": ...}]}`; then the words in it.
    """
    try:
        detail: object = json.loads(text[text.index("{") :])
    except (ValueError, RecursionError):
        return scrub(text)
    return error_message(detail) or scrub(text)


def _identity(value: object) -> str | None:
    """Return an opaque id, or None for what could not stand in a path or a log."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**_MAX_ID else ""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        return None
    # A path made of dots alone would lead elsewhere.
    return value if value.strip(".") and len(value) <= _MAX_ID else None


def _link(value: object) -> str | None:
    """Return a link as it stands; whether it may be followed is for the download to judge."""
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_LINK:
        return None
    return value if value.isprintable() and " " not in value else None


def _label(value: object) -> str | None:
    """Return a short lower-case word."""
    return scrub(value, 40).lower() or None if isinstance(value, str) else None


def _file_name(value: object) -> str | None:
    """Return the last part of a path without invisible or direction-changing characters."""
    if not isinstance(value, str):
        return None
    last = value[:_MAX_LINK].replace("\\", "/").rsplit("/", 1)[-1]
    seen = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C"))
    return seen.strip(" .")[-_MAX_NAME:] or None


def _time(value: object) -> dt.datetime | None:
    """Read `2025-01-16 05:51:03` or ISO 8601; no zone means UTC, junk means None."""
    if not isinstance(value, str):
        return None
    try:
        read = dt.datetime.fromisoformat(value.strip())
        return read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
