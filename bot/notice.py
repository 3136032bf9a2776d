"""What people read about what moderators did."""

from bot import text
from bot.language import Language, Sentence
from storage.jobs import Job
from storage.notices import Notice, NoticeKind

_PROMPT_SHOWN = 80
_WORDS_SHOWN = 300
_SENTENCES = {
    NoticeKind.CANCELLED: Sentence("🚫 A moderator cancelled what you asked for."),
    NoticeKind.REMOVED: Sentence("🗑️ A moderator took your result away."),
    NoticeKind.HIDDEN: Sentence("🙈 A moderator hid your result; who wants to can still look."),
    NoticeKind.BLOCKED: Sentence(
        "⛔ A moderator took your result away, and does not let you ask for more there."
    ),
    NoticeKind.REPORT_REMOVED: Sentence(
        "🚩 The moderators took away what you reported. Thank you."
    ),
    NoticeKind.REPORT_HIDDEN: Sentence("🚩 The moderators hid what you reported. Thank you."),
    NoticeKind.REPORT_DISMISSED: Sentence(
        "🚩 The moderators looked at what you reported, and left it. Thank you all the same."
    ),
}
_TO_REPORTERS = frozenset(
    {NoticeKind.REPORT_REMOVED, NoticeKind.REPORT_HIDDEN, NoticeKind.REPORT_DISMISSED}
)


def write(notice: Notice, job: Job, say: Language) -> str:
    """Write what a moderator did and why, with the person's own words if the job is theirs."""
    lines = [say.say(_SENTENCES[notice.what])]
    if notice.what not in _TO_REPORTERS and job.erased_at is None:
        lines.append(f"> {text.plain(job.prompt, _PROMPT_SHOWN)}")
    if notice.words:
        words = text.plain(notice.words, _WORDS_SHOWN)
        lines.append(say("Their words: “{words}”", words=words))
    return "\n".join(lines)
