"""The one border at which errors become words for people."""

from types import SimpleNamespace
from typing import Any

import discord
import pytest
from discord import InteractionResponseType, app_commands

from bot import border
from bot.errors import Refusal
from bot.language import Sentence
from bot.whisper import note_announced
from storage.errors import UnavailableError


class FakeInteraction:
    """Remembers what it was answered; `response_type`: what it was answered before."""

    def __init__(self, response_type: InteractionResponseType | None = None) -> None:
        self.said: list[tuple[str, str, bool]] = []
        self.response = SimpleNamespace(
            is_done=lambda: response_type is not None,
            type=response_type,
            send_message=self._keep("first"),
        )
        self.extras: dict[Any, Any] = {}
        self.delete_original_response = self._keep("delete")
        self.locale = discord.Locale.american_english
        self.user = SimpleNamespace(id=1)
        services = SimpleNamespace(choices=SimpleNamespace(language=self._no_memory))
        self.client = SimpleNamespace(services=services)
        self.followup = SimpleNamespace(send=self._keep("followup"))
        self.edit_original_response = self._keep("edit")

    async def _no_memory(self, *_: Any) -> Any:
        """Be as a database that is gone: the language of the person's Discord has to do."""
        raise UnavailableError("no memory")

    def _keep(self, way: str) -> Any:
        async def keep(
            words: str = "", *, content: str = "", ephemeral: bool = False, wait: bool = False
        ) -> Any:
            self.said.append((way, words or content, ephemeral))
            return SimpleNamespace(id=1) if wait else None

        return keep


def http_error(code: int, status: int = 400) -> discord.HTTPException:
    response: Any = SimpleNamespace(status=status, reason="Bad")
    return discord.HTTPException(response, {"code": code, "message": "no"})


async def told(error: Exception, *before: InteractionResponseType) -> list[tuple[str, str, bool]]:
    interaction: Any = FakeInteraction(*before)
    await border.tell(interaction, error)
    said: list[tuple[str, str, bool]] = interaction.said
    return said


async def test_a_refusal_is_told_as_it_is_and_privately() -> None:
    assert await told(Refusal(Sentence("No."))) == [("first", "No.", True)]


async def test_after_a_deferred_answer_the_words_take_its_place() -> None:
    """Otherwise Discord would show for ever that we are thinking."""
    deferred = InteractionResponseType.deferred_channel_message
    assert [way for way, *_ in await told(Refusal(Sentence("No.")), deferred)] == ["edit"]


async def test_what_was_announced_to_all_is_told_to_the_person_alone() -> None:
    interaction: Any = FakeInteraction(InteractionResponseType.deferred_channel_message)
    note_announced(interaction, to_all=True)
    await border.tell(interaction, Refusal(Sentence("No.")))
    assert interaction.said == [
        ("edit", "🔒", False),
        ("followup", "No.", True),
        ("delete", "", False),
    ]


@pytest.mark.parametrize(
    "before",
    [InteractionResponseType.channel_message, InteractionResponseType.deferred_message_update],
)
async def test_after_an_answer_the_words_follow_privately(
    before: InteractionResponseType,
) -> None:
    assert await told(Refusal(Sentence("No.")), before) == [("followup", "No.", True)]


async def test_a_database_that_is_gone_is_told_without_its_details(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ((_, words, private),) = await told(UnavailableError("disk I/O error at /data"))
    assert private
    assert "memory" in words
    assert "/data" not in words
    assert "storage_failed" in capsys.readouterr().out


async def test_a_bug_is_told_without_its_details_and_logged(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ((_, words, private),) = await told(ZeroDivisionError("inner"))
    assert private
    assert "inner" not in words
    assert "interaction_failed" in capsys.readouterr().out


async def test_the_cause_of_a_commands_error_counts() -> None:
    command: Any = SimpleNamespace(name="audio", qualified_name="audio")
    wrapped = app_commands.CommandInvokeError(command, Refusal(Sentence("No.")))
    assert await told(wrapped) == [("first", "No.", True)]


@pytest.mark.parametrize("code", border.LOST_RACE)
async def test_a_lost_race_is_not_told_because_nobody_would_hear_it(code: int) -> None:
    assert await told(http_error(code)) == []


async def test_an_old_command_is_told_to_be_reloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(border, "OTHERS_FIRST", 0)
    ((_, words, _),) = await told(app_commands.CommandNotFound("old", []))
    assert "Reload" in words


async def test_another_version_may_answer_what_is_unknown_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Discord takes the first answer alone."""
    order = []

    async def others(seconds: float) -> None:
        order.append(f"others, {seconds}")

    async def ours(*_: object, **__: object) -> None:
        order.append("ours")
        raise http_error(40060)

    monkeypatch.setattr("asyncio.sleep", others)
    interaction: Any = FakeInteraction()
    interaction.response.send_message = ours
    await border.tell(interaction, app_commands.CommandNotFound("new", []))
    assert order == [f"others, {border.OTHERS_FIRST}", "ours"]


async def test_an_answer_that_is_lost_raises_nothing() -> None:
    interaction: Any = FakeInteraction()

    async def lost(*_: object, **__: object) -> None:
        raise http_error(10062, 404)

    interaction.response.send_message = lost
    await border.tell(interaction, Refusal(Sentence("No.")))
