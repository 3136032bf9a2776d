"""A network within one loop: what `create_server` and `create_connection` give, without sockets.

Everything that is written arrives whole and in order, a moment later. What a process has written
still arrives when it is killed; then its side of every connection is closed.
"""

import asyncio
import contextvars
import errno
import socket
from collections.abc import Callable, Sequence
from typing import Any

from tests.simulation.loop import PROCESS, VirtualLoop

HOST = "127.0.0.1"
FIRST_PORT = 20_000
Factory = Callable[[], asyncio.BaseProtocol]


class Plug:
    """What passes for a socket: it has an address and remembers the one option that matters."""

    family = socket.AF_INET

    def __init__(self, port: int) -> None:
        self.port = port
        self.resets = False

    def setsockopt(self, _level: int, name: int, _value: object) -> None:
        if name == socket.SO_LINGER:
            self.resets = True

    def getsockname(self) -> tuple[str, int]:
        return HOST, self.port

    def close(self) -> None:
        """Nothing is open."""


class Server:
    """Something that listens on a port."""

    def __init__(self, network: "Network", port: int, factory: Factory) -> None:
        self.network = network
        self.factory = factory
        self.context = contextvars.copy_context()
        self.sockets = [Plug(port)]

    def close(self) -> None:
        self.network.servers.pop(self.sockets[0].port, None)

    async def wait_closed(self) -> None:
        """It is closed at once."""


class Wire(asyncio.Transport):
    """One side of a connection."""

    def __init__(self, loop: VirtualLoop, plug: Plug, context: contextvars.Context) -> None:
        super().__init__({"socket": plug, "peername": (HOST, plug.port), "sockname": (HOST, 0)})
        self.plug = plug
        self.peer: Wire
        self.context = context
        self.process = context.get(PROCESS)
        self._loop = loop
        self._protocol: Any = None
        self._latency = loop.moment(0.02)
        self._arrives = 0.0
        self._closing = self._lost = self._paused = False
        self._waiting: list[bytes | Exception | None] = []

    def connect(self, protocol: Any) -> None:
        self._protocol = protocol
        protocol.connection_made(self)

    # What protocols ask for

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self._closing:
            self._send(bytes(data))

    def writelines(self, list_of_data: Any) -> None:
        self.write(b"".join(list_of_data))

    def close(self) -> None:
        self._end(None)

    def abort(self) -> None:
        self._end(ConnectionResetError(errno.ECONNRESET, "reset") if self.plug.resets else None)

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        waiting, self._waiting = self._waiting, []
        for piece in waiting:
            self._loop.call_soon(self._receive, piece, context=self.context)

    def is_reading(self) -> bool:
        return not self._paused and not self._closing

    def set_protocol(self, protocol: Any) -> None:
        self._protocol = protocol

    def get_protocol(self) -> Any:
        return self._protocol

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever buffered."""

    # What happens

    def _end(self, error: Exception | None) -> None:
        if self._closing:
            return
        self._closing = True
        self._send(error)
        self._loop.call_soon(self._lose, None, context=self.context)

    def _send(self, piece: bytes | Exception | None) -> None:
        """Let it arrive after what was sent before; None: there is no more to come."""
        self._arrives = max(self._arrives + 1e-6, self._loop.time() + self._latency)
        peer = self.peer
        self._loop.call_at(self._arrives, peer._receive, piece, context=peer.context)

    def _receive(self, piece: bytes | Exception | None) -> None:
        if self._closing:
            return
        if self._paused:
            self._waiting.append(piece)
        elif isinstance(piece, bytes):
            self._protocol.data_received(piece)
        elif isinstance(piece, Exception):
            self._closing = True
            self._lose(piece)
        elif not self._protocol.eof_received():
            self.close()

    def _lose(self, error: Exception | None) -> None:
        if not self._lost:
            self._lost = True
            self._protocol.connection_lost(error)


class Network:
    """Who listens where, and which connections there are."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.servers: dict[int, Server] = {}
        self.wires: set[Wire] = set()
        self.refusing: set[int] = set()
        self.silent: set[int] = set()
        self.refused: set[object] = set()
        self._next_port = FIRST_PORT

    def install(self) -> None:
        """Have the loop talk over this network alone."""
        self.loop.create_server = self.listen  # type: ignore[method-assign, assignment] # the world's only network
        self.loop.create_connection = self.join  # type: ignore[method-assign, assignment] # likewise

    async def listen(
        self,
        factory: Factory,
        host: str | None = None,  # noqa: ARG002 - there is but one
        port: int | None = None,
        *,
        sock: socket.socket | None = None,
        **_: Any,
    ) -> Server:
        if sock is not None:
            port = sock.getsockname()[1]
            sock.close()
        if not port:
            self._next_port += 1
            port = self._next_port
        server = self.servers[port] = Server(self, port, factory)
        return server

    async def reach(self, *, addr_infos: Sequence[Any], **_: Any) -> Plug:
        """Begin a connection, in place of aiohappyeyeballs.start_connection()."""
        port: int = addr_infos[0][4][1]
        await asyncio.sleep(self.loop.moment(0.02))
        if port in self.silent:
            await asyncio.get_running_loop().create_future()
        closed = port not in self.servers or port in self.refusing
        if closed or PROCESS.get() in self.refused:
            raise ConnectionRefusedError(errno.ECONNREFUSED, "connection refused")
        return Plug(port)

    async def join(self, factory: Factory, *_: Any, sock: Plug, **__: Any) -> tuple[Wire, Any]:
        server = self.servers.get(sock.port)
        if server is None:
            raise ConnectionResetError(errno.ECONNRESET, "reset")
        mine = Wire(self.loop, sock, contextvars.copy_context())
        theirs = Wire(self.loop, Plug(sock.port), server.context.copy())
        mine.peer, theirs.peer = theirs, mine
        self.wires = {wire for wire in self.wires if not wire._lost} | {mine}
        protocol = factory()
        theirs.context.run(theirs.connect, server.factory())
        mine.connect(protocol)
        return mine, protocol

    def cut(self, process: object) -> None:
        """Close every connection of a process that is gone."""
        for wire in [wire for wire in self.wires if wire.process is process]:
            wire._end(None)
