"""Several processes that serve on one port and share a store: starts, watches and ends them.

Each has its own listening socket (SO_REUSEPORT), so the kernel distributes the connections. A worker
that dies is reported and replaced; when this process ends, the workers end.
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
_LOOK_AGAIN = 0.02  # seconds between two checks whether they have ended
_TELL_AGAIN = 1.0  # seconds between two updates of a worker's counters


@dataclass(slots=True)
class _Worker:
    """One of the processes. It writes one byte to the pipe `ready` when it can answer."""

    number: int
    pid: int
    ready: int

    def await_ready(self) -> bool:
        """Wait until it can answer. Returns False when it has ended instead."""
        came = os.read(self.ready, 1)
        os.close(self.ready)
        return bool(came)


def serve_together(settings: Settings, announce: Callable[[str], None]) -> None:
    """Serve with `settings.workers` processes until a signal ends this one by `SystemExit`.

    Calls `announce` with the URL when all of them answer. Raises `SettingError` when the store cannot
    be shared, and `PortInUse`.
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
    """Raise `SettingError` when several processes could not share the store or the port."""
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
        # A pipe that is never written to: it closes when this process ends, for whatever reason.
        self._leash, self._hand = os.pipe()

    def begin(self) -> None:
        """Start all workers; returns when all answer. Raises `SystemExit` when one cannot."""
        for number in range(1, self._settings.workers + 1):
            self._begin_one(number)
        for worker in self._workers.values():
            if not worker.await_ready():
                raise SystemExit(1)  # the worker has printed the reason

    def watch(self) -> NoReturn:
        """Replace and report workers that die. A new one that dies before it answers ends the server."""
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
        """End all workers and wait for them; those that take too long are killed."""
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
        """The whole life of the forked process."""
        status = 1
        try:
            os.close(self._hand)
            for each in (signal.SIGINT, signal.SIGTERM):
                signal.signal(each, _leave)  # until the server installs its own handlers
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
        """Publish the counters every second; stop the server when the parent process has ended."""
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
