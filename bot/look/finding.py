"""What does not look right about a result, and the sentence that tells the moderators."""

from enum import StrEnum

from bot.language import Sentence


class Finding(StrEnum):
    """A code for the database and the log; SENTENCES has the words."""

    FLASHING = "flashing"
    LOUD = "loud"
    SERVICE = "service"
    """The operator's own service objects."""
    UNSEEN = "unseen"
    """Nobody can say: it could not be looked at."""


SENTENCES: dict[Finding, Sentence] = {
    Finding.FLASHING: Sentence("It flashes quickly; that can harm people with epilepsy."),
    Finding.LOUD: Sentence("It gets so loud that it can hurt people with headphones."),
    Finding.SERVICE: Sentence("The moderation service of this bot's operator objects to it."),
    Finding.UNSEEN: Sentence("It could not be looked at, so nobody knows what is in it."),
}
