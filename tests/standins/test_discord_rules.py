"""The stand-in's rules, asked directly: no process, no socket."""

from typing import Any

import pytest

from tests.standins.discord import commands, interactions, messages
from tests.standins.discord.call import Answer, Call, Upload
from tests.standins.discord.clock import Clock
from tests.standins.discord.contract import Contract
from tests.standins.discord.faults import Plan, lost_answer, server_error
from tests.standins.discord.limits import Limits
from tests.standins.discord.people import Actor, ImpossibleError
from tests.standins.discord.process import OPENAPI
from tests.standins.discord.refusals import Refusal
from tests.standins.discord.routes import ROUTES
from tests.standins.discord.world import Channel, Guild, Home, Interaction, World, home_world

HOME = Home()
DOCUMENTED = pytest.mark.skipif(
    not OPENAPI.exists(), reason="Discord's OpenAPI document (../shared) is not there"
)


@pytest.fixture
def world() -> World:
    return home_world("token")


def call(
    body: Any = None, *uploads: Upload, query: dict[str, str] | None = None, **params: Any
) -> Call:
    named = {"channel_id": HOME.channel, "application_id": HOME.application} | params
    return Call({k: str(v) for k, v in named.items()}, query or {}, None, body, uploads)


def refused(error: pytest.ExceptionInfo[Refusal]) -> tuple[int, int]:
    return error.value.status, error.value.payload["code"]


def asked(world: World, channel: int = HOME.channel) -> Interaction:
    """Somebody picks the command `queue`."""
    registered = {"name": "queue", "description": "q"}
    commands.replace_all(world, call([registered]))
    return Actor.of(world, HOME.alice, channel).command("queue", {})


def respond(world: World, interaction: Interaction, body: Any) -> Answer:
    params = {"interaction_id": interaction.id, "interaction_token": interaction.token}
    return interactions.respond(world, call(body, query=None, **params))


def hook(world: World, interaction: Interaction, body: Any = None) -> Call:
    params = {"webhook_id": world.application_id, "webhook_token": interaction.token}
    return call(body, query=None, **params)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"content": ""}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"content": "x", "nonce": "n" * 26}, 50035),
        ({"content": "x", "flags": 1 << 15}, 50035),
        ({"content": "x", "message_reference": {"message_id": "1"}}, 50035),
        ({"components": [{"type": 13, "file": {"url": "attachment://no.ogg"}}]}, 50035),
        ({"components": [{"type": 10, "content": "x"}] * 41, "flags": 1 << 15}, 50035),
    ],
)
def test_a_message_that_discord_would_not_take_is_refused(
    world: World, body: dict[str, Any], code: int
) -> None:
    with pytest.raises(Refusal) as error:
        messages.create(world, call(body))
    assert refused(error) == (400, code)
    assert world.messages == {}


def test_a_reply_to_a_message_that_is_gone_may_stand_alone(world: World) -> None:
    reference = {"message_id": "1", "fail_if_not_exists": False}
    posted = messages.create(world, call({"content": "x", "message_reference": reference}))
    assert posted.payload["type"] == 0


def test_a_locked_thread_takes_no_message_and_an_archived_one_wakes_up(world: World) -> None:
    thread = world.add_channel(
        Channel(1, "t", type=11, guild_id=HOME.guild, parent_id=HOME.channel, archived=True)
    )
    messages.create(world, call({"content": "x"}, channel_id=1))
    assert not thread.archived

    thread.archived = thread.locked = True
    with pytest.raises(Refusal) as error:
        messages.create(world, call({"content": "x"}, channel_id=1))
    assert refused(error) == (400, 50083)


def test_a_thread_inherits_what_the_bot_may_not_do(world: World) -> None:
    world.add_channel(Channel(1, "t", type=11, guild_id=HOME.guild, parent_id=HOME.channel))
    world.channels[HOME.channel].missing = ["attach_files"]
    with pytest.raises(Refusal) as error:
        messages.create(world, call({}, Upload(0, "a.ogg", b"x"), channel_id=1))
    assert refused(error) == (403, 50013)


def test_a_boost_lost_in_between_makes_a_file_too_large(world: World) -> None:
    upload = Upload(0, "a.mp4", bytes(11 * 1024 * 1024))
    world.guilds[HOME.guild].premium_tier = 2
    assert messages.create(world, call({}, upload)).status == 200
    world.guilds[HOME.guild].premium_tier = 1
    with pytest.raises(Refusal) as error:
        messages.create(world, call({}, upload))
    assert refused(error) == (413, 40005)


def test_an_answer_may_use_the_persons_nitro_and_a_later_message_may_not(world: World) -> None:
    world.users[HOME.alice].nitro = True
    interaction = asked(world)
    assert interaction.file_limit == 500 * 1024 * 1024
    assert world.file_limit(world.channels[HOME.channel]) == 10 * 1024 * 1024


def test_a_second_answer_is_refused(world: World) -> None:
    interaction = asked(world)
    assert respond(world, interaction, {"type": 5}).status == 204
    with pytest.raises(Refusal) as error:
        respond(world, interaction, {"type": 5})
    assert refused(error) == (400, 40060)


def test_a_command_cannot_be_answered_like_a_button(world: World) -> None:
    with pytest.raises(Refusal) as error:
        respond(world, asked(world), {"type": 7, "data": {"content": "x"}})
    assert refused(error) == (400, 50035)


def test_nothing_follows_before_the_first_answer(world: World) -> None:
    with pytest.raises(Refusal) as error:
        interactions.follow_up(world, hook(world, asked(world), {"content": "x"}))
    assert refused(error) == (404, 10015)


def test_an_expired_token_is_dead(world: World) -> None:
    interaction = asked(world)
    respond(world, interaction, {"type": 5})
    interaction.expired = True
    with pytest.raises(Refusal) as error:
        interactions.edit(world, hook(world, interaction, {"content": "x"}))
    assert refused(error) == (401, 50027)


def test_where_only_a_person_installed_the_bot_five_followups_is_all(world: World) -> None:
    world.guilds[1] = Guild(1, "Elsewhere", HOME.bob, {HOME.alice: 0}, bot_member=False)
    world.add_channel(Channel(2, "there", guild_id=1))
    interaction = asked(world, 2)
    respond(world, interaction, {"type": 4, "data": {"content": "card"}})
    with pytest.raises(Refusal) as error:
        messages.create(world, call({"content": "x"}, channel_id=2))
    assert refused(error) == (403, 50001)

    for _ in range(5):
        interactions.follow_up(world, hook(world, interaction, {"content": "x"}))
    with pytest.raises(Refusal) as error:
        interactions.follow_up(world, hook(world, interaction, {"content": "x"}))
    assert refused(error) == (400, 40094)


def test_an_edit_keeps_the_files_that_it_lists_and_adds_the_new(world: World) -> None:
    first = messages.create(world, call({}, Upload(0, "a", b"1"), Upload(1, "b", b"2")))
    kept = first.payload["attachments"][1]["id"]
    body = {"attachments": [{"id": kept}, {"id": 0, "filename": "c"}]}
    edit = call(body, Upload(0, "x", b"3"), message_id=first.message_id)
    files = messages.edit(world, edit).payload["attachments"]
    assert [file["filename"] for file in files] == ["b", "c"]


def test_a_failed_edit_changes_nothing(world: World) -> None:
    first = messages.create(world, call({"content": "before"}))
    with pytest.raises(Refusal):
        messages.edit(world, call({"content": "x" * 2001}, message_id=first.message_id))
    assert world.messages[first.message_id or 0].content == "before"


def test_a_person_cannot_use_what_the_bot_did_not_register(world: World) -> None:
    asked(world)
    alice = Actor.of(world, HOME.alice, HOME.channel)
    with pytest.raises(ImpossibleError, match="no command 'audio'"):
        alice.command("audio", {})
    with pytest.raises(ImpossibleError, match="no options"):
        alice.command("queue", {"page": 2})


def test_a_command_keeps_its_id_when_it_is_registered_again(world: World) -> None:
    first = asked(world).data["id"]
    assert asked(world).data["id"] == first


def test_a_window_that_is_used_up_opens_again_with_time() -> None:
    limits = Limits(Clock(), rules={"GET /a": (1, 5.0)})
    first, second = limits.ask("GET /a", {}), limits.ask("GET /a", {})
    limits.clock.offset += 5
    third = limits.ask("GET /a", {})

    waits = [grant.retry_after is None for grant in (first, second, third)]
    assert waits == [True, False, True]
    assert first.headers["X-RateLimit-Remaining"] == "0"


def test_the_whole_bot_may_ask_fifty_times_a_second() -> None:
    limits = Limits(Clock(), rules={f"GET /{number}": (5, 1.0) for number in range(11)})
    scopes = [limits.ask(f"GET /{number // 5}", {}).scope for number in range(51)]
    assert scopes == ["user"] * 50 + ["global"]


def test_a_fault_waits_for_its_turn_and_is_used_up() -> None:
    plan = Plan()
    plan.faults = [server_error().on("POST", "/a", skip=1), lost_answer().on("*", "*", times=2)]
    taken = [plan.take(*asked) for asked in [("POST", "/a"), ("POST", "/a"), ("GET", "/b")]]
    assert [fault.status if fault else None for fault in taken] == [None, 503, None]
    assert plan.take("GET", "/b") is None


@DOCUMENTED
def test_every_route_is_documented() -> None:
    contract = Contract.read(OPENAPI)
    assert [route.name for route in ROUTES if contract._operation(route) is None] == []


@DOCUMENTED
def test_a_request_and_an_answer_outside_the_document_are_found() -> None:
    contract = Contract.read(OPENAPI)
    route = next(r for r in ROUTES if r.name == "POST /channels/{channel_id}/messages")
    [fault] = contract.request_faults(route, call({"attachments": [{"filename": "no id"}]}))
    assert "'id' is a required property" in fault
    [unknown] = contract.request_faults(route, call({}, query={"silent": "1"}))
    assert unknown.endswith("has no query parameter silent")
    assert contract.request_faults(route, call({"attachments": [{"id": 0}]})) == []
    assert contract.answer_faults(route, Answer(200, {"id": "1"})) != []
    assert contract.answer_faults(route, Answer(302, {})) != []
