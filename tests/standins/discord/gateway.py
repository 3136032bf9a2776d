"""The gateway: sessions, the events they have seen, and the sockets they come and go by."""

import asyncio
import json
import secrets
import zlib
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from aiohttp import WSMsgType, web

from tests.standins.discord import wire
from tests.standins.discord.identity import gateway_url
from tests.standins.discord.ledger import Ledger
from tests.standins.discord.tasks import Tasks, end_all, in_hand
from tests.standins.discord.world import JSON, World


class Op(IntEnum):
    """What a frame is about."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE_STATE = 4
    RESUME = 6
    RECONNECT = 7
    REQUEST_MEMBERS = 8
    INVALID_SESSION = 9
    HELLO = 10
    ACK = 11


UNKNOWN_OPCODE, NOT_IDENTIFIED, WRONG_TOKEN, WRONG_SEQUENCE = 4001, 4003, 4004, 4007
ALREADY_IDENTIFIED, WRONG_SHARD = 4005, 4010
DELIBERATE = {1000, 1001}
"""Close codes by which a bot gives its session up."""


class Connection:
    """One websocket, compressed when the bot asked for `zlib-stream`.

    A bot that asks for zstd gets text instead: discord.py takes either at any time.
    """

    def __init__(self, socket: web.WebSocketResponse, compress: str | None) -> None:
        self.socket = socket
        self.session: Session | None = None
        self.closed_with: int | None = None
        """The code by which this side closed, if it did."""
        self._compressor = zlib.compressobj() if compress == "zlib-stream" else None
        self._lock = asyncio.Lock()

    async def send(self, op: int, data: Any = None, **rest: Any) -> None:
        text = json.dumps({"op": op, "d": data, "t": None, "s": None} | rest)
        async with self._lock:
            if self.socket.closed:
                return
            try:
                await self._write(text)
            except ConnectionError:
                return  # the session keeps the event for a RESUME

    async def close(self, code: int) -> None:
        self.closed_with = code
        await self.socket.close(code=code)

    async def _write(self, text: str) -> None:
        if self._compressor is None:
            await self.socket.send_str(text)
            return
        packed = self._compressor.compress(text.encode())
        await self.socket.send_bytes(packed + self._compressor.flush(zlib.Z_SYNC_FLUSH))


@dataclass
class Session:
    """What one IDENTIFY began; it outlives its socket until the bot gives it up."""

    shard: int
    shards: int
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    seq: int = 0
    events: list[tuple[int, str, JSON]] = field(default_factory=list)
    connection: Connection | None = None

    def covers(self, guild_id: int | None) -> bool:
        """Direct messages belong to shard 0."""
        return self.shard == (0 if guild_id is None else (guild_id >> 22) % self.shards)


class Gateway:
    """All sessions of the bot: every one of a shard receives each of its events."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self.world = world
        self.ledger = ledger
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.refuse_identify_with: list[int] = []
        self.admitting = asyncio.Event()
        self.admitting.set()
        self._serving: Tasks = set()

    async def publish(self, event: str, data: JSON, guild_id: int | None) -> int:
        """Give an event to all sessions of its shard; says how many are there to hear it now."""
        heard = 0
        for session in [s for s in self.sessions.values() if s.covers(guild_id)]:
            heard += session.connection is not None
            await self._dispatch(session, event, data)
        return heard

    async def _dispatch(self, session: Session, event: str, data: JSON) -> None:
        session.seq += 1
        seq = session.seq
        session.events.append((seq, event, data))
        live = session.connection is not None
        detail = {"event": event, "session": session.id, "shard": session.shard, "live": live}
        about = int(data["id"]) if event == "INTERACTION_CREATE" else None
        self._note("event", interaction_id=about, detail=detail)
        if session.connection is not None:
            await session.connection.send(Op.DISPATCH, data, t=event, s=seq)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Keep one connection from HELLO to close."""
        with in_hand(self._serving):
            await self.admitting.wait()
            return await self._serve(request)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(timeout=1.0, max_msg_size=0)
        await socket.prepare(request)
        connection = Connection(socket, request.query.get("compress"))
        self.connections.add(connection)
        self._note("open")
        interval = int(self.world.settings.heartbeat_interval * 1000)
        await connection.send(Op.HELLO, {"heartbeat_interval": interval})
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await self._receive(connection, json.loads(message.data))
        finally:
            self._leave(connection)
        return socket

    def _leave(self, connection: Connection) -> None:
        """Keep the session of a bot that did not say goodbye: it waits for a RESUME."""
        self.connections.discard(connection)
        session, ours = connection.session, connection.closed_with
        code = ours or connection.socket.close_code
        if session is not None and session.connection is connection:
            session.connection = None
            if ours is None and code in DELIBERATE:
                self.sessions.pop(session.id, None)
        self._note(
            "close",
            detail={"code": code, "ours": ours is not None, "session": session and session.id},
        )

    async def _receive(self, connection: Connection, message: JSON) -> None:
        data = message.get("d")
        match message.get("op"):
            case Op.HEARTBEAT:
                if self.world.settings.heartbeat_acks:
                    await connection.send(Op.ACK)
            case Op.IDENTIFY:
                await self._identify(connection, data or {})
            case Op.RESUME:
                await self._resume(connection, data or {})
            case Op.PRESENCE | Op.VOICE_STATE | Op.REQUEST_MEMBERS:
                if connection.session is None:
                    await connection.close(NOT_IDENTIFIED)
            case _:
                await connection.close(UNKNOWN_OPCODE)

    async def _identify(self, connection: Connection, data: JSON) -> None:
        shard, shards = data.get("shard") or (0, 1)
        self.world.identifies += 1
        self._note("identify", detail={"shard": [shard, shards], "intents": data.get("intents")})
        code = self._refusal(connection, data, shard, shards)
        if code is not None:
            await connection.close(code)
            return
        session = Session(shard, shards, connection=connection)
        self.sessions[session.id] = connection.session = session
        await self._welcome(session)

    def _refusal(self, connection: Connection, data: JSON, shard: int, shards: int) -> int | None:
        """Return the close code for an IDENTIFY that is not accepted."""
        if self.refuse_identify_with:
            return self.refuse_identify_with.pop(0)
        if data.get("token") != self.world.token:
            return WRONG_TOKEN
        if connection.session is not None:
            return ALREADY_IDENTIFIED
        return None if 0 <= shard < shards else WRONG_SHARD

    async def _welcome(self, session: Session) -> None:
        """READY, then every guild of the shard."""
        guilds = [g for g in self.world.guilds.values() if g.bot_member and session.covers(g.id)]
        ready = {
            "v": 10,
            "user": wire.me(self.world),
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": gateway_url(self.world),
            "shard": [session.shard, session.shards],
            "application": {"id": str(self.world.application_id), "flags": 0},
        }
        await self._dispatch(session, "READY", ready)
        for guild in guilds:
            await self._dispatch(session, "GUILD_CREATE", wire.guild_create(self.world, guild))

    async def _resume(self, connection: Connection, data: JSON) -> None:
        """Replay what the bot missed, in order, then go on live."""
        session = self.sessions.get(data.get("session_id") or "")
        heard = data.get("seq") or 0
        if data.get("token") != self.world.token:
            await connection.close(WRONG_TOKEN)
        elif session is None:
            self._note("resume", detail={"accepted": False})
            await connection.send(Op.INVALID_SESSION, data=False)
        elif heard > session.seq:
            await connection.close(WRONG_SEQUENCE)
        else:
            await self._replay(session, connection, heard)

    async def _replay(self, session: Session, connection: Connection, heard: int) -> None:
        position = next((i for i, e in enumerate(session.events) if e[0] > heard), None)
        replayed = 0
        while position is not None and position < len(session.events):
            seq, event, data = session.events[position]
            await connection.send(Op.DISPATCH, data, t=event, s=seq)
            position, replayed = position + 1, replayed + 1
        session.connection, connection.session = connection, session
        detail = {"accepted": True, "session": session.id, "replayed": replayed}
        self._note("resume", detail=detail)
        await self._dispatch(session, "RESUMED", {})

    async def drop(self, code: int | None, shard: int | None = None) -> int:
        """Close the sockets of a shard (or all) with a code, or cut them without one."""
        chosen = self._connections(shard)
        for connection in chosen:
            if code is None:
                _cut(connection.socket)
            else:
                await connection.close(code)
        return len(chosen)

    async def tell(self, op: int, *, data: Any = None, shard: int | None = None) -> int:
        """Send an opcode, such as RECONNECT or INVALID_SESSION, to the sessions of a shard."""
        chosen = self._connections(shard)
        for connection in chosen:
            await connection.send(op, data)
        return len(chosen)

    async def reset(self) -> None:
        """Cut every connection and begin as if the bot had never been there."""
        await end_all(self._serving)
        self.sessions.clear()
        self.refuse_identify_with.clear()
        self.admitting.set()

    def forget(self) -> None:
        """No session can be resumed any more."""
        self.sessions.clear()

    def _connections(self, shard: int | None) -> list[Connection]:
        live = [c for c in self.connections if c.session is not None]
        return [c for c in live if shard is None or (c.session and c.session.shard == shard)]

    def _note(self, what: str, **facts: Any) -> None:
        self.ledger.add(self.world.clock.now(), f"gateway.{what}", **facts)


def _cut(socket: web.WebSocketResponse) -> None:
    """End the connection without a close frame, as a dying network does."""
    request = socket._req  # aiohttp offers no way to abort a websocket
    if request is not None and request.transport is not None:
        request.transport.abort()
