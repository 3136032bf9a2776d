"""Why a job ended without a result, and the sentence that tells the person."""

from enum import StrEnum


class Reason(StrEnum):
    """A code for the database and the log; SENTENCES has the words."""

    BAD_REQUEST = "bad_request"
    UNKNOWN_MODEL = "unknown_model"
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


SENTENCES: dict[Reason, str] = {
    Reason.BAD_REQUEST: "NetMind did not accept this request. Try other options.",
    Reason.UNKNOWN_MODEL: "NetMind does not offer this model any more. Try another one.",
    Reason.KEY_REFUSED: (
        "NetMind refused this bot's key. Only the bot's operator can mend that, with a valid key."
    ),
    Reason.NO_BALANCE: (
        "This bot's NetMind account has no balance left. Only the bot's operator can top it up."
    ),
    Reason.BUSY: "NetMind has too much to do and took no more requests. Try again in a while.",
    Reason.UNAVAILABLE: "NetMind's service is not available at the moment. Try again in a while.",
    Reason.UNREACHABLE: "NetMind could not be reached. Try again in a while.",
    Reason.UNCLEAR: "NetMind's answers could not be understood. Try again in a while.",
    Reason.GENERATION_FAILED: "NetMind could not make it. Try other words or options.",
    Reason.NO_RESULT: "NetMind says that it is done, but gave no file. Try again.",
    Reason.GONE: "NetMind lost it before it was done. Try again.",
    Reason.TOO_LATE: "It was not ready in time, so it was stopped. Try again in a while.",
    Reason.DOWNLOAD_FAILED: "It was made, but the file could not be fetched. Try again.",
    Reason.NOT_MEDIA: "NetMind gave a file that is no sound, video or picture. Try again.",
    Reason.EMPTY_FILE: "NetMind gave an empty file. Try again.",
    Reason.TOO_LARGE: "It was made, but the file is larger than this channel takes.",
    Reason.UNDELIVERABLE: (
        "It was made, but Discord did not let me post it here. /job brings it to you, for a week."
    ),
}


_WAITING: dict[Reason, str] = {
    Reason.KEY_REFUSED: "NetMind refuses this bot's key; only the bot's operator can mend that.",
    Reason.NO_BALANCE: (
        "This bot's NetMind account has no balance left; only the bot's operator can top it up."
    ),
    Reason.BUSY: "NetMind has too much to do and takes no requests at the moment.",
}


def waiting(reason: Reason) -> str:
    """Say why a job does not start yet, and that it will."""
    why = _WAITING.get(reason, "NetMind does not answer at the moment.")
    return f"{why} Your job is kept and starts by itself when that is over."


def sentence(reason: str | None) -> str:
    """Return the sentence for a reason code; an unknown code gets a true, plain one."""
    try:
        return SENTENCES[Reason(reason or "")]
    except ValueError:
        return "It could not be made. Try again."
