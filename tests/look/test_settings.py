"""The two settings of the operator's moderation service."""

from typing import Any

import pytest

from bot.config import Settings, SettingsError

GOOD: dict[str, Any] = {"discord_token": "d.i.s", "netmind_api_token": "n-e-t"}


def load(**values: Any) -> Settings:
    return Settings.load(_env_file=None, **(GOOD | values))


def test_without_them_there_is_no_service() -> None:
    settings = load()

    assert (settings.output_moderation_url, settings.output_moderation_token) == (None, None)


@pytest.mark.parametrize(
    "url", ["https://example.com/look/", "http://10.0.0.5:8080/look?v=1", "http://[::1]:8090/"]
)
def test_an_address_is_used_as_it_stands_and_may_be_private(url: str) -> None:
    settings = load(output_moderation_url=url, output_moderation_token=" open-sesame ")

    assert settings.output_moderation_url == url
    assert settings.output_moderation_token is not None
    assert settings.output_moderation_token.get_secret_value() == "open-sesame"
    assert "sesame" not in repr(settings)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"output_moderation_url": "example.com/look"}, "OUTPUT_MODERATION_URL is wrong: "),
        ({"output_moderation_url": "file:///etc/passwd"}, "OUTPUT_MODERATION_URL is wrong: "),
        ({"output_moderation_url": "http://a:sesame@b.c/"}, "must hold no password"),
        (
            {"output_moderation_url": "http://b.c", "output_moderation_token": "open sesame"},
            "OUTPUT_MODERATION_TOKEN is wrong: ",
        ),
        ({"output_moderation_token": "sesame"}, "needs an OUTPUT_MODERATION_URL"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(values: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(**values)

    assert len(caught.value.problems) == 1
    assert words in caught.value.problems[0]
    assert "sesame" not in caught.value.problems[0]
