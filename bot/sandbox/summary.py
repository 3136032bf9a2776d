"""The end of the demo: the files as people got them, and what NetMind was asked."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from bot import text
from bot.media.probe import Probe, probe
from bot.sandbox.discord import SandboxDiscord
from bot.sandbox.faults import Operation
from bot.sandbox.netmind import SandboxNetmind
from storage.deliveries import Delivery
from storage.jobs import Job

_CALLS: tuple[Operation, ...] = ("create", "get", "list", "delete")


@dataclass(frozen=True)
class SavedFile:
    """A result on this machine's disk, and what it is."""

    job: Job
    path: Path
    probe: Probe


def save_results(
    discord: SandboxDiscord, ended: list[tuple[Job, Delivery]], folder: Path
) -> list[SavedFile]:
    """Save the posted files into the folder and probe them."""
    folder.mkdir(exist_ok=True)
    saved = []
    for job, delivery in ended:
        message = discord.message(delivery.message_id or 0)
        for number, attachment in enumerate(message.attachments if message else []):
            path = folder / attachment.filename
            path.write_bytes(discord.file(attachment))
            if not number:  # beside a sound stands a picture of it
                saved.append(SavedFile(job, path, probe(path)))
    return saved


def print_files(console: Console, files: list[SavedFile]) -> None:
    """Print each file's path, size, length and codecs."""
    console.print("\nPosted in the channel, and saved here as people get it:")
    for file in files:
        facts = f"{text.size(file.probe.size)}, {file.probe.seconds:.1f} s, {_what(file.probe)}"
        console.print(f"  [bold]{escape(str(file.path))}[/]\n      {facts}", soft_wrap=True)


def _what(found: Probe) -> str:
    parts = []
    if found.video_codec:
        rate = found.frames_per_second or 0
        parts.append(f"{found.video_codec}, {found.width}x{found.height}, {rate:.0f} frames/s")
    if found.audio_codec:
        parts.append(f"{found.audio_codec}, {found.sample_rate} Hz")
    return ", ".join(parts)


def print_calls(console: Console, netmind: SandboxNetmind) -> None:
    """Print how often each of the API's four calls was made."""
    made = Counter(call.operation for call in netmind.ledger)
    counts = ", ".join(f"{name} {made[name]}" for name in _CALLS)
    verdict = (
        "all four calls were made" if all(made[name] for name in _CALLS) else "NOT all were made"
    )
    console.print(f"NetMind was asked: {counts} ({verdict}).")
