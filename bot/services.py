"""What commands and buttons call, to have done what people want."""

from dataclasses import dataclass

from bot.jobs.cases import Cases
from bot.jobs.choices import Choices
from bot.jobs.desk import Desk
from bot.jobs.moderators import Moderators
from bot.jobs.notices import Notices
from bot.jobs.privacy import Privacy
from bot.jobs.reviews import Reviews
from bot.jobs.rules import Rules
from bot.jobs.shelf import Shelf
from bot.jobs.stats import Stats
from bot.jobs.vocabulary import Vocabulary


@dataclass(frozen=True)
class Services:
    """All of them; each of its own raises Refusal and knows nothing of Discord."""

    desk: Desk
    shelf: Shelf
    choices: Choices
    cases: Cases
    rules: Rules
    moderators: Moderators
    notices: Notices
    reviews: Reviews
    vocabulary: Vocabulary
    privacy: Privacy
    stats: Stats
