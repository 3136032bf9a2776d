"""A real discord.py bot lives against the stand-in over HTTP and a websocket."""

import asyncio
import hashlib
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp
import discord
import pytest
import pytest_asyncio
from discord import app_commands
from discord.ext import commands

from tests.standins.discord import faults
from tests.standins.discord.ledger import Entry
from tests.standins.discord.process import (
    OPENAPI,
    ControlError,
    DiscordStandIn,
    answered,
    edited,
    posted,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
SOUND = bytes(range(256)) * 800
SEND = "/channels/{channel_id}/messages"
Asked = discord.Interaction["Bot"]
Item = discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]]


class Cancel(Item, template=r"cancel:(?P<job>\d+)"):
    """A button that works after any restart."""

    def __init__(self, job: int) -> None:
        button = discord.ui.Button[discord.ui.View](label="Cancel", custom_id=f"cancel:{job}")
        super().__init__(button)
        self.job = job

    @classmethod
    async def from_custom_id(  # type: ignore[override]  # discord.py's own examples do so
        cls, _: Asked, __: discord.ui.Item[Any], match: re.Match[str]
    ) -> Self:
        return cls(int(match["job"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(content=f"cancelled {self.job}", view=None)


class Remix(discord.ui.Modal, title="Remix"):
    """A form with one line."""

    prompt = discord.ui.TextInput[discord.ui.View](label="Prompt", custom_id="prompt")

    async def on_submit(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"remixing {self.prompt.value}", ephemeral=True)


class Bot(commands.AutoShardedBot):
    """Answers /audio with a card, then posts a sound that replies to it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=0.02,
            max_messages=None,
            **options,
        )
        self.heard: list[int] = []
        self.interactions: dict[int, discord.Interaction] = {}
        self.failures = asyncio.Queue[Exception]()
        self.resumed = asyncio.Event()
        self.tree.on_error = self._note_failure  # type: ignore[method-assign]

    async def setup_hook(self) -> None:
        self.add_dynamic_items(Cancel)
        self.tree.add_command(audio)
        self.tree.add_command(studio)
        self.tree.add_command(remix)
        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Skip the five seconds that the library waits before it identifies again."""

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        self.heard.append(interaction.id)
        self.interactions[interaction.id] = interaction

    async def on_resumed(self) -> None:
        self.resumed.set()

    async def _note_failure(self, _: discord.Interaction, error: Exception) -> None:
        self.failures.put_nowait(error)


async def failure(*bots: Bot) -> int:
    """Wait until Discord refuses something to one of these bots, and return the code."""
    waiting = {asyncio.create_task(bot.failures.get()) for bot in bots}
    done, rest = await asyncio.wait(waiting, timeout=5, return_when=asyncio.FIRST_COMPLETED)
    for task in rest:
        task.cancel()
    [error] = [task.result() for task in done]
    assert isinstance(error, app_commands.CommandInvokeError)
    assert isinstance(error.original, discord.HTTPException)
    return error.original.code


def sound(name: str = "wind.flac", data: bytes = SOUND) -> discord.File:
    return discord.File(io.BytesIO(data), name)


@app_commands.command(description="Make a sound")
async def audio(interaction: Asked, prompt: str, seconds: int = 5) -> None:
    view = discord.ui.View(timeout=None).add_item(Cancel(7))
    await interaction.response.send_message(f"{prompt} for {seconds} s", view=view)
    card = await interaction.original_response()
    assert isinstance(interaction.channel, discord.TextChannel | discord.DMChannel)
    result = await interaction.channel.send(
        f"{interaction.user.mention} @everyone done",
        file=sound(),
        nonce="job-7",
        reference=discord.MessageReference.from_message(card, fail_if_not_exists=False),
        allowed_mentions=discord.AllowedMentions(users=[interaction.user]),
    )
    await result.edit(content="done, really")


@audio.autocomplete("prompt")
async def prompts(_: Asked, typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=f"{typed} in willows", value="willows")]


studio = app_commands.Group(name="studio", description="Moderation")


@studio.command(name="pause", description="Pause everything")
async def studio_pause(interaction: Asked) -> None:
    assert interaction.permissions.manage_guild
    await interaction.response.defer(ephemeral=True)
    await interaction.followup.send("paused")


@app_commands.context_menu(name="Remix")
async def remix(interaction: Asked, _: discord.Message) -> None:
    await interaction.response.send_modal(Remix())


@asynccontextmanager
async def living(standin: DiscordStandIn, **options: Any) -> AsyncIterator[Bot]:
    """Let a bot log in and be ready, and close it at the end."""
    bot = Bot(**options)
    life = asyncio.create_task(bot.start(standin.token))
    ready = asyncio.create_task(bot.wait_until_ready())
    async with asyncio.timeout(5):
        await asyncio.wait({life, ready}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield bot
    finally:
        ready.cancel()
        await bot.close()
        await asyncio.wait({life})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def process() -> AsyncIterator[DiscordStandIn]:
    openapi = OPENAPI if OPENAPI.exists() else None
    async with await DiscordStandIn.start(openapi=openapi) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="module")
async def standin(process: DiscordStandIn) -> AsyncIterator[DiscordStandIn]:
    """Begin with a fresh world; at the end nobody may have left Discord's own document."""
    await process.reset()
    with process.pointed_at():
        yield process
    assert await process.violations() == []


@pytest_asyncio.fixture(loop_scope="module")
async def bot(standin: DiscordStandIn) -> AsyncIterator[Bot]:
    async with living(standin) as alive:
        yield alive
        assert alive.failures.empty()


@pytest_asyncio.fixture(loop_scope="module")
async def channel(standin: DiscordStandIn, bot: Bot) -> discord.TextChannel:
    found = bot.get_channel(standin.home.channel)
    assert isinstance(found, discord.TextChannel)
    return found


def sends(entries: list[Entry]) -> list[Entry]:
    return [e for e in entries if e.route == SEND and e.method == "POST"]


async def test_a_command_becomes_a_card_and_a_result_that_replies_to_it(
    standin: DiscordStandIn, bot: Bot
) -> None:
    made = await standin.invoke("audio", {"prompt": "wind", "seconds": 9})
    await standin.wait_for(edited((await standin.wait_for(posted())).message_id or 0))

    card, result = await standin.messages()
    assert card["content"] == "wind for 9 s"
    assert card["interaction_metadata"]["id"] == str(made)
    assert result["content"] == "done, really"
    assert result["message_reference"]["message_id"] == card["id"]
    assert bot.heard == [made]
    upload = (await standin.wait_for(posted())).files
    digest = hashlib.sha256(SOUND).hexdigest()
    assert upload == [{"name": "wind.flac", "size": 204_800, "sha256": digest}]
    assert result["attachments"][0]["sha256"] == digest


async def test_a_result_mentions_only_whom_the_bot_allows(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    alice, bob = standin.home.alice, standin.home.bob
    allowed = discord.AllowedMentions(users=[discord.Object(alice)], everyone=False)
    sent = await channel.send(f"<@{alice}> <@{bob}> @everyone", allowed_mentions=allowed)

    assert [person.id for person in sent.mentions] == [alice]
    assert not sent.mention_everyone


async def test_what_was_uploaded_can_be_downloaded(channel: discord.TextChannel) -> None:
    sent = await channel.send(file=sound())
    async with aiohttp.ClientSession() as session, session.get(sent.attachments[0].url) as answer:
        assert await answer.read() == SOUND


async def test_a_link_dies_after_a_day(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    sent = await channel.send(file=sound())
    await standin.advance(86_401)
    async with aiohttp.ClientSession() as session, session.get(sent.attachments[0].url) as answer:
        assert answer.status == 404


async def test_a_second_send_with_the_same_nonce_returns_the_first_message(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    first = await channel.send("one", nonce="same")
    second = await channel.send("two", nonce="same")
    await standin.advance(600)
    much_later = await channel.send("three", nonce="same")

    assert (second.id, second.content) == (first.id, "one")
    assert much_later.id != first.id
    assert [entry.repeated for entry in sends(await standin.ledger())] == [False, True, False]


async def test_a_lost_answer_still_posts_and_the_nonce_finds_it(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.plan(faults.lost_answer().on("POST", SEND))
    with pytest.raises(aiohttp.ClientError):
        await channel.send("once", nonce="n", file=sound())
    again = await channel.send("once", nonce="n", file=sound())

    assert [message["id"] for message in await standin.messages()] == [str(again.id)]
    lost, found = sends(await standin.ledger())
    assert (lost.status, lost.answered, lost.message_id) == (200, False, again.id)
    assert (found.answered, found.repeated) == (True, True)


async def test_an_upload_that_breaks_off_posts_nothing(standin: DiscordStandIn) -> None:
    where = urlsplit(standin.api_base)
    _, writer = await asyncio.open_connection(where.hostname, where.port)
    path = f"{where.path}/channels/{standin.home.channel}/messages"
    head = f"POST {path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bot {standin.token}\r\n"
    kind = "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9999\r\n\r\n"
    part = '--x\r\nContent-Disposition: form-data; name="files[0]"; filename="a"\r\n\r\nhalf'
    writer.write((head + kind + part).encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()

    broken = await standin.wait_for(lambda e: e.route == SEND)
    assert (broken.status, broken.answered, broken.message_id) == (None, False, None)
    assert await standin.messages() == []


async def test_a_reset_connection_is_linuxs_error_104(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.plan(faults.lost_request("reset").on("POST", SEND))
    with pytest.raises(OSError, match=r"reset by peer|disconnected") as caught:
        await channel.send("never")

    assert caught.value.errno in {104, None}
    assert await standin.messages() == []


async def test_discord_py_waits_out_a_429_and_gives_up_on_cloudflares(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.plan(faults.too_many_requests(0.05, "shared").on("POST", SEND))
    await channel.send("patience")
    await standin.plan(faults.cloudflare_ban().on("POST", SEND))
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send("banned")

    assert caught.value.status == 429
    assert [entry.status for entry in sends(await standin.ledger())] == [429, 200, 429]


async def test_discord_py_reads_the_headers_and_never_runs_into_the_limit(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.limit(f"POST {SEND}", 2, 0.2)
    for number in range(4):
        await channel.send(str(number))

    assert {entry.status for entry in sends(await standin.ledger())} == {200}


async def test_a_file_over_the_guilds_limit_is_refused(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.change_guild(upload_limit=1000)
    await channel.send(files=[sound(data=b"x" * 999), sound(data=b"x" * 1000)])
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send(file=sound(data=b"x" * 1001))

    assert (caught.value.status, caught.value.code) == (413, 40005)


async def test_a_missing_permission_is_refused_and_told_beforehand(
    standin: DiscordStandIn, bot: Bot, channel: discord.TextChannel
) -> None:
    refusals = {"view_channel": 50001, "send_messages": 50013, "attach_files": 50013}
    for missing, code in refusals.items():
        told = asyncio.create_task(bot.wait_for("guild_channel_update", timeout=5))
        await standin.change_channel(missing=[missing])
        await told
        with pytest.raises(discord.Forbidden) as caught:
            await channel.send(file=sound())
        assert caught.value.code == code
        assert not getattr(channel.permissions_for(channel.guild.me), missing)


async def test_closed_direct_messages_are_refused(standin: DiscordStandIn, bot: Bot) -> None:
    person = await bot.fetch_user(standin.home.bob)
    await person.send("hello")
    await standin.change_user(standin.home.bob, dms_closed=True)
    with pytest.raises(discord.Forbidden) as caught:
        await person.send("anybody there?")

    assert caught.value.code == 50007


async def test_history_is_listed_in_every_direction(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.limit(f"POST {SEND}", 50, 1)
    sent = [await channel.send(str(number)) for number in range(5)]

    async def page(**limits: Any) -> list[str]:
        return [message.content async for message in channel.history(limit=2, **limits)]

    assert await page() == ["4", "3"]
    assert await page(before=sent[3]) == ["2", "1"]
    assert await page(after=sent[0]) == ["1", "2"]


async def test_a_wrong_token_fails_the_login(standin: DiscordStandIn) -> None:
    bot = Bot()
    async with bot:
        with pytest.raises(discord.LoginFailure):
            await bot.start("another token")

    refused = await standin.wait_for(lambda e: e.status == 401)
    assert refused.detail == {"code": 0, "message": "401: Unauthorized"}


async def test_a_token_that_dies_before_identify_closes_with_4004(standin: DiscordStandIn) -> None:
    await standin.refuse_identify(4004)
    bot = Bot()
    async with bot:
        with pytest.raises(discord.ConnectionClosed) as caught:
            await bot.start(standin.token)

    assert caught.value.code == 4004


async def test_a_reset_token_is_refused_on_resume_and_login_until_the_stand_in_is_reset(
    standin: DiscordStandIn,
) -> None:
    bot = Bot()
    async with bot:
        life = asyncio.create_task(bot.start(standin.token))
        await standin.wait_for(lambda e: e.kind == "gateway.identify")
        await bot.wait_until_ready()
        await standin.hold_gateway()
        await standin.drop(None)
        await standin.wait_for(lambda e: e.kind == "gateway.close")
        assert await standin.reset_token() == 0
        await standin.release_gateway()
        with pytest.raises(discord.ConnectionClosed) as closed:
            await asyncio.wait_for(life, 5)
    assert closed.value.code == 4004
    async with Bot() as later:
        with pytest.raises(discord.LoginFailure):
            await later.start(standin.token)

    await standin.reset()
    async with living(standin):
        assert [session["live"] for session in await standin.sessions()] == [True]


@pytest.mark.parametrize("code", [None, 4000])
async def test_resume_after_a_dropped_connection_replays_what_was_missed(
    standin: DiscordStandIn, bot: Bot, code: int | None
) -> None:
    await standin.hold_gateway()
    assert await standin.drop(code) == 1
    await standin.wait_for(lambda e: e.kind == "gateway.close")
    made = await standin.invoke("audio", {"prompt": "rain"})
    await standin.release_gateway()

    await standin.wait_for(answered(made))
    resumed = await standin.wait_for(lambda e: e.kind == "gateway.resume")
    assert (resumed.detail["accepted"], resumed.detail["replayed"]) == (True, 1)
    await asyncio.wait_for(bot.resumed.wait(), 5)
    assert bot.heard == [made]


async def test_opcode_7_resumes_and_opcode_9_begins_anew(standin: DiscordStandIn, bot: Bot) -> None:
    await standin.reconnect()
    await asyncio.wait_for(bot.resumed.wait(), 5)
    before = (await standin.ledger())[-1].seq
    await standin.invalidate(resumable=False)

    await standin.wait_for(lambda e: e.kind == "gateway.identify", after=before)
    assert [session["live"] for session in await standin.sessions()] == [True]


async def test_a_gateway_that_no_longer_beats_is_left_and_resumed(standin: DiscordStandIn) -> None:
    await standin.settings(heartbeat_interval=0.1, heartbeat_acks=False)
    async with living(standin, heartbeat_timeout=0.3):
        resumed = await standin.wait_for(lambda e: e.kind == "gateway.resume")
        assert resumed.detail["accepted"]


async def test_each_of_two_processes_hears_every_interaction_and_one_answers(
    standin: DiscordStandIn, bot: Bot
) -> None:
    async with living(standin) as other:
        made = await standin.invoke("audio", {"prompt": "rain"})
        assert await failure(bot, other) == 40060
        assert (bot.heard, other.heard) == ([made], [made])
        refused = await standin.wait_for(lambda e: e.detail.get("code") == 40060)
        assert refused.interaction_id == made


async def test_a_replayed_event_reaches_the_bot_twice(standin: DiscordStandIn, bot: Bot) -> None:
    made = await standin.invoke("studio pause", user=standin.home.moderator)
    await standin.wait_for(answered(made))
    await standin.replay(made)

    assert await failure(bot) == 40060
    assert bot.heard == [made, made]


async def test_a_button_reaches_a_dynamic_item(standin: DiscordStandIn, bot: Bot) -> None:
    made = await standin.invoke("audio", {"prompt": "wind"})
    await standin.wait_for(posted())
    card = (await standin.interaction(made))["original_id"]
    await standin.wait_for(answered(await standin.click(card, "cancel:7")))

    shown = await standin.message(card)
    assert (shown["content"], shown["components"]) == ("cancelled 7", [])
    with pytest.raises(ControlError, match="cancel:7"):
        await standin.click(card, "cancel:7")
    assert len(bot.heard) == 2


async def test_a_deferred_answer_is_filled_and_stays_private(
    standin: DiscordStandIn, bot: Bot
) -> None:
    await standin.invoke("studio pause", user=standin.home.moderator)
    await standin.wait_for(lambda e: e.route == "/webhooks/{webhook_id}/{webhook_token}")

    [answer] = await standin.messages()
    assert (answer["content"], answer["flags"]) == ("paused", 64)
    assert bot.guilds[0].id == standin.home.guild


async def test_typing_into_an_option_offers_choices(standin: DiscordStandIn, bot: Bot) -> None:
    offered = await standin.autocomplete("audio", {"prompt": "wind"}, focused="prompt")

    assert offered == [{"name": "wind in willows", "value": "willows"}]
    assert len(bot.heard) == 1


async def test_a_form_opened_from_a_message_is_submitted(standin: DiscordStandIn, bot: Bot) -> None:
    target = await standin.post("something nice")
    opened = await standin.invoke("Remix", target=target)
    await standin.wait_for(answered(opened))
    sent = await standin.submit(opened, {"prompt": "rain"})

    await standin.wait_for(answered(sent))
    assert (await standin.messages())[-1]["content"] == "remixing rain"
    assert bot.heard == [opened, sent]


async def test_an_answer_after_three_seconds_is_unknown(standin: DiscordStandIn, bot: Bot) -> None:
    await standin.settings(answer_within=-1)
    await standin.invoke("audio", {"prompt": "wind"})

    assert await failure(bot) == 10062
    assert await standin.messages() == []


async def test_an_interactions_token_dies_after_fifteen_minutes(
    standin: DiscordStandIn, bot: Bot, channel: discord.TextChannel
) -> None:
    made = await standin.invoke("studio pause", user=standin.home.moderator)
    follow_up = await standin.wait_for(lambda e: e.interaction_id == made and e.message_id)
    assert follow_up.message_id
    await standin.advance(901)
    with pytest.raises(discord.HTTPException) as caught:
        await bot.interactions[made].edit_original_response(content="too late")

    assert (caught.value.status, caught.value.code) == (401, 50027)
    await channel.send("the bot's own token lives on")


async def test_components_v2_show_the_files_they_name(channel: discord.TextChannel) -> None:
    gallery = discord.ui.MediaGallery[discord.ui.LayoutView]()
    gallery.add_item(media="attachment://rain.mp4")
    text = discord.ui.TextDisplay[discord.ui.LayoutView]("rain")
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.Container(text, gallery, discord.ui.Separator(), accent_color=0xFF))
    sent = await channel.send(view=view, file=sound("rain.mp4"))

    [container] = sent.components
    assert isinstance(container, discord.Container)
    shown = container.children[1]
    assert isinstance(shown, discord.MediaGalleryComponent)
    assert shown.items[0].media.url == sent.attachments[0].url
    assert sent.flags.components_v2


async def test_the_ledger_never_holds_a_token(standin: DiscordStandIn, bot: Bot) -> None:
    await standin.wait_for(answered(await standin.invoke("audio", {"prompt": standin.token})))

    text = str(await standin.ledger())
    assert standin.token not in text
    assert "standin-interaction-" not in text
    assert len(bot.heard) == 1


async def test_what_else_a_bot_says_keeps_to_the_document(
    standin: DiscordStandIn, bot: Bot, channel: discord.TextChannel
) -> None:
    """Embeds, menus, sections, threads, direct messages, lookups; the fixture reads the verdict."""
    await standin.limit(f"POST {SEND}", 50, 1)
    embed = discord.Embed(title="t", description="d", colour=0xFF, url="https://example.org")
    embed.add_field(name="n", value="v").set_footer(text="f").set_author(name="a")
    embed.set_image(url="attachment://wind.png")
    menu = discord.ui.Select[discord.ui.View](custom_id="pick", placeholder="Which?")
    menu.add_option(label="one", value="1", emoji="\N{SPEAKER}", description="first")
    link = discord.ui.Button[discord.ui.View](label="Docs", url="https://example.org")
    view = discord.ui.View(timeout=None).add_item(menu).add_item(link)
    sent = await channel.send(embed=embed, view=view, file=sound("wind.png"))
    await sent.edit(embed=None, view=None, content="less", attachments=[])
    assert (await channel.fetch_message(sent.id)).attachments == []
    async with channel.typing():
        await sent.reply("still there?")
    await sent.delete()

    thread_id = await standin.add_channel("talk", type=11, parent_id=channel.id)
    thread = await bot.fetch_channel(thread_id)
    assert isinstance(thread, discord.Thread)
    await thread.send("in here")
    guild = await bot.fetch_guild(channel.guild.id)
    member = await guild.fetch_member(standin.home.alice)
    await member.send("hello")
    assert [command.name for command in await bot.tree.fetch_commands()] == [
        "audio",
        "studio",
        "Remix",
    ]


async def test_a_command_in_direct_messages_is_answered(standin: DiscordStandIn, bot: Bot) -> None:
    place = await standin.direct_messages(standin.home.alice)
    made = await standin.invoke("audio", {"prompt": "wind"}, channel=place)

    await standin.wait_for(edited((await standin.wait_for(posted(place))).message_id or 0))
    assert bot.interactions[made].context.dm_channel
    assert [message["content"] for message in await standin.messages(place)][1] == "done, really"


async def test_a_voice_message_needs_its_waveform(bot: Bot, channel: discord.TextChannel) -> None:
    def parameters(**extra: Any) -> discord.http.MultipartParameters:
        flags = discord.MessageFlags(voice=True)
        made = discord.http.handle_message_parameters(file=sound("v.ogg"), flags=flags)
        assert made.multipart is not None
        payload = discord.utils._from_json(made.multipart[0]["value"])
        payload["attachments"][0] |= extra
        made.multipart[0]["value"] = discord.utils._to_json(payload)
        return made

    good = parameters(duration_secs=1.5, waveform="AAAA")
    sent = await bot.http.send_message(channel.id, params=good)
    assert sent["attachments"][0]["waveform"] == "AAAA"
    with pytest.raises(discord.HTTPException) as caught:
        await bot.http.send_message(channel.id, params=parameters())
    assert caught.value.code == 50161


async def test_each_shard_has_a_session_and_one_hears_the_guild(standin: DiscordStandIn) -> None:
    await standin.settings(shards=2)
    async with living(standin) as bot:
        await standin.wait_for(answered(await standin.invoke("audio", {"prompt": "wind"})))

        assert [session["shard"] for session in await standin.sessions()] == [0, 1]
        assert len(bot.heard) == 1


async def test_a_route_that_is_not_modelled_is_a_violation() -> None:
    async with await DiscordStandIn.start() as standin:
        async with standin.session.get(f"{standin.api_base}/soundboard-default-sounds") as answer:
            assert answer.status == 404
        [violation] = await standin.violations()

    assert "is not modelled" in violation


async def test_a_bot_that_lost_its_channel_or_its_guild_is_told_and_refused(
    standin: DiscordStandIn, bot: Bot, channel: discord.TextChannel
) -> None:
    gone = asyncio.create_task(bot.wait_for("guild_channel_delete", timeout=5))
    await standin.delete_channel(standin.home.other_channel)
    lost = await gone
    assert isinstance(lost, discord.TextChannel)
    with pytest.raises(discord.NotFound) as unknown:
        await lost.send("hello?")
    thrown_out = asyncio.create_task(bot.wait_for("guild_remove", timeout=5))
    await standin.remove_bot()
    await thrown_out
    with pytest.raises(discord.Forbidden) as forbidden:
        await channel.send("hello?")

    assert (unknown.value.code, forbidden.value.code) == (10003, 50001)


async def test_a_reset_leaves_nothing_behind_not_even_a_request_that_hangs(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    await standin.plan(faults.Fault(hold=60).on("POST", SEND, times=2))
    sending = asyncio.create_task(channel.send("hanging"))
    await standin.wait_for(posted())
    await standin.reset()

    with pytest.raises(aiohttp.ClientError):
        await sending
    assert await standin.messages() == []
    assert await standin.clear_faults() == 0
    assert sends(await standin.ledger()) == []


async def test_waiting_for_what_never_happens_ends_with_the_last_entries(
    standin: DiscordStandIn,
) -> None:
    await standin.post("hello")
    with pytest.raises(TimeoutError, match="Nothing fits"):
        await standin.wait_for(lambda e: e.status == 418, timeout=0.05)


async def test_without_the_stand_in_discord_is_gone(
    standin: DiscordStandIn, channel: discord.TextChannel
) -> None:
    async with await DiscordStandIn.start() as other:
        await other.kill()
        with other.pointed_at(), pytest.raises(aiohttp.ClientConnectionError):
            await channel.send("anybody?")
    assert await standin.messages() == []
