"""The one page that people may see instead of a file."""

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from string import Template

from aiohttp import web
from babel.core import negotiate_locale

from bot.language import ENGLISH, Language, Sentence, language, spoken

_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --box: #ffffff; --edge: #e2e5eb;
  --text: #1e2130; --soft: #5f6678; --mark: #5865f2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #1a1b20; --box: #25262d; --edge: #35373f;
    --text: #f1f2f5; --soft: #a7adbd; --mark: #8b95ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--ground); color: var(--text);
  font: 1.05rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { width: 100%; max-width: 30rem; padding: 2.25rem; background: var(--box);
  border: 1px solid var(--edge); border-radius: 16px; }
svg { display: block; margin-bottom: 1.25rem; }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; line-height: 1.3; letter-spacing: -.01em; }
p { margin: 0; color: var(--soft); }
"""

_PAGE = Template("""<!doctype html>
<html lang="$code">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>$title</title>
<style>$style</style>
</head>
<body>
<main>
<svg width="64" height="32" viewBox="0 0 64 32" fill="var(--mark)" aria-hidden="true">
<rect x="0" y="12" width="5" height="8" rx="2.5"/>
<rect x="10" y="6" width="5" height="20" rx="2.5"/>
<rect x="20" y="1" width="5" height="30" rx="2.5"/>
<rect x="30" y="8" width="5" height="16" rx="2.5"/>
<rect x="40" y="13" width="5" height="6" rx="2.5" opacity=".5"/>
<rect x="50" y="14" width="5" height="4" rx="2" opacity=".3"/>
</svg>
<h1>$title</h1>
<p>$words</p>
</main>
</body>
</html>
""")

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Words:
    """What a page says. `again`: seconds after which it is worth another try."""

    status: int
    title: Sentence
    text: Sentence
    again: int | None = None


NOTHING = Words(
    404,
    Sentence("There is nothing here"),
    Sentence("Check that the whole link was copied, or open it once more from Discord."),
)
EXPIRED = Words(
    410,
    Sentence("This link has expired"),
    Sentence(
        "Links to large files last for a week. Make the file again in Discord to get a new one."
    ),
)
GONE = Words(
    410,
    Sentence("This file is gone"),
    Sentence("It was deleted, or it is kept nowhere any more."),
)
BUSY = Words(
    503,
    Sentence("One moment, please"),
    Sentence("Too many files are being watched just now. Try again in a minute."),
    again=60,
)
TROUBLE = Words(
    503,
    Sentence("One moment, please"),
    Sentence("The file cannot be given just now. Try again in a minute."),
    again=60,
)


def of(request: web.Request, words: Words) -> web.Response:
    """Return the page with this to say, in the reader's language if we speak it."""
    say = _language_of(request)
    text = _PAGE.substitute(
        code=say.code.replace("_", "-"),
        style=_STYLE,
        title=escape(say.say(words.title)),
        words=escape(say.say(words.text)),
    )
    answer = web.Response(
        status=words.status, text=text, content_type="text/html", headers=_HEADERS
    )
    if words.again is not None:
        answer.headers["Retry-After"] = str(words.again)
    return answer


def _language_of(request: web.Request) -> Language:
    """Return the first of the browser's languages that we speak."""
    asked = request.headers.get("Accept-Language", "")[:200].split(",")
    wanted = [one.partition(";")[0].strip().replace("-", "_") for one in asked]
    # A browser may name the language alone, where we speak one country's.
    aliases = {code.partition("_")[0]: code for code in spoken()}
    return language(negotiate_locale(filter(None, wanted), spoken(), aliases=aliases) or ENGLISH)
