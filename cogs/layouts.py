"""Private answers that are laid out in parts, which Discord allows instead of text and embeds."""

import discord
from discord import ui


def deaf_layout(*items: ui.Item[ui.LayoutView]) -> ui.LayoutView:
    """Return a view that the library need not remember: its clicks are known by their ids."""
    view = ui.LayoutView(timeout=None)
    for item in items:
        view.add_item(item)
    view.stop()
    return view


async def show(interaction: discord.Interaction, layout: ui.LayoutView) -> None:
    """Answer the person alone, or fill in the answer that was announced."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=layout)
    else:
        await interaction.response.send_message(view=layout, ephemeral=True)


async def change(interaction: discord.Interaction, layout: ui.LayoutView) -> None:
    """Put this in the place of the message with the button."""
    if interaction.response.is_done():
        await interaction.edit_original_response(view=layout)
    else:
        await interaction.response.edit_message(view=layout)
