"""What the operator's page looks like: drawn from figures, without scripts, for any screen.

It is in English, as the log and the command line are. It names nobody and repeats no words.
"""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from string import Template

from bot.web.svg import Series, Tick, bars, ceiling

REFRESH = 60
"""Seconds after which the page loads itself again."""

_STYLE = """
:root {
  color-scheme: light dark;
  --ground: #f5f6f8; --box: #ffffff; --edge: #e2e5eb; --text: #1e2130; --soft: #5a6173;
  --mark: #4f5be0; --bad: #c2410c; --well: #0f7a55; --rest: #7d8598; --more: #0e8a8f;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #1a1b20; --box: #25262d; --edge: #3a3c46; --text: #f1f2f5; --soft: #adb3c2;
    --mark: #8b95ff; --bad: #ff9055; --well: #4cc38a; --rest: #7f8698; --more: #45c6c9;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main { max-width: 75rem; margin: 0 auto; padding: 1.25rem 1rem 2rem; }
main.narrow { max-width: 26rem; padding-top: 12vh; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem;
  margin-bottom: 1rem; }
h1 { margin: 0; font-size: 1.3rem; letter-spacing: -.01em; }
h2 { margin: 0; font-size: 1rem; }
header p { margin: 0 0 0 auto; color: var(--soft); font-size: .875rem; }
.box { background: var(--box); border: 1px solid var(--edge); border-radius: 14px; padding: 1rem; }
.state { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem 1.25rem; }
.state strong { font-size: 1.15rem; margin-right: auto; }
.state ul { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; margin: 0; padding: 0;
  list-style: none; font-size: .9rem; }
.sign { font-weight: 700; }
.well .sign { color: var(--well); }
.amiss .sign, .alarm { color: var(--bad); }
.notice { margin: 0 0 .75rem; border-color: var(--bad); overflow-wrap: anywhere; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: .75rem; margin: .75rem 0; }
.figures div { display: flex; flex-direction: column; }
dl { margin: 0; }
dt { color: var(--soft); font-size: .875rem; }
dd { margin: 0; }
dd.value { font-size: 1.75rem; line-height: 1.25; font-weight: 650; letter-spacing: -.02em;
  font-variant-numeric: tabular-nums; }
dd.more { color: var(--soft); font-size: .8125rem; }
@media (max-width: 30rem) {
  .figures div:last-child:nth-child(odd) { grid-column: 1 / -1; }
}
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr));
  gap: .75rem; }
figure { margin: 0; min-width: 0; }
figcaption p { margin: .1rem 0 .6rem; color: var(--soft); font-size: .875rem; }
.plot { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: .5rem; }
.scale { display: flex; flex-direction: column; justify-content: space-between; height: 138px;
  margin-top: -3px; padding-bottom: 3px; text-align: right; color: var(--soft);
  font-size: .75rem; line-height: 1; font-variant-numeric: tabular-nums; }
svg { display: block; }
.grid { stroke: var(--edge); stroke-width: 1; }
.area { fill: transparent; }
.column:hover .area { fill: var(--edge); }
.bar { stroke: var(--box); stroke-width: 1; }
.mark { fill: var(--mark); } .bad { fill: var(--bad); }
.rest { fill: var(--rest); } .more-jobs { fill: var(--more); }
text { fill: var(--soft); font-size: .75rem; text-anchor: middle; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1rem; margin: .4rem 0 0; padding: 0;
  list-style: none; font-size: .8125rem; }
.legend svg { display: inline-block; margin-right: .4rem; }
details { margin-top: .6rem; font-size: .8125rem; }
summary { color: var(--soft); cursor: pointer; }
.table { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .15rem .5rem; text-align: right; border-top: 1px solid var(--edge); }
th { font-weight: 600; }
th:first-child { text-align: left; }
footer { margin-top: 1rem; color: var(--soft); font-size: .8125rem; }
form { display: grid; gap: .75rem; margin-top: 1rem; }
input, button { width: 100%; padding: .65rem .8rem; font: inherit; border-radius: 8px;
  color: var(--text); background: var(--ground); border: 1px solid var(--rest); }
button { border: 0; color: var(--box); background: var(--mark); font-weight: 600;
  cursor: pointer; }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
"""

_LOGO = """<svg width="44" height="22" viewBox="0 0 64 32" aria-hidden="true">
<g class="mark"><rect x="0" y="12" width="5" height="8" rx="2.5"/>
<rect x="10" y="6" width="5" height="20" rx="2.5"/>
<rect x="20" y="1" width="5" height="30" rx="2.5"/>
<rect x="30" y="8" width="5" height="16" rx="2.5"/>
<rect x="40" y="13" width="5" height="6" rx="2.5"/>
<rect x="50" y="14" width="5" height="4" rx="2"/></g></svg>"""

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">$refresh
<link rel="icon" href="data:,">
<title>$title</title>
<style>$style</style>
</head>
<body>
$body
</body>
</html>
""")

_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
    "img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Check:
    """One thing that is as it should be, or is not, in a word or two."""

    name: str
    words: str
    well: bool


@dataclass(frozen=True)
class Figure:
    """A number with its meaning, and what else there is to say of it."""

    name: str
    value: str
    more: str


@dataclass(frozen=True)
class Chart:
    """A picture of the last hours with its meaning; `summary` says the same in a sentence."""

    title: str
    meaning: str
    summary: str
    series: Sequence[Series]


@dataclass(frozen=True)
class Status:
    """Everything that the page tells. `hours`: when each column of the charts begins, in UTC."""

    now: datetime
    version: str
    up: timedelta
    checks: Sequence[Check]
    draining: bool
    figures: Sequence[Figure]
    hours: Sequence[datetime]
    charts: Sequence[Chart]
    footnotes: Sequence[str]
    notices: Sequence[str] = ()


def page(status: Status) -> str:
    """Return the page."""
    amiss = [check.name for check in status.checks if not check.well]
    title = _headline(amiss, draining=status.draining, warned=bool(status.notices))
    figures = "".join(map(_figure, status.figures))
    charts = "".join(_chart(chart, status.hours) for chart in status.charts)
    notes = " ".join(map(escape, status.footnotes))
    notices = "".join(map(_notice, status.notices))
    body = (
        f"<main><header>{_LOGO}<h1>Foley</h1><p>Version {escape(status.version)}, up for "
        f"{span(status.up)}, as of {status.now:%H:%M:%S} UTC</p></header>{notices}"
        f'<section class="box state" aria-label="State"><strong{" class=alarm" * bool(amiss)}>'
        f"{escape(title)}</strong><ul>{''.join(map(_check, status.checks))}</ul></section>"
        f'<dl class="figures">{figures}</dl><div class="charts">{charts}</div>'
        f"<footer>{notes}</footer></main>"
    )
    return _whole(f"{title} - Foley", body, f'\n<meta http-equiv="refresh" content="{REFRESH}">')


def form(words: str = "") -> str:
    """Return the page that asks for the token; `words`: what was wrong with the last one."""
    told = f'<p class="alarm" role="alert">{escape(words)}</p>' if words else ""
    body = (
        f'<main class="narrow"><div class="box">{_LOGO}<h1>Status of Foley</h1>{told}'
        '<form method="post" action="/status"><input name="username" value="foley" '
        'autocomplete="username" hidden><label for="token">The token of METRICS_TOKEN'
        '</label><input id="token" name="token" type="password" required autofocus '
        'autocomplete="current-password"><button>Show the status</button></form></div></main>'
    )
    return _whole("Status of Foley", body)


def span(time: timedelta) -> str:
    """Say how long that is, in its two largest units."""
    seconds = max(0, int(time.total_seconds()))
    sizes = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))
    parts = []
    for unit, size in sizes:
        count, seconds = divmod(seconds, size)
        parts.append((count, unit))
    first = next((place for place, (count, _) in enumerate(parts) if count), len(parts) - 1)
    return " ".join(f"{count} {unit}" for count, unit in parts[first : first + 2] if count) or "0 s"


def _whole(title: str, body: str, refresh: str = "") -> str:
    return _PAGE.substitute(title=escape(title), style=_STYLE, body=body, refresh=refresh)


def _headline(amiss: Sequence[str], *, draining: bool, warned: bool) -> str:
    if draining:
        return "Draining: it is about to end"
    if amiss:
        return f"Not well: {', '.join(amiss)}"
    return "At work, with a warning" if warned else "All is well"


def _notice(words: str) -> str:
    return (
        '<p class="box notice amiss" role="note"><span class="sign" aria-hidden="true">!</span> '
        f"{escape(words)}</p>"
    )


def _check(check: Check) -> str:
    style, sign = ("well", "✓") if check.well else ("amiss", "✕")
    return (
        f'<li class="{style}"><span class="sign" aria-hidden="true">{sign}</span> '
        f"{escape(check.name)} {escape(check.words)}</li>"
    )


def _figure(figure: Figure) -> str:
    return (
        f'<div class="box"><dt>{escape(figure.name)}</dt><dd class="value">{escape(figure.value)}'
        f'</dd><dd class="more">{escape(figure.more)}</dd></div>'
    )


def _chart(chart: Chart, hours: Sequence[datetime]) -> str:
    sums = map(sum, zip(*(each.values for each in chart.series), strict=True))
    top = ceiling(max(sums, default=0.0))
    picture = bars(chart.series, [*_titles(chart, hours)], [*_ticks(hours)], chart.summary)
    return (
        f'<figure class="box"><figcaption><h2>{escape(chart.title)}</h2>'
        f'<p>{escape(chart.meaning)}</p></figcaption><div class="plot">'
        f'<div class="scale" aria-hidden="true"><span>{top:,g}</span><span>{top / 2:,g}</span>'
        f'<span>0</span></div>{picture}</div><ul class="legend">'
        f"{''.join(map(_legend, chart.series))}</ul>{_table(chart, hours)}</figure>"
    )


def _legend(series: Series) -> str:
    swatch = '<svg width="10" height="10" aria-hidden="true">'
    swatch += f'<rect class="{series.style}" width="10" height="10" rx="2"/></svg>'
    return f"<li>{swatch}{escape(series.name)}</li>"


def _titles(chart: Chart, hours: Sequence[datetime]) -> Iterator[str]:
    for number, hour in enumerate(hours):
        said = [f"{each.values[number]:,g} {each.name}" for each in chart.series]
        yield f"{hour:%H:%M}: {', '.join(said)}"


def _ticks(hours: Sequence[datetime]) -> Iterator[Tick]:
    for number, hour in enumerate(hours):
        if hour.hour % 6 == 0 and 0 < number < len(hours) - 1:
            yield Tick(number, f"{hour:%H:%M}")


def _table(chart: Chart, hours: Sequence[datetime]) -> str:
    heads = "".join(f'<th scope="col">{escape(each.name)}</th>' for each in chart.series)
    rows = "".join(
        f'<tr><th scope="row">{hour:%H:%M}</th>'
        + "".join(f"<td>{each.values[number]:,g}</td>" for each in chart.series)
        + "</tr>"
        for number, hour in enumerate(hours)
    )
    return (
        '<details><summary>The figures</summary><div class="table"><table><thead><tr>'
        f'<th scope="col">Hour (UTC)</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>'
        "</details>"
    )
