"""Redaction: no secret passes, however it is spelled; and what is none stays readable."""

import json
from urllib.parse import quote

import pytest

from bot.config import Settings
from bot.redact import Redactor, secrets_of, typed, without_typed

ODD = 'p"a\\ss wörd/%'


@pytest.mark.parametrize(
    "spelled",
    [
        ODD,
        json.dumps({"key": ODD}),
        repr({"key": ODD}),
        json.dumps({"key": repr(ODD)}),
        f"GET /bots/{quote(ODD, safe='')}/me",
    ],
)
def test_a_secret_with_odd_letters_is_found_however_it_is_spelled(spelled: str) -> None:
    cleaned = Redactor([ODD]).clean(spelled)
    assert "wörd" not in cleaned
    assert "w\\u00f6rd" not in cleaned
    assert "w%C3%B6rd" not in cleaned
    assert "***" in cleaned


def test_every_secret_setting_is_known_with_the_password_in_an_address() -> None:
    settings = Settings.load(
        _env_file=None,
        discord_token="one-secret",
        netmind_api_token="two-secret",
        database_url="postgresql://foley:three%2Fsecret@host/name",
        sentry_dsn="https://four-secret@sentry.example.com/1",
    )
    known = secrets_of(settings)
    assert {"one-secret", "two-secret", "three%2Fsecret", "three/secret"} <= set(known)
    assert "four-secret" not in Redactor(known).clean("at https://four-secret@sentry.example.com/1")


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Authorization: Bearer abcdefgh1234", "Authorization: Bearer ***"),
        ("{'Authorization': 'Bot abc.def.ghi'}", "{'Authorization': 'Bot ***'}"),
        ('{\\"authorization\\": \\"abc\\"}', '{\\"authorization\\": \\"***\\"}'),
        (
            "POST https://discord.com/api/v10/webhooks/123/aW50ZXJh-cc_x/messages/@original",
            "POST https://discord.com/api/v10/webhooks/123/***/messages/@original",
        ),
        ("/interactions/123/aW50ZXJhY3Rpb24/callback", "/interactions/123/***/callback"),
        (
            "https://files.netmind.ai/account-7/inference/file-9/a%20b.flac",
            "https://files.netmind.ai/***/inference/***",
        ),
        (
            "see https://store.example/f.mp4?X-Amz-Signature=ab12",
            "see https://store.example/f.mp4?***",
        ),
        ("GET /f?x=1&sig=ab12", "GET /f?x=1&sig=***"),
        ("https://foley.example/media/AAAAAAAAAAcAAAAAaYbI==", "https://foley.example/media/***"),
        ("postgresql://foley:hunter2@db/foley", "postgresql://***@db/foley"),
        ("MTA1.a.b and " + "M" * 24 + ".GxYzAb." + "k" * 38, "MTA1.a.b and ***"),
    ],
)
def test_what_looks_like_a_secret_is_replaced(text: str, cleaned: str) -> None:
    assert Redactor([]).clean(text) == cleaned


@pytest.mark.parametrize(
    "text",
    [
        "https://discord.com/channels/1/2/3",
        "403 Forbidden (error code: 50013): Missing Permissions",
        "Shard ID 0 has connected to Gateway (Session ID: abc).",
        "bot.jobs.courier at 2026-01-01T00:00:00.000000Z",
        "person@example.com",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert Redactor([]).clean(text) == text


def test_a_secret_that_is_not_set_hides_nothing() -> None:
    assert Redactor(["", "secret"]).clean("a secret word") == "a *** word"


def test_of_two_secrets_that_begin_alike_the_longer_one_is_replaced_as_a_whole() -> None:
    assert Redactor(["secret", "secret-and-more"]).clean("a secret-and-more b") == "a *** b"


def test_a_line_of_json_stays_json() -> None:
    line = json.dumps({"error": "Bearer abcdefgh1234", "link": 'a "https://a.b/c?d=e" f'})
    assert json.loads(Redactor([ODD]).clean(line)) == {
        "error": "Bearer ***",
        "link": 'a "https://a.b/c?***" f',
    }


def test_nested_texts_are_cleaned_and_numbers_stay() -> None:
    nested = {"values": [{"value": "key secret-1"}, 7, None], "ok": True}
    assert Redactor(["secret-1"]).clean_all(nested) == {
        "values": [{"value": "key ***"}, 7, None],
        "ok": True,
    }


def test_what_was_typed_is_taken_out_as_long_as_the_block_lasts() -> None:
    words = "rain on a 'tin' roof"
    with typed([words, "at", 7, None, ""]):
        assert without_typed(f"no {words!r}") == 'no "[typed]"'
        assert without_typed(json.dumps({"prompt": words})) == '{"prompt": "[typed]"}'
        assert without_typed("what at?") == "what [typed]?"
    assert without_typed("what at?") == "what at?"
