"""Every language says everything, and Discord takes what it says."""

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, Mock

import pytest
from babel.messages.catalog import Catalog as Words

from bot import language as languages
from bot.buttons import on_failure, on_result
from bot.errors import Refusal
from bot.jobs import form
from bot.language import (
    ENGLISH,
    Language,
    Sentence,
    fingerprint,
    language,
    spoken,
    to_discord,
)
from bot.netmind.catalog import Catalog
from bot.netmind.model import Model
from bot.translator import Translator
from cogs import modal
from cogs.preferences import PreferencesCog
from storage.people import Preferences
from tests.cogs.layouts import walk
from tests.cogs.test_studio import moderator
from tests.cogs.test_user_install import tell_otherwise
from tests.jobs.makers import a_job
from tests.languages import (
    CODES,
    Entry,
    command_tree,
    entries,
    every_model,
    in_code,
    main,
    paths,
    payloads,
    read,
    written,
)
from tests.translations import Path as Names
from tests.translations import crowding, misfits, problems
from tests.world import World, open_world, sketch

# Every letter has an accent, so whatever has none was not said by way of the file.
_PLAIN = "abcdefghijklmnopqrstuvwxyz"
_ACCENTS = str.maketrans(
    _PLAIN + _PLAIN.upper(), "áƀćďéḟǵĥíĵķĺḿńóṕʠŕśťúṽẃẋýźÁɃĆĎÉḞǴĤÍĴĶĹḾŃÓṔɊŔŚŤÚṼẂẊÝŹ"
)
ACCENTED = "de"

Name = tuple[str | None, str]
"""A context and a text."""


def accented(text: str) -> str:
    parts = re.split(r"(\{[^}]*\})", text)
    return "".join(each if each[:1] == "{" else each.translate(_ACCENTS) for each in parts)


def said_in(words: Words, entry: Entry) -> str | tuple[str, ...]:
    if entry.many is None:
        return accented(entry.text)
    forms = [entry.text, entry.many][-words.num_plurals :]
    return tuple(map(accented, forms))


@pytest.fixture(scope="module")
def wanted() -> Mapping[Entry, Sequence[str]]:
    return entries()


@pytest.fixture(scope="module")
def every_path() -> list[Names]:
    return paths(asyncio.run(command_tree()))


@pytest.fixture
def words(wanted: Mapping[Entry, Sequence[str]]) -> Words:
    """Return everything in a language that is English with accents."""
    found = Words(ACCENTED)
    for entry in wanted:
        ids = (entry.text, entry.many) if entry.many else entry.text
        found.add(ids, said_in(found, entry), context=entry.context)
    return found


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Return what has the bot look for its languages in another folder."""

    def move(folder: Path) -> None:
        monkeypatch.setattr(languages, "LOCALES", folder)
        _forget()

    yield move
    _forget()


def _forget() -> None:
    spoken.cache_clear()
    language.cache_clear()
    fingerprint.cache_clear()


def put(folder: Path, words: Words, wanted: Mapping[Entry, Sequence[str]]) -> Path:
    path = folder / f"{words.locale}.po"
    path.write_text(written(str(words.locale), words, wanted), "utf-8")
    return path


@pytest.fixture(params=["our files", "accents"])
def codes(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    words: Words,
    wanted: Mapping[Entry, Sequence[str]],
    at: Callable[[Path], None],
) -> Sequence[str]:
    """Return the languages there are: those of our files, or the one with the accents."""
    if request.param == "accents":
        folder = tmp_path / "locales"
        folder.mkdir()
        put(folder, words, wanted)
        at(folder)
        assert spoken() == (ENGLISH, ACCENTED)
    return spoken()


# What stands in the files


@pytest.mark.parametrize("code", CODES)
def test_each_file_says_everything_as_it_should(
    code: str, wanted: Mapping[Entry, Sequence[str]], every_path: list[Names]
) -> None:
    path = languages.LOCALES / f"{code}.po"
    assert problems(read(path, code), wanted, every_path) == []


def test_nothing_is_wrong_with_the_accents(
    words: Words, wanted: Mapping[Entry, Sequence[str]], every_path: list[Names]
) -> None:
    """Else the spoiled files below would be refused for that."""
    assert problems(words, wanted, every_path) == []


@pytest.mark.parametrize(
    ("text", "said", "problem"),
    [
        ("Stop", "", "is not translated"),
        (("{n} cat", "{n} cats"), ("{n} ćáť", ""), "is not translated"),
        ("At {when}", "Áť", "other names in its braces"),
        ("At {when}", "Áť {ẃĥéń}", "other names in its braces"),
        ("At {when}", "Áť {when", "a brace that is not closed"),
        (("{n} cat", "{n} cats"), ("{n} ćáť", "ćáťś"), "other names in its braces"),
        ("-# Smaller: {size}.", "#- {size}", "does not begin with the same mark"),
        ("- one", "óńé", "does not begin with the same mark"),
        ("Go: **{where}**", "Ǵó: *{where}*", "has not as many '**'"),
        ("Say `so`.", "Śáý śó.", "has not as many '`'"),
        ("[Watch]({link})", "[Ẃáťćĥ] ({link})", "has not as many ']('"),
        ("In {channel}.", "Íń <{channel}>.", "has not as many '<'"),
        ("⏳ in the queue", "íń ťĥé ʠúéúé", "has other pictures"),
        ("Stop", "Śťóṕ ", "other spaces at its ends"),
        ("None. /jobs lists all.", "Ńóńé. /jobs ĺíśťś áĺĺ.", "should have /ĵóƀś 1 times"),
        ("Kept. /job brings it.", "/ĵóƀś!", "should have /ĵóƀ 1 times"),
        ("None.", "Ńóńé. /ĵóƀś!", "should have /ĵóƀś 0 times"),
        (
            "Name it: /studio results gallery.",
            "/śťúďíó ŕéśúĺťś gallery.",
            "should have /śťúďíó ŕéśúĺťś ǵáĺĺéŕý 1 times",
        ),
        ("With `private: True`", "`private: Ťŕúé`", "should have `ṕŕíṽáťé:`"),
    ],
)
def test_what_is_wrong_in_a_file_is_found(
    *, words: Words, every_path: list[Names], text: Any, said: Any, problem: str
) -> None:
    entry = Entry(text) if isinstance(text, str) else Entry(*text)
    words.add(text, said_in(words, entry))
    assert problems(words, [entry], every_path) == []
    words[text].string = said
    found = problems(words, [entry], every_path)
    assert any(problem in each for each in found), found


def test_what_is_missing_or_fuzzy_in_a_file_is_found(
    words: Words, wanted: Mapping[Entry, Sequence[str]], every_path: list[Names]
) -> None:
    words["Cancel"].flags.add("fuzzy")
    words.delete("Again")
    words.delete("jobs", "command")
    assert {"'Cancel': is fuzzy", "'Again': is not there", "'jobs': is not there"} <= set(
        problems(words, wanted, every_path)
    )


# What Discord gets


async def test_discord_takes_the_commands_in_every_language(codes: Sequence[str]) -> None:
    told = await payloads(await command_tree(), Translator())
    for locale in ("en-US", *to_discord()):
        assert [*misfits(told, locale)] == [], locale
    if codes == (ENGLISH, ACCENTED):
        assert {text for each in told for text in _english_for(each, ACCENTED)} == set()


@pytest.mark.parametrize(
    ("context", "text", "said", "problem"),
    [
        ("command", "jobs", "Jobs", "'Jobs' cannot be a name"),
        ("command", "jobs", "my jobs", "'my jobs' cannot be a name"),
        ("command", "jobs", "a" * 33, "cannot be a name"),
        ("command", "jobs", "queue", "'queue' is the name of 2"),
        ("command", "jobs", "job", "'job' is the name of 2"),
        ("option", "search", "state", "'state' is the name of 2"),
        ("option", "search", "cafe\N{COMBINING ACUTE ACCENT}", "cannot be a name"),
        ("menu", "Remix", "R" * 33, "too long for a menu"),
        (None, "What this bot can do", "d" * 101, "the description of help is too long"),
        (None, "Under way", "u" * 101, "too long for a choice"),
        (None, "Under way", "Done", "'Done' is the name of 2"),
    ],
)
async def test_what_discord_would_refuse_of_the_commands_is_found(
    *,
    tmp_path: Path,
    at: Callable[[Path], None],
    context: str | None,
    text: str,
    said: str,
    problem: str,
) -> None:
    put(tmp_path, some({(context, text): said}), {Entry(text, context=context): ()})
    at(tmp_path)
    found = [*misfits(await payloads(await command_tree(), Translator()), ACCENTED)]
    assert any(problem in each for each in found), found


def some(said: Mapping[Name, str]) -> Words:
    found = Words(ACCENTED)
    for (context, text), words in said.items():
        found.add(text, words, context=context)
    return found


async def test_a_command_with_too_many_characters_is_found() -> None:
    long = {"name": "x", "description": "d", "options": []}
    assert [*misfits([long], "de")] == []
    options = [{"name": f"o{number}", "description": "d" * 99} for number in range(80)]
    (found,) = misfits([long | {"options": options}], "de")
    assert found == "x has more than 8000 characters"


@pytest.mark.parametrize("room", ["modal", "label", "button", "choice"])
def test_what_is_too_long_for_its_place_is_found(room: str) -> None:
    button = {"type": 2, "custom_id": "x", "label": "b" * 35}
    choice = {"type": 3, "custom_id": "x", "options": [{"label": "c" * 100, "value": "v"}]}
    label = {"type": 18, "label": "l" * 45, "component": {"type": 4, "custom_id": "x"}}
    bodies: dict[str, Any] = {
        "modal": {"type": 9, "data": {"title": "t" * 45, "components": []}},
        "label": {"type": 9, "data": {"components": [label]}},
        "button": {"components": [{"type": 17, "components": [{"type": 9, "accessory": button}]}]},
        "choice": {"type": 4, "data": {"components": [{"type": 1, "components": [choice]}]}},
    }
    assert len([*crowding(bodies[room])]) == 1


async def test_everything_that_is_shown_fits_and_is_said_in_every_language(
    codes: Sequence[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world(tmp_path, {"render": sketch}, catalog=every_model()) as world:
        emit = world.env.backend.emit
        for code in codes[1:] or codes:
            monkeypatch.setattr(world.env.backend, "emit", emit)
            tell_otherwise(world, locale=next(iter(locales(code))))
            bodies = [*await everything_shown(world), *result_buttons(code)]
            assert [problem for each in bodies for problem in crowding(each)] == [], code
            if codes == (ENGLISH, ACCENTED):
                assert {text for each in bodies for text in _unsaid(each)} == set()


def locales(code: str) -> list[str]:
    return [locale for locale, other in to_discord().items() if other == code] or ["en-US"]


def result_buttons(code: str) -> list[Any]:
    job = a_job(language=code)
    return [
        {"components": each.to_components()}
        for each in (on_result(job, sound=True), on_failure(job))
    ]


async def everything_shown(world: World) -> list[Any]:
    """Have the bot show what it can; return what it sent to Discord."""
    begin = len(world.env.http_requests)
    if not await world.jobs_made():
        await _life(world)
        await _forms(world)
    await world.ask("-", private=True)
    await world.forge(world.mira, "audio", prompt="-", duration=99, colour="-")
    for command in ("jobs", "queue"):
        await world.type(world.mira, command)
    await moderator(world).slash(world.channel, "studio show")
    await world.type(world.mira, "preferences")
    await world.type(world.mira, "job", id=2)
    helped: Any = await world.type(world.mira, "help")
    parts = [each["content"] for each in walk(helped.response.components) if each["type"] == 10]
    assert sum(map(len, parts[2:])) < 1100  # the rest is for commands and models
    return [each.json for each in world.env.http_requests[begin:] if each.json]


async def _life(world: World) -> None:
    """Have one job fail and the next one bring a result."""
    world.netmind.next_outcome("failed")
    for _ in range(2):
        await world.ask("-", duration=1)
    await world.until_ended(1, 2)


async def _forms(world: World) -> None:
    opened = await world.mira.click(world.results()[-1], custom_id="foley:remix:2")
    assert opened.modal is not None
    panel: Any = await world.type(world.mira, "preferences")
    for kind in world.catalog.kinds():
        await world.mira.click(panel.response, custom_id=f"foley:pref:usual:{kind}")


async def test_each_form_of_usual_options_fits_in_every_language(codes: Sequence[str]) -> None:
    for code in codes:
        for kind in every_model().kinds():
            shown = await usual_form(kind, code)
            assert [*crowding(shown)] == [], code


async def usual_form(kind: str, code: str) -> dict[str, Any]:
    """Return the form as somebody gets it who speaks this language."""
    choices, interaction = AsyncMock(), AsyncMock()
    choices.of_person.return_value = Preferences(language=code)
    cog: Any = PreferencesCog(Mock(services=Mock(choices=choices), catalog=every_model()))
    await cog._open_form(interaction, kind)
    sent: dict[str, Any] = interaction.response.send_modal.call_args.args[0].to_dict()
    return sent


def _english_for(thing: Any, locale: str) -> Iterator[str]:
    """Yield what has no words for a locale."""
    for what in ("name", "description"):
        if re.search("[a-z]", thing.get(what, "")) and locale not in thing[f"{what}_localizations"]:
            yield thing[what]
    for each in [*thing.get("options", []), *thing.get("choices", [])]:
        yield from _english_for(each, locale)


_SHOWN = {"content", "label", "title", "description", "name", "value", "text", "placeholder"}
# Mentions and times, links, commands, and what is called the same everywhere.
_NO_WORDS = re.compile(
    r"<[^>]*>|\]\(http[^)]*\)|`private: True`|`/job [^`]*`|English|Deutsch|MMAudio|-# Foley .*"
)


def _unsaid(body: Any, key: str = "") -> Iterator[str]:
    """Yield the words that are no language's: they have no accents."""
    if isinstance(body, str) and key in _SHOWN:
        yield from re.findall(r"[A-Za-z]{2,}", _NO_WORDS.sub("", body))
    for each in body if isinstance(body, list) else ():
        yield from _unsaid(each, key)
    if isinstance(body, dict):
        is_choice = "label" in body  # its value is read by nobody
        for inner, each in body.items():
            if not (is_choice and inner == "value"):
                yield from _unsaid(each, inner)


# Forms


def built(model: Model, models: Sequence[Model], options: Mapping[str, Any], say: Language) -> Any:
    return modal.build("", "x", form.fields(model, models, "rain", options), {}, say).to_dict()


def filled(built_form: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in a form, as its person would send it."""
    inputs = [label["component"] for label in built_form["components"]]
    return {each["custom_id"]: _chosen(each) or each.get("value", "") for each in inputs}


def _chosen(menu: Mapping[str, Any]) -> str:
    return "".join(each["value"] for each in menu.get("options", ()) if each.get("default"))


def test_a_form_is_read_as_it_was_shown_in_every_language(codes: Sequence[str]) -> None:
    """Each option in a field of its own or in a line with others, where models can be chosen."""
    models = every_model().models
    for code in codes:
        for model in models:
            options = {key: _some_value(option) for key, option in model.options.items()}
            turned = model.model_copy(update={"options": dict(reversed(model.options.items()))})
            for one in (model, turned):
                others = [one, *(each for each in models if each.key != one.key)]
                shown = built(one, others, options, language(code))
                assert [*crowding(shown)] == [], code
                asked = form.read(others, others[-1], filled(shown))
                assert asked == form.Request(one.key, "rain", options), code


def _some_value(option: Any) -> Any:
    if option.choices:
        return next(iter(option.choices))
    return {"integer": 3, "number": 2.5, "text": "a: b"}[option.type]


AUDIO, VIDEO = Catalog.load().models


@pytest.fixture
def german(tmp_path: Path, at: Callable[[Path], None]) -> Language:
    """Return German that knows a few words."""
    said: dict[Name, str] = {
        (None, "Other options"): "Weitere Angaben",
        (None, "negative prompt"): "nicht dabei",
        (None, "steps"): "Schritte",
        (None, "length"): "Länge",
        (None, "about 1 second"): "etwa 1 Sekunde",
        (None, "model"): "Modell",
        (None, "{name}: {value}"): "{name} : {value}",
        (None, "There is no option {name}. There are: {names}."): "{name}? Nur: {names}.",
        (None, "{option} must be one of: {choices}."): "{option}: {choices}.",
        (None, "Which model makes it (usually {model})"): "Welches Modell (sonst {model})",
        ("command", "jobs"): "aufträge",
        ("menu", "Remix"): "Umändern",
        ("option", "steps"): "schritte",
        ("option", "length"): "länge",
        (None, "{model} has no option {option}."): "{model}: kein {option}.",
    }
    put(tmp_path, some(said), {Entry(text, context=context): () for context, text in said})
    at(tmp_path)
    return language("de")


def test_a_form_is_in_its_readers_language(german: Language) -> None:
    labels = [each["label"] for each in built(AUDIO, [AUDIO, VIDEO], {}, german)["components"]]
    assert labels == ["Prompt", "Duration", "Nicht dabei", "Seed", "Weitere Angaben"]
    told = filled(built(AUDIO, [AUDIO, VIDEO], {"steps": 9}, german))
    assert told["others"] == "Modell : MMAudio\nSchritte : 9\nguidance : "
    turned = VIDEO.model_copy(update={"options": dict(reversed(VIDEO.options.items()))})
    told = filled(built(turned, [turned], {"length": "about 1 second"}, german))
    assert told["others"] == "nicht dabei : \nLänge : etwa 1 Sekunde\nshape : "


@pytest.mark.parametrize(
    ("others", "options"),
    [
        ("SCHRITTE: 5", {"steps": 5}),
        ("steps: 5", {"steps": 5}),
        ("Schritte\N{FULLWIDTH COLON} 5", {"steps": 5}),
        ("nicht  dabei: a\N{FULLWIDTH COLON}b", {"negative_prompt": "a\N{FULLWIDTH COLON}b"}),
        ("Negative_Prompt: a", {"negative_prompt": "a"}),
        ("Modell: HunyuanVideo\nLänge: Etwa 1 Sekunde", {"length": "about 1 second"}),
        ("model: HunyuanVideo\nLänge: about 1 second", {"length": "about 1 second"}),
    ],
)
def test_what_is_written_into_a_form_is_understood_in_the_language_and_in_english(
    german: Language, others: str, options: Mapping[str, Any]
) -> None:
    assert german.code == "de"
    asked = form.read([AUDIO, VIDEO], AUDIO, {"prompt": "rain", "others": others})
    assert asked.options == options
    assert asked.model == ("hunyuanvideo" if "length" in options else "mmaudio")


def test_what_is_refused_names_options_and_choices_in_the_language(german: Language) -> None:
    with pytest.raises(Refusal) as refused:
        form.read([AUDIO], AUDIO, {"prompt": "rain", "others": "Lautstärke: 11"})
    names = "duration, nicht dabei, seed, Schritte, guidance"
    assert refused.value.said(german) == f"lautstärke? Nur: {names}."
    problem = VIDEO.options["length"].problem("an hour")
    assert problem is not None
    assert german.say(problem).startswith("länge: etwa 1 Sekunde; about 2 seconds")
    (problem,) = AUDIO.model_copy(update={"options": {}}).problems("rain", {"steps": 1})
    assert german.say(problem) == "MMAudio: kein schritte."


# Discord's menus


async def test_names_are_translated_for_each_discord_that_speaks_the_language(
    german: Language,
) -> None:
    assert german.name("command", "jobs") == "aufträge"
    told = {each["name"]: each for each in await payloads(await command_tree(), Translator())}
    assert told["jobs"]["name_localizations"] == {"de": "aufträge"}
    assert told["Remix"]["name_localizations"] == {"de": "Umändern"}
    assert told["job"]["name_localizations"] == {}
    options = {each["name"]: each for each in told["audio"]["options"]}
    assert options["steps"]["name_localizations"] == {"de": "schritte"}
    assert options["model"]["description"] == "Which model makes it (usually MMAudio)"
    assert options["model"]["description_localizations"] == {"de": "Welches Modell (sonst MMAudio)"}


async def test_spanish_is_spoken_on_both_sides_of_the_ocean(
    tmp_path: Path, at: Callable[[Path], None]
) -> None:
    spanish = Words("es")
    spanish.add("queue", "cola", context="command")
    put(tmp_path, spanish, {Entry("queue", context="command"): ()})
    at(tmp_path)
    told = {each["name"]: each for each in await payloads(await command_tree(), Translator())}
    assert told["queue"]["name_localizations"] == {"es-ES": "cola", "es-419": "cola"}


@pytest.fixture
def folder(tmp_path: Path, at: Callable[[Path], None]) -> Path:
    """Return the empty folder in which the bot looks for its languages."""
    empty = tmp_path / "locales"
    empty.mkdir()
    at(empty)
    return empty


async def test_new_words_reach_discord_at_the_next_start_and_only_once(
    folder: Path, world: World, at: Callable[[Path], None]
) -> None:
    assert len(world.sent("PUT", "/commands")) == 1
    await world.restart()
    assert len(world.sent("PUT", "/commands")) == 1
    said: dict[Name, str] = {("command", "jobs"): "aufträge"}
    put(folder, some(said), {Entry("jobs", context="command"): ()})
    at(folder)  # and nothing of before is remembered
    for _ in range(2):
        await world.restart()
        _, sent = world.sent("PUT", "/commands")
    told: Any = sent.body
    (jobs,) = (each for each in told if each["name"] == "jobs")
    assert jobs["name_localizations"] == {"de": "aufträge"}


# Sentences


def test_a_row_of_words_is_said_word_by_word(german: Language) -> None:
    row = Sentence.row([Sentence("steps"), "steps", Sentence("{brace")], "; ")
    assert german.say(row) == "Schritte; steps; {brace"
    assert str(row) == "steps; steps; {brace"


def test_nothing_is_said_of_nothing(german: Language) -> None:
    """A file in gettext's form has its head under the empty text."""
    assert german.word("") == ""


# How the files are written


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('Sentence("a")', [Entry("a")]),
        ('Sentence.of("a {b}", b=1)', [Entry("a {b}")]),
        ('Sentence.count("one", "many", 3)', [Entry("one", "many")]),
        ('say.count("one", "many", len(found))', [Entry("one", "many")]),
        ("f\"- {say('a {b}', b=1)}\"", [Entry("a {b}")]),
        ('say("a " "b")', [Entry("a b")]),
        ('say.word("a")', [Entry("a")]),
        ('language(code)("a")', [Entry("a")]),
        ('say.say(words); Sentence(text); text.count("a")', []),
    ],
)
def test_every_sentence_in_the_code_is_found(code: str, found: list[Entry]) -> None:
    assert [*in_code(code)] == found


@pytest.mark.parametrize("code", ['say(f"a {b}")', 'Sentence("a" + b)', 'say("a" if b else "c")'])
def test_a_sentence_that_is_put_together_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="literally"):
        [*in_code(code)]


def test_everything_with_words_is_looked_at(wanted: Mapping[Entry, Sequence[str]]) -> None:
    for entry, file in {
        Entry("Cancel"): "bot/buttons.py",
        Entry("{count} job", "{count} jobs"): "cogs/history_page.py",
        Entry("MMAudio"): "bot/netmind/catalog.toml",
        Entry("negative prompt"): "bot/netmind/catalog.toml",
        Entry("a wise woman"): "docs/models.example.toml",
        Entry("negative_prompt", context="option"): "cogs/generate.py",
        Entry("studio", context="command"): "cogs/studio.py",
        Entry("results", context="command"): "cogs/studio.py",
        Entry("Add sound", context="menu"): "cogs/sound.py",
        Entry("Where results go"): "cogs/studio.py",
        Entry("in one gallery channel or forum"): "cogs/studio.py",
    }.items():
        assert file in wanted[entry]
    assert Entry("Which model makes it (usually MMAudio)") not in wanted


def test_a_file_keeps_its_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    old = Words("fr")
    old.add("kept", "gardé", user_comments=["as in a museum"])
    old.add("gone", "parti")
    old.add(("{n} cat", "{n} cats"), ("{n} chat", "{n} chats"))
    old.add(("{n} dog", "{n} hounds"), ("{n} chien", "{n} chiens"))
    wanted = {
        Entry("kept"): ["a.py"],
        Entry("kept", context="menu"): ["a.py"],
        Entry("{n} cat", "{n} cats"): ["a.py", "b.py"],
        Entry("{n} dog", "{n} dogs"): ["b.py"],
    }
    path = put(tmp_path, old, wanted)
    text = path.read_text("utf-8")
    assert text.endswith(
        """# as in a museum
#: a.py
msgid "kept"
msgstr "gardé"

#: a.py
msgctxt "menu"
msgid "kept"
msgstr ""

#: a.py b.py
#, python-brace-format
msgid "{n} cat"
msgid_plural "{n} cats"
msgstr[0] "{n} chat"
msgstr[1] "{n} chats"

#: b.py
#, python-brace-format
msgid "{n} dog"
msgid_plural "{n} dogs"
msgstr[0] ""
msgstr[1] ""
"""
    )
    assert "gone" not in text
    assert written("fr", read(path, "fr"), wanted) == text


@pytest.mark.parametrize(
    ("code", "forms"),
    [
        ("es", "nplurals=2; plural=(n != 1);"),
        ("pt_BR", "nplurals=2; plural=(n > 1);"),
        ("fr", "nplurals=2; plural=(n > 1);"),
        ("de", "nplurals=2; plural=(n != 1);"),
        ("ja", "nplurals=1; plural=0;"),
        ("ko", "nplurals=1; plural=0;"),
        ("zh_CN", "nplurals=1; plural=0;"),
    ],
)
def test_each_language_counts_in_its_own_way(code: str, forms: str) -> None:
    assert f'"Plural-Forms: {forms}\\n"' in written(code, Words(code), {})


def test_the_tool_writes_the_files_and_says_when_they_are_out_of_date(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--check", str(tmp_path)]) == 0
    assert main([str(tmp_path)]) == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(CODES)
    assert main(["--check", str(tmp_path)]) == 0
    assert capsys.readouterr().out == ""
    path = tmp_path / "ja.po"
    path.write_text(path.read_text("utf-8").replace('msgid "Cancel"', 'msgid "Stop"'), "utf-8")
    assert main(["--check", str(tmp_path)]) == 1
    assert "ja.po out of date: run `make words`" in capsys.readouterr().out
