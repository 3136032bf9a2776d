"""Whatever stands in a prompt, nothing in it works where the bot shows it."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import discord
import pytest

from tests.cogs.layouts import displays
from tests.world import World

HOSTILE = {
    "everyone": "@everyone look",
    "here": "@here look",
    "person": "<@{jonas}> and <@!{jonas}>",
    "role": "<@&{role}>",
    "channel": "<#{channel}>",
    "command": "</audio:1> <t:0:R> <:x:1> <a:x:1> <id:home>",
    "link": "https://evil.example/x and <https://evil.example>",
    "masked": "[free nitro](https://evil.example)",
    "invite": "discord.gg/evil and discord.com/invite/evil",
    "markup": "**b** *i* __u__ ~~s~~ ||p|| `c` ```py\nx\n```",
    "heading": "# big",
    "subtext": "-# small",
    "bullet": "- item",
    "number": "1. item",
    "quote": ">>> all",
    "lines": "a\nb\r\nc\u2028d\x0be",
    "zero width": "a\u200bb\u2060c\ufeffd",
    "turned": "abc\u202efed\u2066x\u2069",
    "backslashes": "\\**x\\** \\",
    "backticks": "```" * 100,
    "emoji": "👩‍👩‍👧‍👦" * 250,
    "long": "W" * 2000,
    "zalgo": "e" + "\u0301" * 1999,
    "marker": "job #1 · made by AI",
    "stars": "*" * 2000,
}

# Five of one person are under way at once.
TOGETHER = [tuple(HOSTILE)[at : at + 5] for at in range(0, len(HOSTILE), 5)]

# What Discord reads as something when no backslash stands before it.
WORKS = re.compile(
    r"(?<!\\)(?:\\\\)*(?:@everyone|@here|<[@#:/at]|https?://|\[[^\]]*\]\(|[*_~`]|\|\|"
    r"|discord\.gg/|discord(?:app)?\.com/invite/)"
)


def texts(message: discord.Message) -> Iterator[tuple[str, int]]:
    """Yield each text of a message with Discord's limit of it."""
    yield message.content, 2000
    for embed in message.embeds:
        yield embed.title or "", 256
        yield embed.description or "", 4096
        yield embed.footer.text or "", 2048
        assert len(embed) <= 6000
        for field in embed.fields:
            yield str(field.name), 256
            yield str(field.value), 1024
    for said in displays(message):
        yield said, 4000


def without_ours(text: str, world: World) -> str:
    """Take away what we put there ourselves: mention, bold, jump link, times, small print."""
    for own in (
        rf"<@{world.mira.id}>",
        r"<t:\d+:R>",
        r"\]\(https://discord\.com/channels/[\d/]+\)",
        r"\*\*#\d+\*\*",
    ):
        text = re.sub(own, "", text)
    text = re.sub(r": \*\*(.*)\*\*$", r": \1", text, flags=re.MULTILINE)
    return re.sub(r"(?m)^(?:-# |> )", "", text)


async def prompts_of(world: World, names: Sequence[str]) -> list[str]:
    role = world.guild.create_role("team")
    ids = {"jonas": world.jonas.id, "role": role.id, "channel": world.channel.id}
    return [HOSTILE[name].format(**ids) for name in names]


def check(message: discord.Message, world: World) -> None:
    for text, limit in texts(message):
        assert len(text) <= limit
        formatted = {*displays(message), *(embed.description for embed in message.embeds)}
        if text is message.content or text in formatted:
            assert WORKS.search(without_ours(text, world)) is None, text
        assert not set(text) & set("\u200b\u202e\u2066\u2060\ufeff\u2028\x0b")
    assert not message.mention_everyone
    assert message.role_mentions == []
    assert {person.id for person in message.mentions} <= {world.mira.id}


@pytest.mark.parametrize("names", TOGETHER)
async def test_nothing_in_a_prompt_works_in_card_result_and_list(
    world: World, names: Sequence[str]
) -> None:
    for prompt in await prompts_of(world, names):
        await world.ask(prompt, duration=1, negative_prompt=prompt[:1000])
    await world.work()
    numbers = range(1, len(names) + 1)
    for number in numbers:
        check(await world.card(number), world)
    await world.until_ended(*numbers)

    for message in world.posts():
        check(message, world)
    results = world.results()
    assert len(results) == len(names)
    for result in results:
        (file,) = result.attachments
        assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,60}\.flac", file.filename)
    answers = [await world.type(world.mira, "job", id=number) for number in numbers]
    for answer in (*answers, await world.type(world.mira, "jobs")):
        check(answer.response.message, world)
    offered = await world.mira.autocomplete(world.channel, "job", "id", "")
    assert all(len(each["name"]) <= 100 for each in offered)


@pytest.mark.parametrize("names", TOGETHER)
async def test_nothing_in_a_prompt_works_in_a_failure(world: World, names: Sequence[str]) -> None:
    for prompt in await prompts_of(world, names):
        world.netmind.next_outcome("failed", prompt)
        await world.ask(prompt, duration=1)
        await world.work()
    await world.until_ended(*range(1, len(names) + 1))
    assert len(world.notices()) == len(names)
    for message in world.posts():
        check(message, world)


@pytest.mark.parametrize("start", ["# big", "-# small", "- item", "+ item", "1. item", "12) item"])
async def test_a_prompt_does_not_become_a_heading_or_a_list(world: World, start: str) -> None:
    """In the card it stands at the beginning of a line, behind the sign of a quote."""
    answer = await world.ask(start, duration=1)
    quoted = answer.response.embeds[0].description.split("\n")[0]
    assert quoted.startswith("> ")
    assert re.match(r"(?:#|-|\+|\d+[.)])", quoted.removeprefix("> ")) is None


async def test_the_longest_list_fits(world: World) -> None:
    for _ in range(5):
        await world.ask("*" * 2000, duration=1)
    await world.until_ended(*range(1, 6))
    answer = await world.type(world.mira, "jobs")
    check(answer.response.message, world)


async def test_what_is_shown_of_a_long_prompt_ends_in_an_ellipsis(world: World) -> None:
    answer: Any = await world.ask("wind " * 300, duration=1)
    assert "…" in answer.response.embeds[0].description
