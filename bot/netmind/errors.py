"""What can go wrong when the inference API is asked.

NetmindError
|-- BadRequest        400, 409, 422 and other 4xx: this request will never be accepted
|   `-- UnknownModel  400: there is no such model
|-- KeyRefused        401, 403: concerns everything that uses the key
|-- OutOfBalance      402, or words about the balance: concerns everything that costs
|-- NotFound          404, 410
|-- TooManyRequests   429
|-- ServerTrouble     408, 5xx
|-- Unreadable        an answer came and makes no sense
|-- NotSent           surely not sent
`-- OutcomeUnknown    sent, and no readable answer

The first sentence of a docstring is what str() begins with.
"""

# ruff: noqa: N818 - errors are named after the condition they report

from bot.errors import FoleyError
from bot.netmind.scrub import scrub


class NetmindError(FoleyError):
    """The inference API said no, or nothing.

    `status` is the HTTP status if there was one, `retry_after` the seconds the server asked to
    wait (already capped), `message` its own words: scrubbed, at most 200 characters.
    """

    def __init__(
        self,
        message: str = "",
        *,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = scrub(message)
        self.status = status
        self.retry_after = retry_after
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        meaning = (type(self).__doc__ or type(self).__name__).partition(".")[0]
        code = f" ({self.status})" if self.status is not None else ""
        words = f": {self.message}" if self.message else ""
        return f"{meaning}{code}{words}"


class BadRequest(NetmindError):
    """The API will never accept this request. Sending the same again is useless."""


class UnknownModel(BadRequest):
    """The API has no such model. Seen as 400 `Model name: X not exists`."""


class KeyRefused(NetmindError):
    """The API refused the key. Stop everything that uses it, not one job."""


class OutOfBalance(NetmindError):
    """The NetMind account has no balance left. The operator must top it up, which takes minutes."""


class NotFound(NetmindError):
    """The API does not know this id. Within a minute of the create call that may still change."""


class TooManyRequests(NetmindError):
    """The API asks to be asked less often. It may mean a rate or a number of running jobs."""


class ServerTrouble(NetmindError):
    """The API has trouble of its own. Nobody can say whether it did what was asked."""


class Unreadable(NetmindError):
    """The API's answer makes no sense. HTML, nothing at all, broken, too large, or misshapen."""


class NotSent(NetmindError):
    """The API was not reached. The request surely was not sent, so it may be sent again."""


class OutcomeUnknown(NetmindError):
    """The request was sent and its outcome is unknown. Never send it again blindly."""
