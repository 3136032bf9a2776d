import datetime as dt
import json
from typing import Any

import pytest

from bot.netmind import errors
from bot.netmind.errors import NetmindError
from bot.netmind.refusals import error_message, read_error, retry_after

NOW = dt.datetime(2025, 1, 16, 6, 0, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("status", "body", "condition"),
    [
        (400, {"detail": "bad duration"}, errors.BadRequest),
        (400, {"detail": "Model name: no/such not exists"}, errors.UnknownModel),
        (400, {"message": "balance not enough"}, errors.OutOfBalance),
        (403, {"message": "Insufficient Balance"}, errors.OutOfBalance),
        (401, {"error": {"message": "Invalid api token"}}, errors.KeyRefused),
        (402, {}, errors.OutOfBalance),
        (403, {}, errors.KeyRefused),
        (404, {"detail": "Not Found"}, errors.NotFound),
        (408, {}, errors.ServerTrouble),
        (409, {}, errors.BadRequest),
        (410, {}, errors.NotFound),
        (418, {}, errors.BadRequest),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, errors.BadRequest),
        (429, {}, errors.TooManyRequests),
        (500, {"detail": "Service is unavailable"}, errors.ServerTrouble),
        (503, {"detail": "balance not enough"}, errors.ServerTrouble),
        (302, {}, errors.Unreadable),
    ],
)
def test_each_refusal_has_its_condition(
    status: int, body: dict[str, Any], condition: type[NetmindError]
) -> None:
    error = read_error(status, {}, json.dumps(body).encode(), NOW)
    assert type(error) is condition
    assert error.status == status


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"detail": "first", "error": {"message": "second"}}', "first"),
        (b'{"error": {"message": "second"}, "message": "third"}', "second"),
        (b'{"error": "plain", "message": "third"}', "plain"),
        (b'{"detail": null, "message": "third"}', "third"),
        (
            b'{"detail": [{"loc": ["body", "seed", 0], "msg": "no", "input": "mine"}]}',
            "body.seed.0: no",
        ),
        (b'{"detail": [{"msg": "a"}, 3, {"loc": "x", "msg": "b"}]}', "a; b"),
        (b'{"other": 1}', ""),
        (b'"just words"', "just words"),
        (b"just words", "just words"),
        (b"", ""),
        (b"<html><head><title>502 Bad Gateway</title>", "a web page: 502 Bad Gateway"),
        (b"<html>", "a web page"),
        (b"[" * 100_000, "[" * 199 + "…"),
    ],
)
def test_the_message_is_found_wherever_it_is(body: bytes, message: str) -> None:
    assert error_message(body) == message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 7.5 "}, 7.5),
        ({"Retry-After": "-5"}, 0.0),
        ({"Retry-After": "1000000000"}, 300.0),
        ({"Retry-After": "1e9"}, 300.0),
        ({"Retry-After": "inf"}, 300.0),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "Thu, 16 Jan 2025 06:00:30 GMT"}, 30.0),
        ({"Retry-After": "Thu, 16 Jan 2025 05:00:00 GMT"}, 0.0),
        ({"Retry-After": "Thu, 16 Jan 2099 05:00:00 GMT"}, 300.0),
    ],
)
def test_retry_after_is_read_and_capped(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


def test_a_date_is_taken_by_the_servers_own_clock() -> None:
    headers = {
        "Date": "Thu, 16 Jan 2025 07:00:00 GMT",
        "Retry-After": "Thu, 16 Jan 2025 07:00:20 GMT",
    }
    assert retry_after(headers, NOW) == 20.0


def test_an_error_says_condition_status_and_words() -> None:
    error = read_error(500, {}, b'{"detail": "Service is unavailable"}', NOW)
    assert str(error) == "The API has trouble of its own (500): Service is unavailable"


def test_every_condition_begins_with_a_sentence_of_its_own() -> None:
    conditions = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    sentences = {str(kind()) for kind in conditions if issubclass(kind, NetmindError)}
    assert len(sentences) == 11
