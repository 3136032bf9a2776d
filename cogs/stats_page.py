"""How the figures of a guild look. Made from values, without I/O.

The words are text of the message, which can be in any language and is read out; the pictures
beside them have names, numbers and dates, and each is described for who cannot see it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date, format_skeleton
from discord import ui

from bot import messages, text
from bot.jobs.stats import Figures, Spread, Used
from bot.language import Language, Sentence
from bot.media import chart
from bot.media.chart import Range, Series
from bot.netmind.catalog import Catalog
from cogs.layouts import deaf_layout
from storage.states import JobState

_NAME_SHOWN = 60
# Discord takes no more of a description.
_ABOUT_LIMIT = 1024

_ENDS = {
    JobState.FINISHED: (chart.BLUE, "🟦", Sentence("done")),
    JobState.FAILED: (chart.ORANGE, "🟧", Sentence("failed")),
    JobState.CANCELLED: (chart.WHITE, "⬜", Sentence("cancelled")),
    JobState.REJECTED: (chart.YELLOW, "🟨", Sentence("not approved")),
}
_WAITED = (chart.YELLOW, "🟨", Sentence("waiting"))
_MADE = (chart.BLUE, "🟦", Sentence("being made"))


@dataclass(frozen=True)
class Picture:
    """A PNG, and what is in it in words."""

    name: str
    png: bytes
    about: str


@dataclass(frozen=True)
class Part:
    """Lines of text, and the picture below them if there is one."""

    lines: Sequence[str]
    picture: Picture | None = None


@dataclass
class StatsPage:
    """Puts figures into words and pictures in one language."""

    figures: Figures
    catalog: Catalog
    say: Language

    def parts(self) -> list[Part]:
        """Draw everything; takes a fraction of a second."""
        if not self.figures.count:
            return [self._nothing()]
        return list(self._parts())

    def _nothing(self) -> Part:
        say = self.say
        nothing = say(
            "Nobody has asked for anything here in this time. `/help` says what I can make."
        )
        return Part([self._title(), nothing, *self._small_print()])

    def _parts(self) -> Iterator[Part]:
        yield self._days()
        if self.figures.ended:
            yield self._ends()
        if any(used.waited or used.made for used in self.figures.used):
            yield self._times()
        yield self._hours()

    def _title(self) -> str:
        say = self.say
        return f"## 📊 {say('The last {count} days', count=len(self.figures.days))}"

    def _small_print(self) -> Iterator[str]:
        say = self.say
        first, last = (self._day(day) for day in (self.figures.days[0], self.figures.days[-1]))
        yield "-# " + say(
            "{first} to {last} by the clock of {time_zone}; today is not over yet.",
            first=first,
            last=last,
            time_zone=self.figures.time_zone,
        )

    # The parts

    def _days(self) -> Part:
        say, figures = self.say, self.figures
        most = max(figures.by_day)
        day = self._day(figures.days[figures.by_day.index(most)])
        asked = say.count(
            "{count} job was asked for.", "{count} jobs were asked for.", figures.count
        )
        told = f"{asked} {say('Most on {day}: {count}.', day=day, count=most)}"
        models = ", ".join(f"{self._name(used)}: {used.count}" for used in figures.used)
        picture = Picture(
            "days.png",
            chart.columns([*self._series()], self._labels()),
            f"{say('Jobs a day')}. {told} {models}",
        )
        return Part([self._title(), told, *self._small_print()], picture)

    def _series(self) -> Iterator[Series]:
        for used, colour in zip(self.figures.used, chart.SERIES, strict=False):
            shown = chart.REST if used.model is None else colour
            yield Series(self._drawn_name(used), shown, used.days)

    def _ends(self) -> Part:
        say, ended = self.say, self.figures.ended
        whole = sum(ended.values())
        told = {
            state: f"{say.say(words)} {ended[state]} ({chart.percent(ended[state], whole)})"
            for state, (_, _, words) in _ENDS.items()
            if state in ended
        }
        title = say("How they ended")
        lines = [
            f"### {title}",
            " · ".join(f"{_ENDS[state][1]} {words}" for state, words in told.items()),
        ]
        if left := self.figures.count - whole:
            lines.append(
                "-# " + say.count("{count} has not ended yet", "{count} have not ended yet", left)
            )
        png = chart.shares([(_ENDS[state][0], ended[state]) for state in told])
        return Part(lines, Picture("ends.png", png, f"{title}: {', '.join(told.values())}"))

    def _times(self) -> Part:
        say = self.say
        rows = [(used, [*_measured(used)]) for used in self.figures.used]
        told = [
            f"{self._name(used)}, {say.say(words)}: {self._spread(spread)}"
            for used, measured in rows
            for _, words, spread in measured
        ]
        png = chart.ranges(
            [
                (self._drawn_name(used), [_range(colour, spread) for colour, _, spread in measured])
                for used, measured in rows
                if measured
            ]
        )
        title = say("How long it took")
        legend = " · ".join(f"{emoji} {say.say(words)}" for _, emoji, words in (_WAITED, _MADE))
        explained = say(
            "Half of them took no longer than the first time, 95 of 100 no longer than the second."
        )
        about = f"{title}. {'. '.join(told)}"
        return Part([f"### {title}", legend, f"-# {explained}"], Picture("times.png", png, about))

    def _spread(self, spread: Spread) -> str:
        say = self.say
        return say(
            "half within {median}, 95 of 100 within {late}",
            median=text.seconds(spread.median),
            late=text.seconds(spread.late),
        )

    def _hours(self) -> Part:
        say, figures = self.say, self.figures
        title = say("Hours of the day")
        told = say("Most was asked for at {hours}.", hours=spans(figures.busiest))
        busy = [count if hour in figures.busiest else 0 for hour, count in enumerate(figures.hours)]
        rest = [every - shown for every, shown in zip(figures.hours, busy, strict=True)]
        series = [Series("", chart.REST, rest), Series("", chart.BLUE, busy)]
        labels = ["" if hour % 6 else f"{hour}:00" for hour in range(24)]
        picture = Picture("hours.png", chart.columns(series, labels), f"{title}. {told}")
        return Part([f"### {title}", told], picture)

    # Words

    def _day(self, day: date) -> str:
        return format_date(day, "medium", locale=self.say.code)

    def _labels(self) -> list[str]:
        """Write the days as short as can be drawn: Nov 22, or 11/22."""
        for skeleton in ("MMMd", "Md"):
            labels = [
                format_skeleton(skeleton, day, locale=self.say.code) for day in self.figures.days
            ]
            if all(map(chart.drawable, labels)):
                return labels
        return [f"{day:%m-%d}" for day in self.figures.days]

    def _name(self, used: Used) -> str:
        say = self.say
        if used.model is None:
            return say("others")
        model = self.catalog.get(used.model)
        return text.visible(say.word(model.title) if model else used.model, _NAME_SHOWN)

    def _drawn_name(self, used: Used) -> str:
        """Return the name if it can be drawn, else the model's key, which always can."""
        name = self._name(used)
        return name if chart.drawable(name) else (used.model or "...")


def _measured(used: Used) -> Iterator[tuple[int, Sentence, Spread]]:
    for (colour, _, words), spread in ((_WAITED, used.waited), (_MADE, used.made)):
        if spread is not None:
            yield colour, words, spread


def _range(colour: int, spread: Spread) -> Range:
    labels = str(text.seconds(spread.median)), str(text.seconds(spread.late))
    return Range(colour, spread.median, spread.late, labels)


def spans(hours: Sequence[int]) -> str:
    """Say hours of the day, those that follow each other as one: 8:00-9:00, 19:00-22:00."""
    begins = [hour for hour in hours if hour - 1 not in hours]
    ends = [hour + 1 for hour in hours if hour + 1 not in hours]
    return ", ".join(f"{begin}:00-{end}:00" for begin, end in zip(begins, ends, strict=True))


def layout(parts: Sequence[Part]) -> ui.LayoutView:
    """Lay the parts out below each other; their pictures are sent along by their names."""
    box: ui.Container[ui.LayoutView] = ui.Container(accent_colour=int(messages.Colour.MAKING))
    for part in parts:
        box.add_item(ui.TextDisplay("\n".join(part.lines)))
        if part.picture is not None:
            gallery: ui.MediaGallery[ui.LayoutView] = ui.MediaGallery()
            about = text.shorten(part.picture.about, _ABOUT_LIMIT)
            gallery.add_item(media=f"attachment://{part.picture.name}", description=about)
            box.add_item(gallery)
    return deaf_layout(box)
