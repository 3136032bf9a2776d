"""The guards that tell who may: of permissions, of guilds, and of whose something is."""

from functools import partial

from tests.mutations.mutant import Mutant

_MUTANT = partial(
    Mutant,
    suite="tests/authorisation/test_authorisation.py",
    tests=("test_everybody_may_do_what_the_table_says",),
)
_SHELF = partial(_MUTANT, file="bot/jobs/shelf.py")
_AUTHORITY = partial(_MUTANT, file="cogs/authority.py")

AUTHORISING = (
    _MUTANT(
        name="moderate-in-direct-messages",
        file="cogs/studio.py",
        old="    if interaction.guild_id is not None:\n        return True\n",
        new="    if interaction.id:\n        return True\n",
    ),
    _MUTANT(
        name="suggest-the-operators-words",
        file="cogs/words.py",
        old=(
            "        if interaction.guild_id is None:\n"
            "            return []  # those of no server are the operator's\n"
            "        every = await self.services.vocabulary.of_guild(interaction.guild_id)\n"
        ),
        new="        every = await self.services.vocabulary.of_guild(interaction.guild_id or 0)\n",
    ),
    _AUTHORITY(
        name="let-anybody-use-the-panel",
        old="interaction.permissions.manage_guild or _was_answered(interaction)",
        new="interaction.permissions.send_messages or _was_answered(interaction)",
    ),
    _AUTHORITY(
        name="take-a-public-message-for-an-answer",
        old="if message is None or not message.flags.ephemeral:",
        new="if message is None:",
    ),
    _SHELF(
        name="show-words-to-another-guild",
        old="not (public and guild_id and job.guild_id == guild_id)",
        new="not public",
    ),
    _SHELF(
        name="show-private-words-to-the-guild",
        old="public = job.route not in {Route.PRIVATE, Route.DIRECT}",
        new="public = bool(job.route)",
    ),
    _SHELF(
        name="star-what-is-somebody-elses",
        old="        if job.requester_id != person_id:\n            raise Refusal(_NOT_YOURS)\n",
        new="",
    ),
    _SHELF(
        name="delete-what-is-another-guilds",
        old="(moderates is None or job.guild_id != moderates)",
        new="moderates is None",
    ),
    _MUTANT(
        name="let-anybody-delete-in-their-guild",
        file="cogs/buttons.py",
        old="interaction.guild_id if interaction.permissions.manage_messages else None",
        new="interaction.guild_id",
    ),
    _MUTANT(
        name="show-a-job-to-anybody",
        file="bot/jobs/desk.py",
        old="if job is None or job.requester_id != person_id:",
        new="if job is None:",
    ),
    _MUTANT(
        name="cancel-another-guilds-job",
        file="storage/guild_jobs.py",
        old="jobs.c.id == job_id, jobs.c.guild_id == guild_id, jobs.c.erased_at",
        new="jobs.c.id == job_id, jobs.c.erased_at",
    ),
    _MUTANT(
        name="open-a-form-for-another-guilds-job",
        file="storage/guild_jobs.py",
        old="found is not None and found.guild_id == guild_id and",
        new="found is not None and",
    ),
    _MUTANT(
        name="look-at-another-guilds-jobs",
        file="storage/guild_jobs.py",
        old="        jobs.c.guild_id == guild_id,\n        jobs.c.erased_at.is_(None),\n",
        new="        jobs.c.erased_at.is_(None),\n",
    ),
    _MUTANT(
        name="add-a-sound-to-a-video-elsewhere",
        file="cogs/sound.py",
        old="if video.channel_id != interaction.channel_id:",
        new="if not video.channel_id:",
    ),
    _MUTANT(
        name="show-another-guilds-words",
        file="storage/words.py",
        old="sa.select(words).where(words.c.guild_id == guild_id).order_by(words.c.id)",
        new="sa.select(words).order_by(words.c.id)",
    ),
)
