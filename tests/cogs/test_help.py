"""/help: what can be done here, and what becomes of what people write."""

from pathlib import Path

from bot.netmind.catalog import Catalog
from storage.routes import Route
from tests.cogs.layouts import shown, walk
from tests.world import World, open_world


async def explained(world: World) -> str:
    answer = await world.type(world.mira, "help")
    assert answer.ephemeral
    return shown(answer.response)


async def test_it_names_the_commands_the_models_and_their_licences(world: World) -> None:
    text = await explained(world)
    for command in world.mira.available_commands(world.channel):
        if command not in {"help", "Remix"}:
            assert f"`/{command.split()[0]}`" in text
    assert "**MMAudio** `/audio` · usually takes 30 s" in text
    assert "**HunyuanVideo** `/video` · usually takes 10 min" in text
    assert "CC-BY-NC" in text
    assert "under Apps: `Remix`" in text


async def test_it_says_who_made_it_what_is_kept_and_which_version_runs(world: World) -> None:
    text = await explained(world)
    assert "made by AI" in text
    assert "not your name" in text
    assert "Foley 0." in text


async def test_it_says_where_results_go_here(world: World) -> None:
    assert "into the channel where you ask" in await explained(world)
    await world.app.client.services.choices.choose(
        world.guild.id, route=Route.GALLERY, gallery_id=world.channel.id
    )
    assert f"into the gallery: <#{world.channel.id}>" in await explained(world)
    answer = await world.mira.user.slash("help")
    assert "Here it comes" not in shown(answer.response)


async def test_times_are_learnt_from_what_was_made(world: World) -> None:
    for number in range(3):
        await world.ask("rain", duration=1)
        await world.until_ended(number + 1, step=20)
    world.move(61)  # what was known before is believed for a minute
    assert "**MMAudio** `/audio` · usually takes 20 s" in await explained(world)


async def test_the_largest_catalogue_fits(tmp_path: Path) -> None:
    """Discord takes 40 parts and 4,000 characters."""
    models = Catalog.load().models
    many = Catalog(
        tuple(
            model.model_copy(
                update={
                    "key": f"m{number}",
                    "kind": f"{model.kind}-{number}",
                    "title": "*" * 100,
                    "licence": "_" * 500,
                }
            )
            for number in range(25)
            for model in models
        )
    )
    async with open_world(tmp_path, catalog=many) as world:
        answer = await world.type(world.mira, "help")
        assert len(shown(answer.response)) < 4000
        assert len(list(walk(answer.response.components))) <= 40
        assert "…" in shown(answer.response)
