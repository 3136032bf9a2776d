"""Whose a generation is that no job knows. Decided without I/O.

The API does not tell a generation's prompt and takes no key of ours, so only time tells: it was
made while the answer to one POST was lost. This holds on an account that nobody else uses.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.netmind.protocol import Generation
from storage.jobs import Job
from storage.posts import UnclearPost

# The API gives times in whole seconds, and its clock is not ours.
CLOCKS_DIFFER = timedelta(seconds=5)
# A clock that is wrong by a time zone or by summer time is wrong by hours.
NEARBY = timedelta(hours=2)


@dataclass(frozen=True)
class Evidence:
    """What is known about the account.

    `posts`: all the POSTs without an outcome, in any process. `owners`: the jobs that own the
    listed generations, by generation.
    """

    posts: Collection[UnclearPost]
    listed: Collection[Generation]
    owners: Mapping[str, Job]

    @property
    def orphans(self) -> list[Generation]:
        """The listed generations that no job owns."""
        return [each for each in self.listed if each.id not in self.owners and not each.deleted]

    @property
    def clock_trusted(self) -> bool:
        """Whether every known generation was made, by the API's clock, when we asked for it."""
        return all(
            _begin(job.submitted_at) <= each.created_at <= job.generating_at + CLOCKS_DIFFER
            for each in self.listed
            if (job := self.owners.get(each.id))
            and each.created_at
            and job.submitted_at
            and job.generating_at
        )


def adoptable(job_id: int, evidence: Evidence) -> Generation | None:
    """Return the one generation that this job's lost POST must have made; None: nobody can tell.

    With another lost POST at that time, each may have made it; with another orphan nearby, each
    may be it.
    """
    mine = [post for post in evidence.posts if post.job_id == job_id and not post.settled]
    if len(mine) != 1 or not evidence.clock_trusted:
        return None
    if any(_overlap(mine[0], post) for post in evidence.posts if post is not mine[0]):
        return None
    nearby = [each for each in evidence.orphans if _nearby(mine[0], each)]
    return nearby[0] if len(nearby) == 1 and made_by(mine[0], nearby[0]) else None


def lost(evidence: Evidence) -> Iterable[Generation]:
    """Return the orphans that lost POSTs made whose jobs went on without them.

    None while a POST is without an outcome: its generation may be among them.
    """
    if not evidence.clock_trusted or any(not post.settled for post in evidence.posts):
        return []
    return [
        each for each in evidence.orphans if any(made_by(post, each) for post in evidence.posts)
    ]


def made_by(post: UnclearPost, generation: Generation) -> bool:
    """Tell whether this POST may have made this generation."""
    at = generation.created_at
    return at is not None and _begin(post.sent_at) <= at <= _end(post)


def _nearby(post: UnclearPost, generation: Generation) -> bool:
    at = generation.created_at
    return at is None or abs(at - post.sent_at) < NEARBY


def _overlap(one: UnclearPost, other: UnclearPost) -> bool:
    return _begin(one.sent_at) <= _end(other) and _begin(other.sent_at) <= _end(one)


def _begin(sent_at: datetime) -> datetime:
    return sent_at - CLOCKS_DIFFER


def _end(post: UnclearPost) -> datetime:
    if post.until is None:
        return datetime.max.replace(tzinfo=post.sent_at.tzinfo)
    return post.until + CLOCKS_DIFFER
