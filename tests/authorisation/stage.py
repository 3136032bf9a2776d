"""A world with something of every kind in it, and everybody who may want to touch it."""

from dataclasses import dataclass, field
from typing import Any

import discord
import sqlalchemy as sa
from simcord.actors import MemberActor
from simcord.backend import serializers
from simcord.builders import ChannelHandle, GuildHandle, UserHandle

from bot.jobs.shelf import Place
from bot.moderation.words import Kind, Rule
from storage import reviews, schema
from storage.jobs import Job
from storage.words import EVERYWHERE
from tests.authorisation.people import HERE, MANAGERS, OWNER, Who
from tests.world import World

Actor = MemberActor | UserHandle

_EPHEMERAL = 64


@dataclass(frozen=True)
class Secret:
    """A word that stands in one prompt, and whose that is."""

    word: str
    person_id: int
    guild_id: int | None
    public: bool


@dataclass
class Stage:
    """Everybody, with the numbers and things that acts name."""

    world: World
    other: GuildHandle
    lounge: ChannelHandle
    actors: dict[Who, Actor]
    numbers: dict[str, int] = field(default_factory=dict)
    own: dict[Who, dict[str, int]] = field(default_factory=dict)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    secrets: list[Secret] = field(default_factory=list)

    def place(self, who: Who) -> ChannelHandle:
        """Return where somebody is."""
        actor = self.actors[who]
        if isinstance(actor, UserHandle):
            return actor.dm_channel
        return self.world.channel if who in HERE else self.lounge

    def guild(self, who: Who) -> GuildHandle | None:
        """Return the guild in which somebody is."""
        actor = self.actors[who]
        return None if isinstance(actor, UserHandle) else actor.guild

    def filled(self, text: str, who: Who) -> str:
        """Return an id with the numbers in it."""
        place = {"place": self.place(who).id}
        return text.format_map(self.numbers | self.own.get(who, {}) | place)

    def thing(self, name: str, who: Who) -> Any:
        """Return what the name stands for, where this person is."""
        guild = self.guild(who) or self.world.guild
        return self.things.get(name) or self.things[f"{name} in {guild.id}"]

    def readable(self, who: Who) -> set[str]:
        """Return the secret words that somebody may read."""
        guild, actor = self.guild(who), self.actors[who]
        return {
            each.word
            for each in self.secrets
            if each.person_id == actor.id
            or (
                (guild is not None and each.guild_id == guild.id)
                and (each.public or who in MANAGERS)
            )
        }

    def own_words(self, who: Who) -> set[str]:
        """Return the secret words that somebody wrote."""
        actor = self.actors[who]
        return {each.word for each in self.secrets if each.person_id == actor.id}

    def _post(self, channel: ChannelHandle, **more: Any) -> dict[str, Any]:
        """Have the bot post a message; return it as Discord tells it."""
        backend = self.world.env.backend
        posted = backend.create_message(channel.id, backend.bot_user.id, "", **more)
        return dict(serializers.message_payload(backend, posted))

    def with_item(self, who: Who, item: dict[str, Any]) -> dict[str, Any]:
        """Post a message that has only this button or select.

        Who was given /studio has it on a fresh answer of their own, as they had it of a command.
        """
        flags = _EPHEMERAL if who is Who.GIVEN else 0
        rows = [{"type": 1, "components": [item]}]
        return self._post(self.place(who), components=rows, flags=flags)

    def with_video(self, who: Who) -> dict[str, Any]:
        """Post a video where somebody is."""
        backend, place = self.world.env.backend, self.place(who)
        video = backend.cdn.store_attachment(backend.snowflake(), place.id, "a.mp4", b"video", None)
        item = {"type": 2, "style": 2, "label": "x", "custom_id": self.filled(_SOUND, who)}
        rows = [{"type": 1, "components": [item]}]
        return self._post(place, attachments=[video], components=rows)


_SOUND = "foley:sound:{public}"


async def build(world: World) -> Stage:
    """Return a stage on which everybody has done something."""
    stage = _people(world)
    await _make_results(stage)
    await _make_reviews(stage)
    await _moderate(stage)
    await _make_queued(stage)
    await _part(stage)
    return stage


def _people(world: World) -> Stage:
    env, guild = world.env, world.guild
    other = env.create_guild("The Other Shop")
    lounge = other.create_text_channel("lounge")
    may = discord.Permissions(manage_guild=True, manage_messages=True)
    roles = [each.create_role("moderators", permissions=may) for each in (guild, other)]

    def member(name: str) -> MemberActor:
        return guild.add_member(env.create_user(name))

    actors: dict[Who, Actor] = {
        Who.REQUESTER: world.mira,
        Who.MEMBER: world.jonas,
        Who.MODERATOR: guild.add_member(env.create_user("mona"), roles=[roles[0]]),
        Who.GIVEN: member("gil"),
        Who.ELSEWHERE: other.add_member(env.create_user("otto"), roles=[roles[1]]),
        Who.OPERATOR: member("olga"),
        Who.BLOCKED: member("bert"),
        Who.GONE: member("greta"),
        Who.DIRECT: world.mira.user,
    }
    world.app.client.owner_id = actors[Who.OPERATOR].id
    studio = env.backend.find_command("studio", guild.id, type=1)
    assert studio is not None
    given = actors[Who.GIVEN]
    guild.set_command_permissions(int(studio["id"]), {given: True})
    stage = Stage(world, other, lounge, actors)
    for each, role, channel in ((guild, roles[0], world.channel), (other, roles[1], lounge)):
        stage.things |= {f"role in {each.id}": role, f"channel in {each.id}": channel}
    for name, who in (
        ("requester", Who.REQUESTER),
        ("member", Who.MEMBER),
        ("blocked", Who.BLOCKED),
        ("trusted", Who.MEMBER),
    ):
        stage.things[name] = actors[who]
    return stage


async def _ask(stage: Stage, who: Who, name: str, **options: Any) -> Job:
    """Have somebody ask for something with a word of its own."""
    world, actor = stage.world, stage.actors[who]
    assert isinstance(actor, MemberActor)
    place = stage.lounge if who is Who.ELSEWHERE else world.channel
    word = f"{name.replace('_', '')}heron"
    await actor.slash(place, "audio", prompt=word, duration=1, **options)
    job = await world.job(await world.jobs_made())
    public = not options.get("private", False)
    stage.secrets.append(Secret(word, actor.id, job.guild_id, public))
    return job


async def _make_results(stage: Stage) -> None:
    world, client = stage.world, stage.world.app.client
    rule = Rule(Kind.PLAIN, "publicheron", trial=True)
    await client.services.vocabulary.add(world.guild.id, rule, stage.actors[Who.MODERATOR].id)
    rule = Rule(Kind.PLAIN, "everywhereheron", trial=True)
    await client.services.vocabulary.add(EVERYWHERE, rule, 0)
    stage.secrets.append(Secret(rule.text, 0, None, public=False))
    public = await _ask(stage, Who.REQUESTER, "public")
    private = await _ask(stage, Who.REQUESTER, "private", private=True)
    stage.numbers |= {"public": public.id, "private": private.id}
    stage.own |= {Who.REQUESTER: {"own": public.id}, Who.DIRECT: {"own": public.id}}
    for who in Who:
        if who not in stage.own:
            stage.own[who] = {"own": (await _ask(stage, who, f"own{who.name.lower()}")).id}
    await world.until_ended(*range(1, await world.jobs_made() + 1))
    # What is posted nowhere is noted as known when its person has looked.
    await world.type(world.mira, "job", id=private.id)
    backend = world.env.backend
    delivered = await world.delivery(public.id)
    assert delivered is not None
    assert delivered.message_id is not None
    told = backend.get_message(delivered.channel_id, delivered.message_id)
    stage.messages["public"] = dict(serializers.message_payload(backend, told))
    item = {"type": 2, "style": 2, "label": "x", "custom_id": f"foley:remix:{private.id}"}
    mira = dict(serializers.user_payload(backend.get_user(world.mira.id)))
    answered = {
        "id": str(private.interaction_id),
        "type": 2,
        "user": mira,
        "authorizing_integration_owners": {},
    }
    card = stage.with_item(Who.REQUESTER, item)
    stage.messages["private"] = card | {"interaction_metadata": answered}
    film = stage.with_video(Who.REQUESTER)
    stage.numbers |= {
        "public_message": told.id,
        "private_message": int(card["id"]),
        "film": int(film["id"]),
        "channel": world.channel.id,
    }


async def _make_reviews(stage: Stage) -> None:
    world, client = stage.world, stage.world.app.client
    for guild, name in ((world.guild, "moderators"), (stage.other, "moderators")):
        channel = guild.create_text_channel(name)
        await client.services.choices.choose(guild.id, log_channel_id=channel.id)
    await client.services.choices.choose(world.guild.id, review_results=True)
    made = await _ask(stage, Who.REQUESTER, "reviewed")
    for _ in range(20):
        await world.later(15)
        if (await world.job(made.id)).ended:
            break
    await client.services.choices.choose(world.guild.id, review_results=False, review_prompts=True)
    await _ask(stage, Who.REQUESTER, "held")
    await client.services.choices.choose(world.guild.id, review_prompts=False)
    await world.work()
    stage.numbers |= {"reviewed": made.id, "review_made": 1, "review_held": 2}


async def _moderate(stage: Stage) -> None:
    world, client = stage.world, stage.world.app.client
    guild_id, by = world.guild.id, stage.actors[Who.MODERATOR].id
    await client.services.rules.choose(guild_id, by, voice=False)
    async with world.app.database.write() as connection:
        entries = sa.select(sa.func.max(schema.audit.c.id)).where(schema.audit.c.what == "settings")
        words = sa.select(schema.words.c.id).where(schema.words.c.guild_id == guild_id)
        stage.numbers["entry"] = (await connection.execute(entries)).scalar_one()
        stage.numbers["word"] = (await connection.execute(words)).scalar_one()
        trusted = stage.actors[Who.MEMBER].id
        await reviews.trust(connection, guild_id, trusted, by, world.clock())
    rita = world.guild.add_member(world.env.create_user("rita"))
    public = stage.messages["public"]
    message = Place(int(public["channel_id"]), int(public["id"]))
    told = "reportheron"
    await client.services.cases.report(stage.numbers["public"], message, rita.id, guild_id, told)
    stage.secrets.append(Secret(told, rita.id, guild_id, public=False))
    stage.numbers["case"] = 1
    await world.work()


async def _make_queued(stage: Stage) -> None:
    stage.numbers["queued"] = (await _ask(stage, Who.REQUESTER, "queued")).id
    hidden = await _ask(stage, Who.REQUESTER, "queued_private", private=True)
    stage.numbers["queued_private"] = hidden.id
    for who, own in stage.own.items():
        if who in OWNER:
            own["own_queued"] = stage.numbers["queued"]
        else:
            own["own_queued"] = (await _ask(stage, who, f"waits{who.name.lower()}")).id


async def _part(stage: Stage) -> None:
    """Have one be blocked, and one leave."""
    world, by = stage.world, stage.actors[Who.MODERATOR].id
    blocked = stage.actors[Who.BLOCKED].id
    await world.app.client.services.rules.block(world.guild.id, by, blocked, "enough", None)
    gone = stage.actors[Who.GONE]
    assert isinstance(gone, MemberActor)
    world.guild.remove_member(gone)
    stage.actors[Who.GONE] = stage.other.add_member(gone.user)
    await world.env.settle()
