import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.netmind import protocol
from bot.netmind.errors import NetmindError, Unreadable
from bot.netmind.protocol import Phase, read_generation, read_json, read_list

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.json"))

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = re.findall(
    r"\w+",
    """id job_id status created_at meta_info result data url text logs file_id file_name file_type
    result_download_url is_deleted detail error message generation_list presigned_url model loc msg
    """,
)
# Objects that have the right names in them reach much deeper than any object would.
LOOKALIKES = st.recursive(
    JSON,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=8)
    ),
    max_leaves=20,
)


def generation(**fields: Any) -> dict[str, Any]:
    return {"id": "a1", "status": "completed", **fields}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_recorded_shape_is_read_whole(path: Path) -> None:
    sample = json.loads(path.read_text())

    read = read_generation(sample["body"])

    expected = {"text": None, "answer": None, **sample["read"]}
    assert {
        "phase": read.phase,
        "results": [[file.url, file.file_id, file.name, file.kind] for file in read.results],
        "model": read.model,
        "text": read.text,
        "answer": read.answer,
    } == expected
    assert read.id == sample["body"]["id"]
    assert read.status == sample["body"]["status"].lower()
    assert read.created_at == dt.datetime(2025, 1, 16, 5, 51, 3, tzinfo=dt.UTC)
    assert read.is_known_word
    assert not read.deleted


@pytest.mark.parametrize("word", ["pending", "initializing", "processing", "RUNNING"])
def test_a_running_word_means_running_even_with_a_result(word: str) -> None:
    assert read_generation(generation(status=word, result={"data": [{"url": "u"}]})).phase is (
        Phase.RUNNING
    )


@pytest.mark.parametrize("word", ["completed", "success", "Succeeded", "done"])
def test_a_success_word_needs_a_file(word: str) -> None:
    assert read_generation(generation(status=word, result={})).phase is Phase.EMPTY
    with_file = generation(status=word, result={"data": [{"url": "https://x/y"}]})
    assert read_generation(with_file).phase is Phase.SUCCEEDED


@pytest.mark.parametrize("word", ["failed", "error", "cancelled", "canceled"])
def test_a_failure_word_ends_it_even_with_a_result(word: str) -> None:
    body = generation(status=word, result={"data": [{"url": "https://x/y"}]})
    assert read_generation(body).phase is Phase.FAILED


@pytest.mark.parametrize("word", ["hibernating", "", None, 7, ["completed"], "complete\u200bd"])
def test_an_unknown_word_means_running_and_can_be_told(word: object) -> None:
    read = read_generation(generation(status=word))
    assert read.phase is Phase.RUNNING
    assert not read.is_known_word


def test_the_same_link_told_twice_is_one_file() -> None:
    body = generation(
        result={"data": [{"url": "https://x/y", "file_id": "f"}, {"url": "https://x/y"}]},
        meta_info={"result_download_url": "https://x/y"},
    )
    assert len(read_generation(body).results) == 1


def test_links_do_not_show_in_repr() -> None:
    body = generation(result={"data": [{"url": "https://files/5d41402abc/x"}]})
    assert "5d41402abc" not in repr(read_generation(body))


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\a.flac", "a.flac"),
        ("a\u202egnp.flac\x00", "agnp.flac"),
        ("x" * 1024 + ".flac", "x" * 95 + ".flac"),
        ("..", None),
        ("", None),
        (5, None),
    ],
)
def test_file_names_lose_paths_and_what_cannot_be_seen(name: object, kept: str | None) -> None:
    body = generation(result={"data": [{"url": "https://x/y", "file_name": name}]})
    assert read_generation(body).results[0].name == kept


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("2025-01-16 05:51:03", dt.datetime(2025, 1, 16, 5, 51, 3, tzinfo=dt.UTC)),
        ("2025-01-16T05:51:03Z", dt.datetime(2025, 1, 16, 5, 51, 3, tzinfo=dt.UTC)),
        ("2025-01-16T05:51:03+02:00", dt.datetime(2025, 1, 16, 3, 51, 3, tzinfo=dt.UTC)),
        ("0001-01-01T00:00:00+23:00", None),
        ("yesterday", None),
        (1737006663, None),
        (None, None),
    ],
)
def test_times_are_utc_and_junk_is_no_time(told: object, read: dt.datetime | None) -> None:
    assert read_generation(generation(created_at=told)).created_at == read


@pytest.mark.parametrize(
    "junk", ["..", ".", "", "a b", "a\nb", "x" * 201, None, True, {}, "\ud800"]
)
def test_an_id_that_could_lead_elsewhere_is_no_id(junk: object) -> None:
    with pytest.raises(Unreadable):
        read_generation({"id": junk, "status": "pending"})


def test_an_error_inside_a_good_answer_is_told() -> None:
    with pytest.raises(Unreadable, match="quota used up"):
        read_generation({"code": 1, "error": {"message": "quota used up"}})


def test_a_list_survives_bad_elements_and_duplicates() -> None:
    first, second = generation(id="a"), generation(id="b", status="pending")
    body = {
        "generation_list": [first, None, {"id": ".."}, 3, second, generation(id="a", status="x")]
    }

    read = read_list(body)

    assert [(one.id, one.status) for one in read] == [("a", "completed"), ("b", "pending")]
    assert read_list(body["generation_list"]) == read


@pytest.mark.parametrize("body", [None, {}, {"generation_list": None}, "list", {"detail": "no"}])
def test_what_is_no_list_is_not_an_empty_list(body: object) -> None:
    with pytest.raises(Unreadable):
        read_list(body)


def test_deleted_generations_are_marked() -> None:
    assert read_generation(generation(is_deleted=True)).deleted
    assert read_generation(generation(deleted_at="2025-01-16 05:51:03")).deleted


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><title>Welcome</title></html>",
        b'{"id": ',
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b"9" * 10_000,
        b" " * (protocol.MAX_BODY_BYTES + 1),
    ],
    ids=["empty", "html", "cut", "not text", "deep", "long number", "too large"],
)
def test_what_is_not_json_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read_json(200, {}, body)
    assert caught.value.status == 200
    assert len(str(caught.value)) < 300


def test_a_web_page_is_called_one() -> None:
    with pytest.raises(Unreadable, match="a web page: Welcome"):
        read_json(200, {}, b"<!doctype html><html><title>Welcome</title>")


def test_no_content_is_nothing_and_that_is_fine() -> None:
    assert read_json(204, {}, b"") is None


def test_a_presigned_link_is_read_or_missed() -> None:
    assert protocol.read_presigned({"presigned_url": "https://x/y"}) == "https://x/y"
    for junk in ({}, None, {"presigned_url": ""}, {"presigned_url": "https://x /y"}):
        with pytest.raises(Unreadable):
            protocol.read_presigned(junk)


def test_an_upload_needs_id_and_link() -> None:
    body = {"id": "file-1", "presigned_url": "https://x/y"}
    assert protocol.read_upload(body) == protocol.Upload("file-1", "https://x/y")
    for missing in body:
        with pytest.raises(Unreadable):
            protocol.read_upload({key: body[key] for key in body if key != missing})


def test_only_model_and_config_are_sent() -> None:
    assert protocol.create_body("m/x", {"prompt": "p"}) == {
        "model": "m/x",
        "config": {"prompt": "p"},
    }


@given(body=LOOKALIKES, status=st.sampled_from([200, 201, 302, 400, 401, 404, 422, 429, 500]))
def test_no_json_makes_the_reader_raise_anything_of_its_own(body: object, status: int) -> None:
    for read in (read_generation, read_list, protocol.read_presigned, protocol.read_upload):
        try:
            read(body)
            read(read_json(status, {}, json.dumps(body).encode()))
        except NetmindError as error:
            str(error).encode()


@given(body=st.binary(), status=st.integers(100, 999), header=st.text())
def test_no_bytes_make_the_reader_raise_anything_of_its_own(
    body: bytes, status: int, header: str
) -> None:
    waits: list[float] = []
    try:
        read_generation(read_json(status, {"Retry-After": header, "Date": header}, body))
    except NetmindError as error:
        str(error).encode()
        waits.append(error.retry_after or 0.0)
    assert all(0 <= wait <= 300 for wait in waits)
