"""Several processes that serve on one port and share a store: started, watched and ended together.

Each listens for itself (SO_REUSEPORT), so that the kernel deals out the connections. A worker that
dies is reported and replaced; when this process ends, so do they.
"""

import os
import select
import signal
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Thread
from typing import NoReturn

from mock_nicepay.core.board import Board
from mock_nicepay.core.clock import pause, stopwatch
from mock_nicepay.core.login.wrong_keys import WrongKeys, shared_times
from mock_nicepay.core.meters import Meters
from mock_nicepay.front.command.log import logged
from mock_nicepay.front.server.server import Server, reserve
from mock_nicepay.front.terminal import complain
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import SettingError, Settings

_PATIENCE = 5.0  # seconds that the workers may take to end
_LOOK_AGAIN = 0.02
_TELL_AGAIN = 1.0  # seconds between two tellings of what a worker has counted


@dataclass(slots=True)
class _Worker:
    """One of the processes. It writes one byte to `ready` when it answers."""

    number: int
    pid: int
    ready: int

    def await_ready(self) -> bool:
        """Wait until it answers; False when it has ended instead."""
        came = os.read(self.ready, 1)
        os.close(self.ready)
        return bool(came)


def serve_together(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve with so many processes until a signal ends this one, which raises `SystemExit`.

    `announce` is called with the address when all of them answer. Raises `SettingError` where
    processes cannot share what they would have to, and `PortInUse`.
    """
    check_workers(settings)
    socket_, url = reserve(settings.host, settings.port)
    port = socket_.getsockname()[1]
    crew = _Crew(replace(settings, port=port))
    try:
        crew.begin()
        announce(url)
        crew.watch()
    finally:
        crew.end()
        socket_.close()


def check_workers(settings: Settings) -> None:
    """Refuse processes that would each have a world of their own. Raises `SettingError`."""
    if not settings.store.startswith("postgresql:"):
        kind = settings.store.partition(":")[0]
        raise SettingError(
            f"--workers {settings.workers} needs a store that processes can share: "
            f"--store postgresql://USER@HOST/DATABASE; {kind} belongs to one process alone"
        )
    if not hasattr(os, "fork") or not hasattr(socket, "SO_REUSEPORT"):
        raise SettingError(
            "--workers needs Linux or macOS: this system has no fork or SO_REUSEPORT"
        )


class _Crew:
    """The workers of one server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._counts = Board(settings.workers)
        self._wrong_keys = shared_times()
        self._workers: dict[int, _Worker] = {}
        # Nothing is ever written into it. It ends when this process does, however that comes.
        self._leash, self._hand = os.pipe()

    def begin(self) -> None:
        """Begin all; return when all answer."""
        for number in range(1, self._settings.workers + 1):
            self._begin_one(number)
        for worker in self._workers.values():
            if not worker.await_ready():
                raise SystemExit(1)  # the worker has said why

    def watch(self) -> NoReturn:
        """Replace workers that die, and say so. One that dies before it answers ends all."""
        while True:
            pid, status = os.wait()
            worker = self._workers.pop(pid, None)
            if worker is None:
                continue
            complain(
                f"worker {worker.number} (process {pid}) {_how(status)}; another takes its place"
            )
            if not self._begin_one(worker.number).await_ready():
                complain(f"worker {worker.number} could not be started again; the server ends")
                raise SystemExit(1)

    def end(self) -> None:
        """Have all end, and wait for it; who takes too long is killed."""
        os.close(self._hand)
        os.close(self._leash)
        for pid in self._workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        give_up = stopwatch() + _PATIENCE
        while self._workers and stopwatch() < give_up:
            self._reap()
            pause(_LOOK_AGAIN)
        for pid in self._workers:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _reap(self) -> None:
        for pid in list(self._workers):
            with suppress(ChildProcessError):
                if os.waitpid(pid, os.WNOHANG)[0] == 0:
                    continue
            del self._workers[pid]

    def _begin_one(self, number: int) -> _Worker:
        ready, tell = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        pid = os.fork()
        if not pid:
            self._be_worker(number, tell)
        os.close(tell)
        self._workers[pid] = _Worker(number, pid, ready)
        return self._workers[pid]

    def _be_worker(self, number: int, tell: int) -> NoReturn:
        """What the new process does, and all it does."""
        status = 1
        try:
            os.close(self._hand)
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, _leave)  # until the server has its own
            self._serve(number, tell)
            status = 0
        except Exception as error:
            complain(f"a worker cannot serve: {type(error).__name__}: {error}")
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _serve(self, number: int, tell: int) -> None:
        sandbox = Sandbox(self._settings)
        sandbox.wrong_keys = WrongKeys(self._wrong_keys)
        sandbox.meters = meters = Meters(
            sandbox.meter, self._counts, number - 1, self._settings.workers
        )
        with logged(sandbox, self._settings.log):
            server = Server(
                sandbox,
                self._settings.host,
                self._settings.port,
                lambda _: _say(tell),
                shares_port=True,
            )
            Thread(target=self._end_with_parent, args=(server, meters), daemon=True).start()
            server.serve_alone()
        sandbox.end()

    def _end_with_parent(self, server: Server, meters: Meters) -> None:
        """Tell what has been counted again and again, until the parent has gone."""
        while not select.select([self._leash], [], [], _TELL_AGAIN)[0]:
            meters.tell()
        server.stop()


def _leave(*_: object) -> None:
    os._exit(0)


def _say(tell: int) -> None:
    os.write(tell, b"!")
    os.close(tell)


def _how(status: int) -> str:
    if os.WIFSIGNALED(status):
        return f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"has ended with status {os.WEXITSTATUS(status)}"
