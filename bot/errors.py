"""The one tree of errors.

FoleyError
|-- SettingsError      the environment is wrong; one sentence a problem (bot.config)
|-- TokenRefusedError  Discord refused the token (bot.app)
|-- Refusal            a request is not accepted; the sentence is for the person (bot.jobs.desk)
|-- NetmindError       the inference API said no, or nothing (bot.netmind.errors)
|-- DownloadError      a result could not be fetched or is not what was asked (bot.netmind.download)
|-- MediaError         a file cannot be read, fitted or worked on (bot.media.errors)
|-- NoVerdictError     the operator's moderation service did not say what it thinks (bot.look)
`-- PostError          Discord did not take a message (bot.post)

The ground floor has a root of its own, storage.errors.StorageError, because it imports nothing of
ours. bot.border turns both into words for people.
"""

from bot.language import Language, Sentence


class FoleyError(Exception):
    """Root of everything that goes wrong in a way we know."""


class Refusal(FoleyError):  # noqa: N818 - a refusal is an answer, not an accident
    """A request was not accepted and nothing was made; the sentences are for the person."""

    def __init__(self, *sentences: Sentence) -> None:
        super().__init__("\n".join(map(str, sentences)))
        self.sentences = sentences

    def said(self, language: Language) -> str:
        """Return what to tell the person."""
        return "\n".join(map(language.say, self.sentences))
