"""Whatever the API says, what is read of it can be trusted in a path, a log and a message."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.netmind.errors import NetmindError, Unreadable
from bot.netmind.protocol import Generation, Phase, read_generation, read_json, read_list

WORDS = ("pending", "completed", "Success", "failed", "error", "cooking", "", None, 7)
LINK = "https://files.example/secret-account/"
TEXT = st.text(max_size=30) | st.sampled_from(["..", "a/b", "\u202e", "x" * 300, "a b", "\ud800"])

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
LINKS = TEXT.map(lambda text: LINK + text)
FILES = st.fixed_dictionaries(
    {}, optional={"url": LINKS | JSON, "file_id": TEXT, "file_name": TEXT, "file_type": TEXT}
)
ALWAYS: dict[str, st.SearchStrategy[Any]] = {
    "id": st.just("a1") | TEXT | JSON,
    "status": st.sampled_from(WORDS) | JSON,
    "logs": st.lists(st.fixed_dictionaries({"text": LINKS | TEXT}), max_size=2) | JSON,
}
PARTS: dict[str, st.SearchStrategy[Any]] = {
    "job_id": TEXT,
    "result": st.fixed_dictionaries({"data": st.lists(FILES | JSON, max_size=3)}) | FILES | JSON,
    "meta_info": st.fixed_dictionaries({"result_download_url": LINKS, "file_id": TEXT}) | JSON,
    "model": TEXT | JSON,
    "created_at": st.sampled_from(["2025-01-16 05:51:03", "9999-99-99", ""]) | JSON,
    "is_deleted": st.booleans() | JSON,
}
GENERATIONS = st.fixed_dictionaries(ALWAYS, optional=PARTS)

# How quickly examples are drawn says only how busy the machine is.
quick = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)


def check(generation: Generation) -> None:
    """What every reader of a generation may rely on."""
    assert generation.id
    assert generation.id.isprintable()
    assert not {" ", ".."} & {generation.id, *generation.id}
    assert LINK not in repr(generation)
    assert generation.text is None or LINK not in generation.text
    assert (generation.phase is Phase.SUCCEEDED) <= bool(generation.results)
    assert (generation.phase is Phase.EMPTY) <= (not generation.results)
    assert len({file.url for file in generation.results}) == len(generation.results)
    assert generation.created_at is None or generation.created_at.utcoffset() is not None
    for file in generation.results:
        assert file.name is None or (file.name.isprintable() and "/" not in file.name)


def check_words(error: NetmindError) -> None:
    """What the log may rely on."""
    assert LINK not in str(error)
    assert str(error).isprintable()


@quick
@given(body=GENERATIONS | GENERATIONS | JSON)
def test_a_generation_is_safe_to_handle_or_unreadable(body: object) -> None:
    try:
        check(read_generation(body))
    except Unreadable as error:
        check_words(error)


@quick
@given(elements=st.lists(GENERATIONS | JSON, max_size=4), bare=st.booleans())
def test_a_list_keeps_each_id_once_and_in_order(elements: list[object], *, bare: bool) -> None:
    """A bad element spoils no other."""
    readable = []
    for element in elements:
        try:
            readable.append(read_generation(element).id)
        except Unreadable:
            continue

    read = read_list(elements if bare else {"generation_list": elements})

    assert [generation.id for generation in read] == list(dict.fromkeys(readable))
    for generation in read:
        check(generation)


@quick
@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=60)
    | (GENERATIONS | JSON).map(lambda value: json.dumps(value).encode()),
)
def test_any_answer_is_a_value_or_one_of_our_errors(status: int, body: bytes) -> None:
    """Success is never made of a refusal, and no link gets into the words of an error."""
    try:
        read_json(status, {}, body)
    except NetmindError as error:
        check_words(error)
        return
    assert 200 <= status < 300
