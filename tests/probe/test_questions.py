"""Each question is answered from what was recorded alone."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.netmind.catalog import Catalog
from bot.probe import about_access, about_generations, about_lists, about_results
from bot.probe.page import page
from bot.probe.plan import PROMPT, plan_of
from bot.probe.record import Exchange, Record, Step

PLAN = plan_of(Catalog.load())
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = "0123456789abcdef0123456789abcdef"


def answer(
    step: Step, body: object = None, *, status: int = 200, at: float = 0, **more: Any
) -> Exchange:
    content = json.dumps(body).encode()
    when = NOON + timedelta(seconds=at)
    return Exchange(step, when, 0.0, status, content=content, body=body, **more)


def told(identity: str, status: str = "pending", **more: Any) -> dict[str, Any]:
    return {"id": identity, "user_id": ACCOUNT, "status": status, "result": {}, **more}


def listing(step: Step, *generations: dict[str, Any], **beside: Any) -> Exchange:
    return answer(step, {"generation_list": [*generations], **beside})


def record(*exchanges: Exchange) -> Record:
    return Record([*exchanges])


def test_a_list_that_is_late_is_told_with_what_to_leave() -> None:
    found = about_lists.at_once(
        record(answer(Step.CREATE, told("a")), listing(Step.LIST_AFTER_CREATE)), PLAN
    )
    assert found.answer == "No."
    assert found.advice is not None
    assert "shared" in found.advice


@pytest.mark.parametrize(
    ("times", "said"),
    [
        (["2026-01-02 00:00:00", "2026-01-01 00:00:00"], "Newest first."),
        (["2026-01-01 00:00:00", "2026-01-02 00:00:00"], "Oldest first."),
        (["2026-01-01", "2026-01-03", "2026-01-02"], "In no order of time."),
        (["2026-01-01", "2026-01-01"], None),
    ],
)
def test_the_order_of_the_list_is_told(times: list[str], said: str | None) -> None:
    rows = [told(str(number), created_at=time) for number, time in enumerate(times)]
    assert about_lists.order(record(listing(Step.LIST_WHOLE, *rows)), PLAN).answer == said


def test_pages_are_found_by_asking_for_one() -> None:
    found = about_lists.cut(
        record(
            listing(Step.LIST_WHOLE, told("a"), told("b"), total_count=2),
            listing(Step.LIST_PAGED, told("a")),
        ),
        PLAN,
    )
    assert found.answer is not None
    assert "`page` and `page_size` work" in found.answer
    assert "total_count" in found.answer
    assert found.advice is not None


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([], "No."),
        ([told("b")], "Yes, without a mark."),
        ([told("b", is_deleted=True)], "Yes, marked as deleted."),
    ],
)
def test_deleted_ones_are_looked_for_in_the_list(listed: list[dict[str, Any]], said: str) -> None:
    asked = record(
        answer(Step.CREATE_SECOND, told("b")), listing(Step.LIST_AFTER_DELETE, told("a"), *listed)
    )
    assert about_lists.deleted_in_list(asked, PLAN).answer == said


def test_fields_that_nobody_knows_are_named_without_their_values() -> None:
    asked = record(answer(Step.CREATE, told("a", cost=12, nested={"x": "secret"})))
    assert about_generations.shape(asked, PLAN).answer == (
        "Form B, and fields that Foley does not know: cost, nested."
    )


def test_a_prompt_that_comes_back_is_found_wherever_it_stands() -> None:
    asked = record(answer(Step.CREATE, told("a", config={"prompt": PROMPT})))
    assert about_generations.echo(asked, PLAN).answer == "Yes."
    asked = record(answer(Step.CREATE, told("a", config={"duration": 1})))
    assert about_generations.echo(asked, PLAN).answer == "Its config, without the prompt."


def test_status_words_are_told_with_their_times_and_the_unknown_ones_twice() -> None:
    asked = record(
        answer(Step.CREATE, told("a")),
        answer(Step.POLL, told("a", "Warming"), at=3),
        answer(Step.POLL, told("a", "warming"), at=6),
    )
    assert about_generations.words(asked, PLAN).answer == (
        "`pending` after 0 s, `warming` after 3 s. Foley did not know: warming."
    )


def test_what_takes_longer_than_the_catalogue_says_is_advised_on() -> None:
    asked = record(answer(Step.CREATE, told("a")), answer(Step.POLL, told("a", "failed"), at=120))
    found = about_generations.durations(asked, PLAN)
    assert found.advice is not None
    assert "Raise `typical_seconds` of mmaudio from 30 to 120" in found.advice


@pytest.mark.parametrize(
    ("exchanges", "said"),
    [
        ([answer(Step.WRONG_VALUE, {"detail": "bad"}, status=422)], "It is refused at once: 422"),
        ([answer(Step.WRONG_VALUE, told("w"))], "It is accepted, and had not ended"),
        (
            [
                answer(Step.WRONG_VALUE, told("w")),
                answer(Step.WRONG_VALUE_POLL, told("w", "failed", logs=[{"text": "no number"}])),
            ],
            "It is accepted and fails later: “no number”",
        ),
        (
            [
                answer(Step.WRONG_VALUE, told("w")),
                answer(Step.WRONG_VALUE_POLL, told("w", "completed")),
            ],
            "It is accepted, and something is made",
        ),
    ],
)
def test_what_becomes_of_a_wrong_value_is_told(exchanges: list[Exchange], said: str) -> None:
    found = about_generations.wrong_value(record(*exchanges), PLAN).answer
    assert found is not None
    assert found.startswith(said)


def test_a_limit_of_the_prompt_is_read_from_the_refusal() -> None:
    words = {"detail": [{"loc": ["prompt"], "msg": "String should have at most 1000 characters"}]}
    found = about_generations.prompt_limit(
        record(answer(Step.LONG_PROMPT, words, status=422)), PLAN
    )
    assert found.answer is not None
    assert found.answer.startswith("1000 characters")
    assert found.advice == "Lower `prompt_limit` of mmaudio from 2000 to 1000 in `MODELS_FILE`."


@pytest.mark.parametrize(
    ("query", "said"),
    [("", "not signed"), ("?X-Amz-Expires=3600&X-Amz-Signature=s", "signed by X-Amz-")],
)
def test_a_link_is_judged_without_being_told(query: str, said: str) -> None:
    url = f"https://files.netmind.ai/{ACCOUNT}/inference/file-1/sound.flac{query}"
    asked = record(
        answer(Step.CREATE, told("a", "completed", result={"data": [{"url": url}]})),
        answer(Step.LINK, status=206, headers={"Content-Type": "audio/flac"}),
        answer(Step.LINK_LATER, status=403, at=60),
    )
    found = about_results.link(asked, PLAN).answer
    assert found is not None
    assert "files.netmind.ai" in found
    assert said in found
    assert "names the account" in found
    assert ACCOUNT not in found
    life = about_results.link_life(asked, PLAN).answer
    assert life is not None
    assert life.startswith("After 60 s: 403.")
    assert ("3600 s" in life) is bool(query)


def test_a_clock_that_is_off_is_told() -> None:
    asked = record(answer(Step.CREATE, told("a", created_at="2026-11-22 13:00:00")))
    found = about_access.clock(asked, PLAN)
    assert found.answer == "`created_at` is +3600 s off, within about a second."
    assert found.advice is not None


def test_headers_about_limits_are_told() -> None:
    asked = record(
        answer(Step.POLL, headers={"X-RateLimit-Remaining": "9", "Set-Cookie": "secret"}),
        answer(Step.POLL, status=429),
    )
    found = about_access.limits(asked, PLAN)
    assert found.answer == (
        "`x-ratelimit-remaining: 9`. 1 of 2 requests were refused for their rate (429)."
    )
    assert found.advice is not None
    assert about_access.limits(record(), PLAN).answer is None


def test_whatever_its_words_repeat_no_key_and_no_account_is_on_the_page() -> None:
    """Their own scrubbing would let words through that look like anybody's."""
    words = {"detail": "the key willowbranch of accountofmira may not"}
    asked = record(
        answer(Step.LIST_BEFORE, {"generation_list": [{"id": "x", "user_id": "accountofmira"}]}),
        answer(Step.UNKNOWN_ID, words, status=404),
    )
    text = page(asked, PLAN, "https://api.netmind.ai", "willowbranch", NOON)
    assert "the key *** of *** may not" in text
    assert "willowbranch" not in text
    assert "accountofmira" not in text


def test_what_it_says_stays_within_its_cell() -> None:
    asked = record(answer(Step.UNKNOWN_ID, {"detail": "a | b"}, status=404))
    text = page(asked, PLAN, "https://api.netmind.ai", "key", NOON)
    assert "| What does it say of an unknown id? | 404, “a \\| b”. |" in text
