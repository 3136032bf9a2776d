"""The links of finished generations, between the look that found them and the download.

They are kept in memory alone, because a link names the account; after a restart the courier asks
for them again.
"""

from bot.netmind.protocol import Generation, ResultFile


class Results:
    """Result files by generation id, until somebody takes them."""

    def __init__(self) -> None:
        self._files: dict[str, ResultFile] = {}

    def put(self, generation: Generation) -> None:
        """Keep the generation's first file."""
        if generation.results:
            self._files[generation.id] = generation.results[0]

    def take(self, generation_id: str) -> ResultFile | None:
        """Return the file and forget it, or None."""
        return self._files.pop(generation_id, None)
