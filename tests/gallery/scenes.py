"""Everything that people see. A new scene is one more function, named in SCENES below."""

import random
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from discord import Permissions

from bot.jobs import verdict
from bot.jobs.cases import Ruling
from bot.jobs.shelf import Place
from bot.look.looker import Looker
from bot.media.workshop import Workshop
from bot.web.links import MediaLinks
from storage import guilds, people
from storage.case_states import CaseAction, CaseState
from storage.routes import Route
from storage.schema import jobs as jobs_table
from tests.cogs.test_queue import places
from tests.gallery.scene import Scene, Shot
from tests.jobs.test_outage import BALANCE, FOR_EVER, KEY
from tests.media import shows
from tests.world import World

WIND = "wind over willow branches"
STORM = "a lighthouse in a storm at night"
MIB = 1024 * 1024
# What is not seen need not be rendered.
SMALL = b"fLaC" + bytes(100)


async def _sound_asked(world: World, prompt: str = WIND, **options: Any) -> None:
    """Have Mira ask for a sound whose seed is always the same."""
    await world.ask(prompt, **{"duration": 6, "seed": 1994} | options)


async def _video_asked(world: World, prompt: str = STORM) -> None:
    """Have Mira ask for a video likewise."""
    await world.ask(prompt, "video", length="about 2 seconds", seed=1861)


def _render(world: World) -> None:
    """Have NetMind really make what is asked for: it can be seen in the picture."""
    world.netmind._rendered_by = world.netmind._studio.render
    sender = world.app.workers.courier.sender
    sender.packer.workshop = Workshop()
    sender.inspector.looker = Looker(sender.packer.workshop)


async def _card(world: World, job_id: int = 1) -> Shot:
    """Return the job's card."""
    return Shot(await world.card(job_id))


def _last(world: World) -> Shot:
    """Return the newest message that everybody sees."""
    return Shot(world.posts()[-1])


async def _answered(world: World, command: str, **options: Any) -> Shot:
    """Return what Mira alone sees after a command."""
    return Shot((await world.type(world.mira, command, **options)).response)


async def _ended(world: World, **outcome: Any) -> Shot:
    """Have Mira's sound end so; return the message that tells it."""
    world.netmind.next_outcome(**outcome)
    await _sound_asked(world)
    await world.until_ended()
    return _last(world)


async def _out(world: World, fault: dict[str, Any]) -> None:
    """Have NetMind refuse everything from now on."""
    for operation in ("create", "list"):
        world.netmind.fail_next(operation, times=FOR_EVER, **fault)


# From the command to the result


async def starting(world: World) -> Shot:
    """The answer to a command is the job's card. It comes at once."""
    await _sound_asked(world)
    return await _card(world)


async def waiting(world: World) -> Shot:
    """Others were first: how many, and when it should start."""
    places(world, 1)
    for prompt in ("rain on a tin roof", "a train far away", "thunder"):
        await world.type(world.jonas, "audio", prompt=prompt, duration=6)
    await world.work()
    await _sound_asked(world)
    return await _card(world, 4)


async def making(world: World) -> Shot:
    """While it is made, a bar tells how far it probably is."""
    world.netmind.next_outcome("still at it")
    await _video_asked(world)
    await world.work()
    for _ in range(8):
        await world.later(35)
    return await _card(world)


async def overdue(world: World) -> Shot:
    """It takes longer than usual: until when it is waited for."""
    world.netmind.next_outcome("still at it")
    await _sound_asked(world)
    await world.work()
    for _ in range(4):
        await world.later(35)
    return await _card(world)


async def ready(world: World) -> Shot:
    """The card when the sound is there."""
    await _ended(world)
    return await _card(world)


async def sound(world: World) -> Shot:
    """A result is a message of its own, which mentions its person."""
    _render(world)
    await _sound_asked(world)
    await world.until_ended()
    return _last(world)


async def video(world: World) -> Shot:
    """A video plays where it is posted."""
    _render(world)
    await _video_asked(world)
    await world.until_ended()
    return _last(world)


async def thread(world: World) -> Shot:
    """Where a server wants it so, each result has a thread of its own; its card says where."""
    await world.app.client.services.choices.choose(world.guild.id, route=Route.THREAD)
    await _ended(world)
    return await _card(world)


async def spoken(world: World) -> Shot:
    """The words of a sound that follows as a voice message, where a server wants it so."""
    _render(world)
    await world.app.client.services.choices.choose(world.guild.id, voice=True)
    await _sound_asked(world)
    await world.until_ended()
    return Shot(next(each for each in world.posts() if "Your sound is ready" in each.content))


async def in_japanese(world: World) -> Shot:
    """A card in Japanese: eight languages are spoken, each person's own or one for a server."""
    world.netmind.next_outcome("still at it")
    await world.app.client.services.choices.choose(world.guild.id, language="ja")
    await _sound_asked(world, "竹林を渡る風")
    await world.work()
    await world.later(15)
    return await _card(world)


async def too_large(world: World) -> Shot:
    """What is too large for the channel in any form comes as a link."""
    links = MediaLinks.of_token("token", "https://foley.example", world.clock)
    world.app.workers.courier.sender.links = links
    return await _ended(world, body=SMALL, size=10 * MIB + 1)


async def cancelled(world: World) -> Shot:
    """Cancelled, with a way back."""
    await _sound_asked(world)
    await world.mira.click(await world.card(), label="Cancel")
    await world.work()
    return await _card(world)


# When there is no result


async def bad_request(world: World) -> Shot:
    """NetMind did not accept the request, and said why."""
    detail = [{"loc": ["body", "config", "steps"], "msg": "Input should be at most 50"}]
    world.netmind.fail_next("create", status=422, body={"detail": detail}, times=FOR_EVER)
    return await _ended(world)


async def not_made(world: World) -> Shot:
    """NetMind tried and failed."""
    return await _ended(world, status="failed", logs="Something error: CUDA out of memory")


async def not_made_card(world: World) -> Shot:
    """The card of a job that failed."""
    await not_made(world)
    return await _card(world)


async def too_late(world: World) -> Shot:
    """It was not ready in time."""
    return await _ended(world, status="still at it")


async def no_room(world: World) -> Shot:
    """The file is too large, and there is nowhere to link to."""
    return await _ended(world, body=SMALL, size=10 * MIB + 1)


async def outage(world: World) -> Shot:
    """NetMind takes no requests: the job is kept, and starts by itself later."""
    await _out(world, {"status": 500, "body": "Service is unavailable"})
    await _sound_asked(world)
    return await _noticed(world)


async def no_balance_yet(world: World) -> Shot:
    """NetMind's account is empty: likewise."""
    await _out(world, BALANCE)
    await _sound_asked(world)
    return await _noticed(world)


async def unclear(world: World) -> Shot:
    """NetMind gave no answer to the request: whether it was heard is found out first."""
    world.netmind.fail_next("create", status=500, body="Service is unavailable")
    await _sound_asked(world)
    await world.later(10)
    return await _card(world)


async def _noticed(world: World) -> Shot:
    """Return the card once it tells what keeps NetMind from starting."""
    for _ in range(6):
        await world.later(10)
    return await _card(world)


async def no_balance(world: World) -> Shot:
    """Nobody topped it up within an hour."""
    await _out(world, BALANCE)
    return await _given_up(world)


async def key_refused(world: World) -> Shot:
    """Nobody mended NetMind's key within an hour."""
    await _out(world, KEY)
    return await _given_up(world)


async def _given_up(world: World) -> Shot:
    """Have Mira's sound wait for as long as anything is waited for."""
    await _sound_asked(world)
    await world.work()
    for _ in range(4):
        await world.later(verdict.PATIENCE.total_seconds() / 3)
    return _last(world)


# What only one person sees


async def _history(world: World) -> None:
    """Let Mira have a past."""
    for job_id, prompt in enumerate((WIND, "footsteps on gravel", "a kettle about to sing"), 1):
        await _sound_asked(world, prompt)
        await world.until_ended(job_id)
        await world.later(1200)
    world.netmind.next_outcome("failed")
    await _sound_asked(world, "whales under ice")
    await world.until_ended(4)
    await world.later(1200)
    await _video_asked(world)
    await world.later(30)


async def job(world: World) -> Shot:
    """`/job` shows one of your jobs again."""
    await _ended(world)
    return await _answered(world, "job", id=1)


async def jobs(world: World) -> Shot:
    """`/jobs` lists all of them."""
    await _history(world)
    return await _answered(world, "jobs")


async def stars(world: World) -> Shot:
    """The ones with a star."""
    await _history(world)
    await world.mira.click(world.results()[1], label="Star")
    listed: Any = await _answered(world, "jobs")
    answer = await world.mira.click(listed.message, label="Stars")
    return Shot(answer.response or listed.message)


async def no_jobs(world: World) -> Shot:
    """`/jobs` before the first one."""
    return await _answered(world, "jobs")


async def queue(world: World) -> Shot:
    """`/queue`: how busy it is, and when yours are ready."""
    places(world, 3)
    world.netmind.next_outcome("still at it")
    await _video_asked(world)
    await world.later(5)
    for prompt in ("rain on a tin roof", "a train far away", "thunder"):
        world.netmind.next_outcome("still at it")
        await world.type(world.jonas, "audio", prompt=prompt, duration=6)
    await world.later(200)
    await _sound_asked(world)
    return await _answered(world, "queue")


async def preferences(world: World) -> Shot:
    """`/preferences`: language, mentions, privacy, usual options."""
    return await _answered(world, "preferences")


async def privacy(world: World) -> Shot:
    """`/privacy`: what is stored about a person, as a file, and having it deleted."""
    await _history(world)
    return await _answered(world, "privacy")


async def remix(world: World) -> Shot:
    """The form behind Remix has all of a request in it."""
    await _ended(world)
    return Shot(_last(world).message, press="Remix")


async def consent(world: World) -> Shot:
    """Asked once, with the first `private` job."""
    answer = await world.ask(WIND, duration=6, seed=1994, private=True)
    return Shot(answer.followups[0])


async def private_job(world: World) -> Shot:
    """The card of a `private` job; nobody edits it, so it has Refresh."""
    answer = await world.ask(WIND, duration=6, seed=1994, private=True)
    return Shot(answer.response)


async def reminder(world: World) -> Shot:
    """What could not be posted is told at the next command."""
    await _sound_asked(world)
    await _sound_asked(world, "a kettle about to sing")
    world.forbid("send_messages")
    await world.until_ended(1, 2)
    answer = await world.type(world.mira, "queue")
    return Shot(answer.followups[0])


async def report(world: World) -> Shot:
    """What moderators read when somebody has reported a result, if they have a channel for it."""
    await world.app.client.services.choices.choose(world.guild.id, log_channel_id=world.channel.id)
    await _ended(world)
    seen = Place(world.channel.id, _last(world).message.id)
    words = "It is much too loud."
    await world.app.client.services.cases.report(1, seen, world.jonas.id, world.guild.id, words)
    await world.work()
    return _last(world)


async def refusal(world: World) -> Shot:
    """What one may not do is refused in private."""
    await world.type(world.jonas, "audio", prompt="thunder", duration=6)
    answer: Any = await world.mira.click(await world.card(), label="Cancel")
    return Shot(answer.response)


async def help(world: World) -> Shot:  # noqa: A001 - the command's name is the scene's
    """`/help`: what can be done, and with which models."""
    return await _answered(world, "help")


# What moderators see


async def _moderated(world: World, command: str, **options: Any) -> None:
    """Have Jonas, who manages the server, use a command of /studio."""
    await world.jonas.slash(world.channel, f"studio {command}", **options)


def _manages(world: World, person: Any) -> None:
    role = world.guild.create_role("moderator", permissions=Permissions(manage_guild=True))
    world.env.backend.add_member_role(world.guild.id, person.id, role.id)


async def studio(world: World) -> Shot:
    """`/studio`: how those who manage a server choose what holds there."""
    _manages(world, world.mira)
    return await _answered(world, "studio show")


async def _limited(world: World) -> None:
    """Have Jonas set limits."""
    _manages(world, world.jonas)
    patron, everyone = world.guild.create_role("patron"), world.guild.default_role
    await _moderated(world, "limits role", role=everyone, at_once=2, per_day=10, longest=10)
    await _moderated(world, "limits role", role=patron, at_once=5, per_day=0)
    await _moderated(world, "limits server", at_once=20, time_zone="Europe/Lisbon")


async def limits(world: World) -> Shot:
    """Limits differ by role; of a person's roles the best counts."""
    await _limited(world)
    _manages(world, world.mira)
    return await _answered(world, "studio limits show")


async def over_limit(world: World) -> Shot:
    """A refusal says the limit and when it frees."""
    await _limited(world)
    for prompt in (WIND, STORM):
        await _sound_asked(world, prompt)
    return await _answered(world, "audio", prompt="bells", duration=6)


async def blocked(world: World) -> Shot:
    """Who is blocked reads why, until when, and what can be done."""
    _manages(world, world.jonas)
    await _moderated(world, "block appeal", words="Write to the moderators in #help.")
    reason = "asked for the same siren forty times"
    await _moderated(world, "block add", person=world.mira, reason=reason, how_long="week")
    return await _answered(world, "audio", prompt="a siren", duration=6)


async def _panel(world: World, part: str) -> Shot:
    _manages(world, world.mira)
    channel = world.guild.create_text_channel("moderators")
    rules = world.app.client.services.rules
    await rules.choose(
        world.guild.id, world.mira.id, log_channel_id=channel.id, review_results=True
    )
    answer = await world.type(world.mira, "studio settings")
    await world.mira.click(answer.response, custom_id=f"foley:panel:{part}")
    return Shot(answer.response)


async def panel(world: World) -> Shot:
    """Everything that moderators choose, in one place: `/studio settings`."""
    return await _panel(world, "moderators")


async def panel_use(world: World) -> Shot:
    """The panel's first page: whether, where and with which models the bot is used."""
    return await _panel(world, "use")


async def review(world: World) -> Shot:
    """Where moderators want it so, they see a result before the channel does, blurred."""
    _render(world)
    await world.app.client.services.choices.choose(
        world.guild.id, log_channel_id=world.channel.id, review_results=True
    )
    await _video_asked(world)
    while not world.results():
        await world.later(15)
    return Shot(world.results()[-1])


async def hidden(world: World) -> Shot:
    """What does not look right is hidden until somebody looks, and says why."""
    _render(world)
    with tempfile.TemporaryDirectory() as folder:
        body = shows.sound(Path(folder) / "siren.wav", shows.tone(3, seconds=6)).read_bytes()
    world.netmind.next_outcome(body=body)
    await _sound_asked(world, "a siren, very close")
    await world.until_ended()
    return _last(world)


async def notice(world: World) -> Shot:
    """Whose result was hidden hears it with their next command; so does who reported it."""
    await report(world)
    ruling = Ruling(world.jonas.id, CaseState.REMOVED, CaseAction.HIDE)
    cases = world.app.client.services.cases
    _, seen = await cases.open(1, ruling, world.guild.id)
    await cases.decide(1, replace(ruling, hidden=seen), world.guild.id)
    answer: Any = await world.mira.slash(world.channel, "queue")
    return Shot(answer.followups[-1])


async def stats(world: World) -> Shot:
    """How much the bot was used, and how it went: `/studio stats`."""
    _manages(world, world.mira)
    await _month(world)
    return await _answered(world, "studio stats")


async def _month(world: World) -> None:
    """Put a month of jobs into the database: more in the evening and at weekends."""
    drawn = random.Random(7)
    now, person, guild = world.clock(), world.mira.id, world.guild.id
    rows: list[dict[str, Any]] = []
    for ago in range(29 * 24):
        at = now - timedelta(hours=ago, minutes=drawn.randrange(60))
        evening = max(0.05, 1 - abs((at.hour - 20 + 12) % 24 - 12) / 7)
        for _ in range(round(drawn.random() * evening * (4 if at.weekday() > 4 else 2))):
            model = drawn.choices(["mmaudio", "hunyuanvideo"], [5, 2])[0]
            rows.append(_past_job(drawn, model, at) | {"interaction_id": len(rows) + 1})
    async with world.app.database.write() as connection:
        await people.note(connection, person, now)
        await guilds.choose(connection, guild, now, time_zone="Europe/Lisbon")
        whose = {"requester_id": person, "guild_id": guild, "channel_id": world.channel.id}
        await connection.execute(sa.insert(jobs_table), [row | whose for row in rows])


def _past_job(drawn: random.Random, model: str, at: datetime) -> dict[str, Any]:
    """Return the row of a job that is over."""
    usual = {"mmaudio": 31, "hunyuanvideo": 540}[model]
    begun = at + timedelta(seconds=2 + drawn.expovariate(1 / 9))
    ended = begun + timedelta(seconds=usual * drawn.lognormvariate(0, 0.25))
    states = ["finished", "failed", "cancelled", "rejected"]
    times = {"created_at": at, "submitted_at": begun, "generating_at": begun, "ended_at": ended}
    made = {"model": model, "kind": "audio", "prompt": WIND, "options": {}, "card_closed": True}
    state = drawn.choices(states, [90, 5, 4, 1])[0]
    return {**times, **made, "changed_at": ended, "state": state}


async def studio_queue(world: World) -> Shot:
    """`/studio queue`: what is under way in a server, and a way to end it."""
    _manages(world, world.mira)
    await _sound_asked(world)
    await world.work()
    world.app.workers.submitter.max_in_flight = 0
    world.move(40)
    await world.type(world.jonas, "audio", prompt="an owl at dusk", private=True, duration=6)
    await world.type(world.jonas, "video", prompt=STORM, length="about 2 seconds")
    return await _answered(world, "studio queue")


async def studio_log(world: World) -> Shot:
    """`/studio log`: what was asked for, what became of it, and what moderators did."""
    _manages(world, world.mira)
    await _lined(world)
    await _moderated(world, "remove", job=1, reason="That is somebody's recording.")
    return await _answered(world, "studio log")


async def log_line(world: World) -> Shot:
    """Each job that has ended can be a line in the moderators' channel."""
    await _lined(world)
    return _last(world)


async def _lined(world: World) -> None:
    """Have three jobs end, each of them a line."""
    _manages(world, world.jonas)
    await _moderated(world, "reports", channel=world.channel)
    await _moderated(world, "lines", on=True)
    await _sound_asked(world)
    await world.until_ended()
    await world.type(world.jonas, "video", prompt=STORM, length="about 2 seconds")
    await _moderated(world, "cancel", job=2, reason="No videos this week, please.")
    await _sound_asked(world, "rain on a tin roof")
    await world.until_ended(3)
    await world.work()


SCENES: dict[str, tuple[Scene, ...]] = {
    "From the command to the result": (
        starting,
        waiting,
        making,
        overdue,
        ready,
        sound,
        video,
        thread,
        spoken,
        too_large,
        cancelled,
        in_japanese,
    ),
    "When there is no result": (
        bad_request,
        not_made,
        not_made_card,
        too_late,
        no_room,
        unclear,
        outage,
        no_balance_yet,
        no_balance,
        key_refused,
    ),
    "What only one person sees": (
        job,
        jobs,
        stars,
        no_jobs,
        queue,
        remix,
        preferences,
        privacy,
        consent,
        private_job,
        reminder,
        refusal,
        help,
    ),
    "What moderators see": (
        studio,
        report,
        limits,
        over_limit,
        blocked,
        panel,
        panel_use,
        review,
        hidden,
        notice,
        studio_queue,
        studio_log,
        log_line,
        stats,
    ),
}
"""The scenes of each part of the gallery, in the order of a job's story."""
