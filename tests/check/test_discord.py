"""What `check` says of Discord, asked over the wire."""

from typing import Any

import pytest
import sqlalchemy as sa

from bot.check import commands, permissions
from bot.check.commands import judge
from bot.check.finding import Level, ok
from bot.check.looks import check_all
from bot.client import synced_fact
from bot.netmind.catalog import Catalog
from bot.permissions import INVITED_WITH
from storage import facts, guilds
from storage.database import Database
from storage.schema import deliveries, jobs
from storage.states import DeliveryState
from tests.check.conftest import Discord, named
from tests.standins.discord.commands import _registered as registered
from tests.standins.discord.world import Channel, Guild, Home
from tests.storage.makers import NOON, add_job, set_columns

HOME = Home()
STUDIO = f"Studio ({HOME.guild})"
HIDDEN = f"channel {HOME.channel} of {STUDIO}"
FOR_MODERATORS = "the moderators' channel"
WHERE = f"#general ({HOME.channel}) of {STUDIO}"


async def says(name: str) -> list[tuple[Level, str]]:
    return [(each.level, each.says) for each in named(await check_all(), name)]


async def choose(database: Database, **chosen: Any) -> None:
    async with database.write() as connection:
        await guilds.choose(connection, HOME.guild, NOON, **chosen)


@pytest.mark.usefixtures("deployment")
async def test_a_refused_token_is_named_without_the_token(discord: Discord) -> None:
    discord.world.token = "another"
    report = await check_all()
    (found,) = named(report, "discord")
    assert found.level is Level.WRONG
    assert "refused DISCORD_TOKEN" in found.says
    assert report.invite is None
    assert named(report, "application") == []


@pytest.mark.usefixtures("deployment")
async def test_a_discord_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISCORD_API_BASE", "http://127.0.0.1:9/api")
    ((level, told),) = await says("discord")
    assert (level, "ClientConnectorError" in told) == (Level.WRONG, True)


@pytest.mark.usefixtures("deployment")
async def test_the_link_invites_with_exactly_the_permissions_that_are_needed() -> None:
    invite = (await check_all()).invite
    assert invite is not None
    assert f"permissions={INVITED_WITH.value}&" in f"{invite}&"
    assert f"client_id={HOME.application}&" in invite


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize(
    ("portal", "level", "word"),
    [
        ({"interactions_endpoint_url": "https://example.com"}, Level.WRONG, "Endpoint URL"),
        ({"bot_require_code_grant": True}, Level.WRONG, "Code Grant"),
        ({"privacy_policy_url": ""}, Level.WARNING, "the privacy policy,"),
        ({"bot_public": False}, Level.OK, "Private:"),
    ],
)
async def test_what_the_portal_has_set_is_judged(
    discord: Discord, portal: dict[str, Any], level: Level, word: str
) -> None:
    discord.world.settings.application |= portal
    assert [found for found, told in await says("application") if word in told] == [level]


@pytest.mark.usefixtures("deployment")
async def test_privileged_intents_that_nobody_needs_are_named(discord: Discord) -> None:
    discord.world.settings.application["flags"] = 1 << 15 | 1 << 13
    ((level, told),) = await says("intents")
    assert (level, "Server Members and Presence could be off" in told) == (Level.OK, True)


@pytest.mark.usefixtures("deployment")
@pytest.mark.parametrize(("flags", "level"), [(0, Level.WARNING), (1 << 19, Level.OK)])
async def test_add_sound_wants_message_content(
    discord: Discord, monkeypatch: pytest.MonkeyPatch, flags: int, level: Level
) -> None:
    first, *others = Catalog.load().models
    dubbing = first.model_copy(update={"video_input": "video"})
    monkeypatch.setattr(Catalog, "load", lambda _: Catalog((dubbing, *others)))
    discord.world.settings.application["flags"] = flags
    assert [found for found, _ in await says("intents")] == [level]


def test_commands_are_up_to_date_or_given_at_the_next_start_or_somebody_elses() -> None:
    ours = frozenset({(1, "audio"), (3, "Remix")})
    assert judge(ours, ours, up_to_date=True).level is Level.OK
    assert judge(ours, frozenset(), up_to_date=False).level is Level.WARNING
    found = judge(ours, frozenset({(1, "audio"), (1, "old"), (2, "Remix")}), up_to_date=True)
    assert found.level is Level.WRONG
    assert "1 are missing and 2 are not Foley's" in found.says


async def test_commands_are_compared_with_what_this_version_would_give(
    database: Database, discord: Discord
) -> None:
    ((level, told),) = await says("commands")
    assert (level, "bot sync" in told) == (Level.WARNING, True)
    ours = await commands._ours(Catalog.load())
    async with database.write() as connection:
        await facts.put(connection, synced_fact(HOME.application), ours.commands_digest())
    ((level, told),) = await says("commands")
    assert (level, "--force" in told) == (Level.WRONG, True)
    discord.world.commands[None] = [
        registered(discord.world, None, each.to_dict(ours.tree))
        for each in ours.tree.get_commands()
    ]
    ((level, told),) = await says("commands")
    assert level is Level.OK


async def test_only_servers_with_something_to_do_are_asked_for(
    database: Database, discord: Discord
) -> None:
    await choose(database, paused=True)
    assert await says("permissions") == [(Level.OK, "No server has used the bot yet.")]
    assert not any(asked.startswith("GET /guilds/") for asked in discord.asked())


async def test_what_the_bot_may_not_do_is_named_with_the_place_and_its_use(
    database: Database, discord: Discord
) -> None:
    await choose(database, log_channel_id=HOME.channel)
    assert await says("permissions") == [(Level.OK, "In 1 server everything is allowed.")]
    discord.world.channels[HOME.channel].missing = ["attach_files", "embed_links"]
    assert await says("permissions") == [
        (
            Level.WRONG,
            f"In {WHERE}, {FOR_MODERATORS}, the bot may not: Attach Files, Embed Links.",
        )
    ]


async def test_roles_that_lack_something_are_worth_knowing(
    database: Database, discord: Discord
) -> None:
    await choose(database, log_channel_id=HOME.channel)
    discord.world.guilds[HOME.guild].missing = ["send_voice_messages"]
    ((level, told),) = await says("permissions")
    assert (level, "roles lack Send Voice Messages" in told) == (Level.WARNING, True)


async def test_a_channel_that_is_hidden_or_gone_is_told(
    database: Database, discord: Discord
) -> None:
    await choose(database, log_channel_id=HOME.channel, channels=[7])
    discord.world.channels[HOME.channel].missing = ["view_channel"]
    assert await says("permissions") == [
        (
            Level.WARNING,
            f"Channel 7 of {STUDIO}, allowed for commands, is not there any more.",
        ),
        (
            Level.WRONG,
            f"In {HIDDEN}, {FOR_MODERATORS}, the bot may not: View Channel.",
        ),
    ]


@pytest.mark.parametrize(
    ("kind", "missing", "level"),
    [
        (11, "send_messages", Level.OK),
        (11, "send_messages_in_threads", Level.WRONG),
        (15, "send_messages_in_threads", Level.WRONG),
        (4, "send_messages", Level.OK),
    ],
)
async def test_each_kind_of_channel_has_needs_of_its_own(
    database: Database, discord: Discord, kind: int, missing: str, level: Level
) -> None:
    """A thread has its parent's permissions; a forum wants both; a category none."""
    discord.world.channels[HOME.channel].missing = [missing]
    if kind == 11:
        discord.world.add_channel(
            Channel(9, "thread", type=11, guild_id=HOME.guild, parent_id=HOME.channel)
        )
    else:
        discord.world.channels[HOME.channel].type = kind
    await choose(database, channels=[9 if kind == 11 else HOME.channel])
    assert [found for found, _ in await says("permissions")] == [level]


@pytest.mark.parametrize(
    ("chosen", "missing", "level"),
    [
        ({"voice": True}, "send_voice_messages", Level.WARNING),
        ({"route": "thread"}, "create_public_threads", Level.WRONG),
    ],
)
async def test_what_a_server_has_chosen_may_want_more_but_not_where_moderators_read(
    database: Database, discord: Discord, chosen: dict[str, Any], missing: str, level: Level
) -> None:
    discord.world.channels[HOME.channel].missing = [missing]
    discord.world.channels[HOME.other_channel].missing = [missing]
    await choose(database, log_channel_id=HOME.channel, channels=[HOME.other_channel])
    assert [found for found, _ in await says("permissions")] == [Level.OK]
    await choose(database, **chosen)
    ((found, told),) = await says("permissions")
    assert (found, "#sounds" in told) == (level, True)


async def test_a_server_without_the_bot_is_only_counted(
    database: Database, discord: Discord
) -> None:
    await choose(database, log_channel_id=HOME.channel)
    discord.world.guilds[HOME.guild].bot_member = False
    ((level, told),) = await says("permissions")
    assert (level, "it is no member" in told) == (Level.OK, True)


async def test_of_many_servers_some_are_looked_at_and_the_others_counted(
    database: Database, discord: Discord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "MOST_GUILDS", 2)
    monkeypatch.setattr(permissions, "MOST_CHANNELS", 1)
    for number in range(5):
        place = Guild(number + 1, f"Guild {number}", 1)
        discord.world.guilds[place.id] = place
        discord.world.add_channel(Channel(100 + place.id, "c", guild_id=place.id))
        async with database.write() as connection:
            await guilds.choose(
                connection, place.id, NOON, log_channel_id=100 + place.id, channels=[8]
            )
    discord.ledger.entries.clear()
    told = [each for _, each in await says("permissions")]
    assert "3 servers more, unused for longer, were not looked at." in told
    assert "Of 2 servers, only 1 channels were looked at." in told
    assert sum(asked.startswith("GET /guilds/") for asked in discord.asked()) == 4


async def test_names_of_servers_hide_nothing(database: Database, discord: Discord) -> None:
    discord.world.guilds[HOME.guild].name = "[red]\x1b[2J\u202estudio"
    discord.world.channels[HOME.channel].missing = ["attach_files"]
    await choose(database, log_channel_id=HOME.channel)
    ((_, told),) = await says("permissions")
    assert f"[red][2Jstudio ({HOME.guild})" in told


async def test_where_jobs_are_open_and_messages_wait_is_looked_at(
    database: Database, discord: Discord
) -> None:
    async with database.write() as connection:
        await guilds.note(connection, HOME.guild, NOON)
        job = await add_job(connection)
        await set_columns(connection, job, guild_id=HOME.guild, channel_id=HOME.channel)
    discord.world.channels[HOME.channel].missing = ["attach_files"]
    ((_, told),) = await says("permissions")
    assert f"{WHERE}, a job under way," in told
    async with database.write() as connection:
        await connection.execute(sa.update(jobs).values(ended_at=NOON))
        await connection.execute(
            sa.insert(deliveries).values(
                job_id=job.id,
                kind="result",
                channel_id=HOME.channel,
                nonce="n",
                state=DeliveryState.PENDING,
                created_at=NOON,
                lease_until=NOON,
            )
        )
    ((_, told),) = await says("permissions")
    assert f"{WHERE}, a message to be posted," in told


async def test_discord_in_trouble_is_told_in_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def trouble(*_: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(permissions, "_guild", trouble)
    await choose(database, log_channel_id=HOME.channel)
    assert await says("permissions") == [
        (Level.WRONG, "Discord gave no answer: OSError. Look again later.")
    ]
    assert named(await check_all(), "discord")[0] == ok(
        "discord", "The token is good; it is foley's."
    )
