"""Why a job ended without a result, and the sentence that tells the person."""

from enum import StrEnum

from bot.language import Sentence


class Reason(StrEnum):
    """A code for the database and the log; SENTENCES has the words."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_MODEL = "unknown_model"
    OTHER_OPTIONS = "other_options"
    KEY_REFUSED = "key_refused"
    NO_BALANCE = "no_balance"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    UNCLEAR = "unclear"
    GENERATION_FAILED = "generation_failed"
    NO_RESULT = "no_result"
    GONE = "gone"
    TOO_LATE = "too_late"
    DOWNLOAD_FAILED = "download_failed"
    NOT_MEDIA = "not_media"
    EMPTY_FILE = "empty_file"
    TOO_LARGE = "too_large"
    UNDELIVERABLE = "undeliverable"
    PRIVATE = "private"
    NO_VIDEO = "no_video"
    BAD_VIDEO = "bad_video"
    IN_REVIEW = "in_review"
    REQUEST_REJECTED = "request_rejected"
    REQUEST_EXPIRED = "request_expired"
    RESULT_REJECTED = "result_rejected"
    RESULT_EXPIRED = "result_expired"
    MODERATED = "cancelled_by_moderator"


SENTENCES: dict[Reason, Sentence] = {
    Reason.BAD_REQUEST: Sentence("NetMind did not accept this request. Try other options."),
    Reason.UNKNOWN_MODEL: Sentence("NetMind does not offer this model any more. Try another one."),
    Reason.OTHER_OPTIONS: Sentence(
        "The model has other options now. Remix shows them, with what still holds filled in."
    ),
    Reason.KEY_REFUSED: Sentence(
        "NetMind refused this bot's key for an hour. Only the bot's operator can mend that."
    ),
    Reason.NO_BALANCE: Sentence(
        "This bot's NetMind account is empty, and nobody topped it up within an hour. "
        "Only the bot's operator can."
    ),
    Reason.BUSY: Sentence(
        "NetMind has too much to do and took no more requests. Try again in a while."
    ),
    Reason.UNAVAILABLE: Sentence(
        "NetMind's service is not available at the moment. Try again in a while."
    ),
    Reason.UNREACHABLE: Sentence("NetMind could not be reached. Try again in a while."),
    Reason.UNCLEAR: Sentence("NetMind's answers could not be understood. Try again in a while."),
    Reason.GENERATION_FAILED: Sentence("NetMind could not make it. Try other words or options."),
    Reason.NO_RESULT: Sentence("NetMind says that it is done, but gave no file. Try again."),
    Reason.GONE: Sentence("NetMind lost it before it was done. Try again."),
    Reason.TOO_LATE: Sentence("It was not ready in time, so it was stopped. Try again in a while."),
    Reason.DOWNLOAD_FAILED: Sentence("It was made, but the file could not be fetched. Try again."),
    Reason.NOT_MEDIA: Sentence(
        "NetMind gave a file that is no sound, video or picture. Try again."
    ),
    Reason.EMPTY_FILE: Sentence("NetMind gave an empty file. Try again."),
    Reason.TOO_LARGE: Sentence("It was made, but the file is larger than this channel takes."),
    Reason.UNDELIVERABLE: Sentence(
        "It was made, but Discord did not let me post it here. /job brings it to you, for a week."
    ),
    Reason.PRIVATE: Sentence("It is kept for you alone. /job brings it to you, for a week."),
    Reason.NO_VIDEO: Sentence(
        "The video that it was to be added to is not there any more. Choose another one."
    ),
    Reason.BAD_VIDEO: Sentence("The video could not be read. Choose another one."),
    Reason.IN_REVIEW: Sentence("It is made. A moderator looks at it before it is posted."),
    Reason.REQUEST_REJECTED: Sentence("A moderator of this server did not approve it."),
    Reason.REQUEST_EXPIRED: Sentence("No moderator of this server looked at it in time."),
    Reason.RESULT_REJECTED: Sentence(
        "It was made, but a moderator of this server decided that it is not posted."
    ),
    Reason.RESULT_EXPIRED: Sentence(
        "It was made, but no moderator of this server looked at it in time."
    ),
    Reason.MODERATED: Sentence("A moderator of this server cancelled it."),
}


_WAITING: dict[Reason, Sentence] = {
    Reason.KEY_REFUSED: Sentence(
        "NetMind refuses this bot's key; only the bot's operator can mend that."
    ),
    Reason.NO_BALANCE: Sentence(
        "This bot's NetMind account is empty; only the bot's operator can top it up."
    ),
    Reason.BUSY: Sentence("NetMind has too much to do and takes no requests at the moment."),
    Reason.UNAVAILABLE: Sentence("NetMind has trouble of its own at the moment."),
}


# Nothing was created for these, or surely nothing was made.
_UNSPENT = frozenset(
    {
        Reason.BAD_REQUEST,
        Reason.UNKNOWN_MODEL,
        Reason.OTHER_OPTIONS,
        Reason.KEY_REFUSED,
        Reason.NO_BALANCE,
        Reason.BUSY,
        Reason.UNAVAILABLE,
        Reason.UNREACHABLE,
        Reason.NO_VIDEO,
        Reason.REQUEST_REJECTED,
        Reason.REQUEST_EXPIRED,
    }
)

WITHHELD = frozenset({Reason.IN_REVIEW, Reason.RESULT_REJECTED, Reason.RESULT_EXPIRED})
"""There is a file, but its person does not get it, or not yet."""
REVIEWED = WITHHELD | {Reason.REQUEST_REJECTED, Reason.REQUEST_EXPIRED, Reason.MODERATED}
"""Moderators are the reason, and the words beside it are theirs."""


def cost(reason: str | None) -> Sentence:
    """Say whether a failed job has cost anything, as far as anybody can know."""
    if reason in _UNSPENT:
        return Sentence("Nothing was made, so nothing was spent.")
    return Sentence("It costs you nothing. NetMind may still bill this bot's operator for it.")


def waiting(reason: Reason) -> Sentence:
    """Say why a job does not start yet, and that it will."""
    why = _WAITING.get(reason, Sentence("NetMind does not answer at the moment."))
    return Sentence.of("{why} Your job is kept and starts by itself when that is over.", why=why)


def sentence(reason: str | None) -> Sentence:
    """Return the sentence for a reason code; an unknown code gets a true, plain one."""
    try:
        return SENTENCES[Reason(reason or "")]
    except ValueError:
        return Sentence("It could not be made. Try again.")
