"""What could not be posted is told at the person's next command, in private, once."""

from simcord.builders import ChannelHandle

from bot.jobs.reasons import SENTENCES, Reason
from tests.world import World


async def lose_a_job(world: World) -> ChannelHandle:
    """Have Mira's channel deleted while her sound is made; return another one."""
    lobby = world.guild.create_text_channel("lobby")
    await world.ask("rain *on* slates", duration=1)
    await world.work()
    world.env.backend.delete_channel(world.channel.id)
    await world.until_ended()
    return lobby


async def test_a_lost_result_is_told_at_the_next_command_of_its_person(world: World) -> None:
    lobby = await lose_a_job(world)

    answer = await world.mira.slash(lobby, "help")
    (told,) = answer.followups
    assert told.ephemeral
    assert told.content == (
        "Waiting for you:\n- 🎧 **rain \\*on\\* slates**: I could not post it; `/job 1` brings it"
    )
    again = await world.mira.slash(lobby, "help")
    assert again.followups == []


async def test_who_has_fetched_the_file_is_not_told_to_fetch_it(world: World) -> None:
    lobby = await lose_a_job(world)
    answer = await world.mira.slash(lobby, "job", id=1)
    (brought,) = answer.followups
    assert brought.attachments
    again = await world.mira.slash(lobby, "help")
    assert again.followups == []


async def test_nobody_else_hears_of_it(world: World) -> None:
    lobby = await lose_a_job(world)
    answer = await world.jonas.slash(lobby, "help")
    assert answer.followups == []


async def test_a_lost_failure_is_told_with_its_reason(world: World) -> None:
    world.netmind.next_outcome("failed")
    lobby = await lose_a_job(world)
    answer = await world.mira.slash(lobby, "jobs")
    (told,) = answer.followups
    assert str(SENTENCES[Reason.GENERATION_FAILED]) in (told.content or "")


async def test_a_reminder_that_fails_comes_at_the_next_command(world: World) -> None:
    lobby = await lose_a_job(world)
    with world.no_table("deliveries"):
        answer = await world.mira.slash(lobby, "help")
    assert answer.followups == []
    answer = await world.mira.slash(lobby, "help")
    assert len(answer.followups) == 1
