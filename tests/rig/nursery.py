"""Lives of the program without the second that its imports take.

A nursery has imported everything and does nothing else; each life is a fork of it, which from
there on is a process like any other: its own settings, log, signals, and end.

Run as a program it reads one JSON line for each life from stdin, and writes one when it has begun
(`pid`) and one when it has ended (`pid`, `code`).
"""

import asyncio
import contextlib
import faulthandler
import json
import os
import random
import select
import signal
import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NoReturn, Self

from tests.program import ROOT


@dataclass
class Life:
    """A process that a nursery began; the part of asyncio's own that a rig needs."""

    pid: int
    returncode: int | None = None
    _over: asyncio.Event = field(default_factory=asyncio.Event)

    def send_signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still lives."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self.pid, number)

    async def wait(self) -> int:
        """Wait for its end; return its exit code, negative for a signal."""
        await self._over.wait()
        assert self.returncode is not None
        return self.returncode

    def end(self, code: int) -> None:
        """Note its end."""
        self.returncode = code
        self._over.set()


class Nursery:
    """Begins lives; use it as `async with await Nursery.start()`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._lives: dict[int, Life] = {}
        self._begun: asyncio.Queue[Life] = asyncio.Queue()
        self._one_at_a_time = asyncio.Lock()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, code: Path = ROOT) -> Self:
        """Start the process that the lives are forked from; `code`: the folder of their program."""
        return cls(
            await asyncio.create_subprocess_exec(
                *(sys.executable, "-W", "ignore", "-m", "tests.rig.nursery"),
                cwd=code,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._listening

    async def begin(self, log: Path, environment: dict[str, str]) -> Life:
        """Begin a life of `python -m bot run` in the log's folder, with these settings alone."""
        assert self._process.stdin is not None
        wanted = {"log": str(log), "environment": environment}
        async with self._one_at_a_time:
            self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
            await self._process.stdin.drain()
            return await self._begun.get()

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            told = json.loads(line)
            if "code" in told:
                self._lives.pop(told["pid"]).end(told["code"])
            else:
                life = self._lives[told["pid"]] = Life(told["pid"])
                self._begun.put_nowait(life)


def _serve() -> None:
    """Begin what is asked for, tell of what has ended; until stdin ends."""
    _import_everything()
    ended, wake = os.pipe()
    signal.signal(signal.SIGCHLD, lambda *_: None)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    while True:
        ready, _, _ = select.select([sys.stdin.fileno(), ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _tell_of_the_dead()
        if sys.stdin.fileno() in ready and not _begin_one():
            return


def _begin_one() -> bool:
    line = b""
    while not line.endswith(b"\n"):
        letter = os.read(sys.stdin.fileno(), 1)
        if not letter:
            return False
        line += letter
    wanted = json.loads(line)
    pid = os.fork()
    if pid == 0:
        _live(Path(wanted["log"]), wanted["environment"])
    _tell({"pid": pid})
    return True


def _tell_of_the_dead() -> None:
    with contextlib.suppress(ChildProcessError):  # there is none any more
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            _tell({"pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _tell(what: dict[str, Any]) -> None:
    os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


def _import_everything() -> None:
    from bot import __main__ as program  # noqa: F401
    from bot.client import COGS

    for name in COGS:
        __import__(name)


def _live(log: Path, environment: dict[str, str]) -> NoReturn:
    """Be the program, and nothing that the nursery was."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, theirs in ((nothing, 0), (written, 1), (written, 2)):
        os.dup2(ours, theirs)
    os.chdir(log.parent)
    os.environ.clear()
    os.environ.update(environment)
    faulthandler.enable()
    random.seed()
    os._exit(_run(environment))


def _run(environment: dict[str, str]) -> int:
    from bot import crash
    from bot.__main__ import cli

    crash._armed.update(crash._read(environment.get(crash.VARIABLE, "")))
    try:
        cli(["run"])
    except SystemExit as ending:
        code = ending.code
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    _serve()
