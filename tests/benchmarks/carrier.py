"""The least that carries a file from a link to a channel: aiohttp alone, piece by piece.

It reads one JSON line (`post`: where to, `token`, `links`, `whole`), carries the first link's file,
says `ready`, waits for a line, carries the others one after the other, says `done`, and waits for
the end of stdin. `whole`: each file is held in memory, as most bots do it.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

_PIECE = 64 * 1024


async def carry(session: aiohttp.ClientSession, link: str, facts: dict[str, Any]) -> None:
    """Post the file behind a link."""
    async with session.get(link) as response:
        form = aiohttp.FormData(quote_fields=False)
        form.add_field("payload_json", json.dumps({"content": "here"}))
        body = await response.read() if facts["whole"] else _pieces(response)
        form.add_field("files[0]", body, filename="sound.flac", content_type="audio/flac")
        headers = {"Authorization": f"Bot {facts['token']}"}
        async with session.post(facts["post"], data=form, headers=headers) as answer:
            answer.raise_for_status()
            await answer.read()


async def _pieces(response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    async for piece in response.content.iter_chunked(_PIECE):
        yield piece


async def main() -> None:
    facts = json.loads(sys.stdin.readline())
    first, *rest = facts["links"]
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(None)) as session:
        await carry(session, first, facts)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        for link in rest:
            await carry(session, link, facts)
        sys.stdout.write("done\n")
        sys.stdout.flush()
        sys.stdin.readline()


if __name__ == "__main__":
    asyncio.run(main())
