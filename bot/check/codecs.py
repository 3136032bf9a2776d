"""The codecs that files are made to play with."""

from collections.abc import Collection

from bot.check.finding import Finding, ok, wrong

NEEDED = ("flac", "libx264", "aac", "libopus")


def look(there: Collection[str] | None = None) -> list[Finding]:
    """See whether a build of FFmpeg has all that are needed; None: the one that is installed."""
    has = _installed() if there is None else there
    missing = [name for name in NEEDED if name not in has]
    if missing:
        says = (
            f"This build of FFmpeg lacks {', '.join(missing)}. Install the packages of "
            "requirements.txt, whose av brings them."
        )
        return [wrong("codecs", says)]
    return [ok("codecs", f"{', '.join(NEEDED)} are there.")]


def _installed() -> Collection[str]:
    # It takes 17 MB, and a bot that runs leaves all such work to a child process.
    import av  # noqa: PLC0415

    return av.codecs_available
