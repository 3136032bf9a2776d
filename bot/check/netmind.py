"""The NetMind account: whether it opens to the key, by the one call that costs nothing."""

from bot.check.finding import Finding, ok, warning, wrong
from bot.config import Settings
from bot.netmind.client import NetmindClient, open_session
from bot.netmind.errors import (
    KeyRefused,
    NetmindError,
    NotFound,
    NotSent,
    OutcomeUnknown,
    OutOfBalance,
    ServerTrouble,
    TooManyRequests,
    Unreadable,
)

# Seconds of one try; there are three.
_PATIENCE = 8.0

_TO_DO: dict[type[NetmindError], str] = {
    KeyRefused: "Make a key in NetMind's console and copy it to NETMIND_API_TOKEN.",
    OutOfBalance: "Top the account up; that takes minutes to take effect.",
    NotFound: "See whether NETMIND_BASE_URL is right.",
    TooManyRequests: "Look again in a few minutes.",
    ServerTrouble: "Look again later: the trouble is NetMind's own.",
    Unreadable: "See whether NETMIND_BASE_URL is right.",
    NotSent: "See whether this machine reaches NETMIND_BASE_URL.",
    OutcomeUnknown: "See whether this machine reaches NETMIND_BASE_URL.",
}


async def look(settings: Settings) -> list[Finding]:
    """List the account's generations; nothing is made and nothing is touched."""
    token = settings.netmind_api_token.get_secret_value()
    async with open_session() as session:
        client = NetmindClient(session, settings.netmind_base_url, token, timeout=_PATIENCE)
        try:
            found = await client.list()
        except NetmindError as error:
            return [refused(error)]
    count = "1 generation" if len(found) == 1 else f"{len(found):,} generations"
    return [ok("netmind", f"The key is good; the account lists {count}.")]


def refused(error: NetmindError) -> Finding:
    """Say what NetMind answered and what to do about it."""
    says = f"{error}. {_TO_DO.get(type(error), '')}".rstrip()
    # The bot waits for these to pass, and so may whoever looks.
    passing = isinstance(error, TooManyRequests)
    return warning("netmind", says) if passing else wrong("netmind", says)
