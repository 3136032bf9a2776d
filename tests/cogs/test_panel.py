"""The panel of /studio settings: everything chosen with buttons, selects and a form."""

from typing import Any

import pytest
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.builders import ChannelHandle
from simcord.enums import InteractionType

from storage.guilds import GuildSettings
from storage.looks import Look
from storage.routes import Route
from tests.cogs.layouts import shown, walk
from tests.cogs.test_studio import moderator
from tests.world import World, said

NO_MANAGER = "Only who manages this server may do that."


class Panel:
    """A panel that Morgan has opened."""

    def __init__(self, world: World, morgan: MemberActor, answer: Any) -> None:
        self.world = world
        self.morgan = morgan
        self.answer = answer

    async def go(self, part: str) -> None:
        await self.click(f"foley:panel:{part}")

    async def click(self, custom_id: str) -> Any:
        return await self.morgan.click(self.answer.response, custom_id=custom_id)

    async def select(self, name: str, *values: Any) -> None:
        await self.morgan.select(
            self.answer.response, list(values), custom_id=f"foley:panel:{name}"
        )

    @property
    def text(self) -> str:
        return shown(self.answer.response)

    def chosen(self, name: str) -> list[str]:
        """Return what a select shows as chosen."""
        (found,) = [
            each
            for each in walk(self.answer.response.components)
            if each.get("custom_id") == f"foley:panel:{name}"
        ]
        given = [str(each["id"]) for each in found.get("default_values", [])]
        return given + [each["value"] for each in found.get("options", []) if each.get("default")]

    async def settings(self) -> GuildSettings:
        return (await self.world.app.client.services.rules.of_guild(self.world.guild.id)).settings


@pytest.fixture
async def panel(world: World) -> Panel:
    morgan = moderator(world)
    answer = await morgan.slash(world.channel, "studio settings")
    assert answer.ephemeral
    return Panel(world, morgan, answer)


def room(world: World, name: str = "room") -> ChannelHandle:
    return world.guild.create_text_channel(name)


async def test_the_bot_is_paused_and_goes_on_with_one_click(panel: Panel) -> None:
    assert "I am **open**." in panel.text
    await panel.click("foley:panel:use:paused:1")
    assert "I am **paused**." in panel.text
    assert (await panel.world.ask("rain", duration=1)).ephemeral
    await panel.click("foley:panel:use:paused:0")
    assert not (await panel.world.ask("rain", duration=1)).ephemeral


async def test_channels_are_chosen_and_shown_as_chosen(panel: Panel) -> None:
    only = room(panel.world)
    await panel.select("use:channels", only)
    assert (await panel.settings()).channels == [only.id]
    assert panel.chosen("use:channels") == [str(only.id)]
    await panel.select("use:channels")
    assert (await panel.settings()).channels is None


async def test_a_model_is_turned_off_for_everybody(panel: Panel) -> None:
    await panel.select("use:models", "mmaudio")
    assert panel.chosen("use:models") == ["mmaudio"]
    refused = await panel.world.ask("rain", "video")
    assert refused.ephemeral
    await panel.select("use:models")
    assert not (await panel.world.ask("rain", "video")).ephemeral


async def test_hidden_channels_and_roles_do_not_disturb_each_other(panel: Panel) -> None:
    hidden, role = room(panel.world), panel.world.guild.create_role("wild")
    await panel.select("use:spoiler_channels", hidden)
    await panel.select("use:spoiler_roles", role)
    assert set((await panel.settings()).spoilers or ()) == {hidden.id, role.id}
    await panel.select("use:spoiler_channels")
    assert (await panel.settings()).spoilers == [role.id]
    assert panel.chosen("use:spoiler_roles") == [str(role.id)]


async def test_results_go_where_it_is_chosen(panel: Panel) -> None:
    await panel.go("results")
    await panel.select("results:route", "thread")
    assert (await panel.settings()).route is Route.THREAD
    await panel.select("results:route", "gallery")
    assert "Choose the gallery itself" in panel.text
    gallery = room(panel.world, "gallery")
    await panel.select("results:gallery_id", gallery)
    settings = await panel.settings()
    assert (settings.route, settings.gallery_id) == (Route.GALLERY, gallery.id)
    await panel.select("results:gallery_id")
    assert (await panel.settings()).route is Route.CHANNEL


async def test_a_channel_that_is_closed_to_the_bot_is_refused_and_nothing_changes(
    panel: Panel,
) -> None:
    closed = room(panel.world, "closed")
    panel.world.forbid("send_messages", channel=closed)
    await panel.go("moderators")
    await panel.select("moderators:log_channel_id", closed)
    assert "I could not post in" in panel.text
    assert (await panel.settings()).log_channel_id is None


async def test_language_and_voice_are_chosen(panel: Panel) -> None:
    await panel.go("results")
    await panel.select("results:language", "ja")
    await panel.click("foley:panel:results:voice:1")
    settings = await panel.settings()
    assert (settings.language, settings.voice) == ("ja", True)
    await panel.select("results:language", "own")
    assert (await panel.settings()).language is None


async def test_nobody_is_asked_before_there_is_a_channel_to_ask_in(panel: Panel) -> None:
    await panel.go("moderators")
    await panel.click("foley:panel:moderators:review_prompts:1")
    assert "Choose your channel first" in panel.text
    await panel.select("moderators:look", "hold")
    assert "Choose your channel first" in panel.text
    await panel.select("moderators:log_channel_id", room(panel.world))
    await panel.click("foley:panel:moderators:review_prompts:1")
    await panel.select("moderators:look", "hold")
    settings = await panel.settings()
    assert (settings.review_prompts, settings.look) == (True, Look.HOLD)
    await panel.select("moderators:log_channel_id")
    assert "Choose your channel first" in panel.text
    assert (await panel.settings()).log_channel_id is not None


async def test_a_second_click_of_the_same_button_changes_nothing_back(panel: Panel) -> None:
    await panel.go("results")
    clicked = await panel.click("foley:panel:results:voice:1")
    await panel.world.replay(clicked)
    assert (await panel.settings()).voice


async def test_numbers_and_words_are_set_by_a_form(panel: Panel) -> None:
    await panel.go("moderators")
    form = await panel.click("foley:numbers")
    written = {
        "cap_at_once": "5",
        "cap_per_day": "",
        "review_hours": "48",
        "time_zone": "Asia/Tokyo",
        "appeal": "Write to Mona.",
    }
    await panel.morgan.submit_modal(form, written)
    settings = await panel.settings()
    assert (settings.cap_at_once, settings.cap_per_day) == (5, None)
    assert (settings.review_hours, settings.time_zone) == (48, "Asia/Tokyo")
    assert settings.appeal == "Write to Mona."
    assert "after 48 hours" in panel.text


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("cap_at_once", "many", "a whole number"),
        ("cap_per_day", "-1", "a whole number"),
        ("review_hours", "169", "a whole number"),
        ("time_zone", "Atlantis", "do not know that time zone"),
    ],
)
async def test_what_is_written_wrongly_changes_nothing(
    panel: Panel, name: str, value: str, why: str
) -> None:
    await panel.go("moderators")
    form = await panel.click("foley:numbers")
    right = {"cap_at_once": "", "cap_per_day": "", "review_hours": "3", "time_zone": "UTC"}
    answer = await panel.morgan.submit_modal(form, {**right, "appeal": "", name: value})
    assert why in said(answer)
    assert await panel.settings() == GuildSettings()


async def test_each_change_is_written_down_and_can_be_undone(panel: Panel) -> None:
    await panel.go("moderators")
    await panel.select("moderators:log_channel_id", room(panel.world))
    await panel.click("foley:panel:moderators:log_lines:1")
    assert (await panel.settings()).log_lines_since == panel.world.clock()
    changes: Any = await panel.morgan.slash(panel.world.channel, "studio changes")
    text = str(changes.response.embeds[0].description)
    assert text.count("changed a setting") == 2
    await panel.morgan.click(changes.response, custom_id="foley:change:undo:2")
    assert (await panel.settings()).log_lines_since is None
    await panel.morgan.click(changes.response, custom_id="foley:change:undo:3")
    assert (await panel.settings()).log_lines_since == panel.world.clock()


async def test_a_panel_of_before_a_restart_works(panel: Panel) -> None:
    await panel.world.restart()
    await panel.click("foley:panel:use:paused:1")
    assert (await panel.settings()).paused


@pytest.mark.parametrize("custom_id", ["foley:panel:use:paused:1", "foley:numbers"])
async def test_ids_that_somebody_makes_up_do_nothing(world: World, custom_id: str) -> None:
    kind = InteractionType.MODAL_SUBMIT
    field = {"type": 4, "custom_id": "cap_at_once", "value": "1"}
    data = {"custom_id": custom_id, "components": [{"type": 18, "component": field}]}
    answer = await world.jonas._dispatch_interaction(kind, world.channel, data)
    assert NO_MANAGER in said(answer)
    settings = (await world.app.client.services.rules.of_guild(world.guild.id)).settings
    assert settings == GuildSettings()


async def test_who_got_the_command_from_an_admin_may_use_its_panel_for_a_while(
    world: World,
) -> None:
    """Discord lets admins give a command to anybody, and tells bots nothing of it."""
    answer: Any = await moderator(world).slash(world.channel, "studio settings")
    message = world.env.backend.get_message(world.channel.id, answer.response.id)
    click = {"custom_id": "foley:panel:use:paused:1", "component_type": 2}

    async def clicked() -> Any:
        payload = serializers.message_payload(world.env.backend, message)
        return await world.jonas._dispatch_interaction(
            InteractionType.MESSAGE_COMPONENT,
            world.channel,
            click,
            extra={"message": payload},
            source_message_id=message.id,
        )

    world.move(16 * 60)
    assert NO_MANAGER in said(await clicked())
    world.move(-16 * 60)
    await clicked()
    assert (await world.app.client.services.rules.of_guild(world.guild.id)).settings.paused


@pytest.mark.parametrize("part", ["use", "results", "moderators"])
async def test_every_page_fits_into_one_message(panel: Panel, part: str) -> None:
    await panel.go(part)
    assert sum(1 for _ in walk(panel.answer.response.components)) <= 40
