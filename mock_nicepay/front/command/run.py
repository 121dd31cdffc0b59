"""The command `run`: runs a command against its own server, then checks the scenarios' expectations."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import click

from mock_nicepay.core.records import STRANGER
from mock_nicepay.front.command.log import logged
from mock_nicepay.front.command.serve import check_address
from mock_nicepay.front.report import verdict_text
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.front.terminal import complain, painter
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import SettingError, Settings, environment_for

UNMET = 3  # an expectation failed
_NO_SUCH_COMMAND = 127  # as in shells
_CANNOT_RUN = 126
_KILLED = 128  # plus the signal's number
_HANDED_ON = (signal.SIGINT, signal.SIGTERM)


def run(settings: Settings, command: Sequence[str]) -> int:
    """Run a command against its own server. Returns its exit status, or 3 for a failed expectation.

    Raises `SettingError`, `ScenarioError` or `PortInUse` when the server cannot start.
    """
    check_address(settings)
    if settings.workers > 1:
        raise SettingError("--workers is for `serve`: `run` serves in its own process")
    sandbox = Sandbox(settings)
    with (
        logged(sandbox, settings.log),
        BackgroundServer(sandbox, settings.host, settings.port) as server,
    ):
        fresh = sandbox.add_merchant(name="made by mock-nicepay run")
        environment = environment_for(
            server.url, fresh.client_id, fresh.secret_key, settings.admin_key
        )
        try:
            status = _status_of(command, environment)
        except FileNotFoundError:
            complain(
                f"there is no command {command[0]!r}: after `--` write the command as you would type it alone"
            )
            return _NO_SUCH_COMMAND
        except OSError as error:
            complain(f"{command[0]!r} cannot be run: {error.strerror or error}")
            return _CANNOT_RUN
        sandbox.settle()  # the answer to a webhook that was sent still counts
    rows = _rows(sandbox, fresh.client_id)
    text = verdict_text(rows, painter(sys.stderr), strangers=len(sandbox.journal(STRANGER)))
    if text:
        click.echo(text, err=True)
    return status if all(row["ok"] for row in rows) else UNMET


def _rows(sandbox: Sandbox, fresh: str) -> list[dict[str, Any]]:
    """The verdict for the merchants that called; if none did, for the one made for the command."""
    callers = [
        tenant.client_id for tenant in sandbox.tenants() if tenant.merchant and len(tenant.journal)
    ]
    return [row for client_id in callers or [fresh] for row in sandbox.report(client_id)]


def _status_of(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run the command to its end and return its status as a shell would."""
    with _signals_handed_on() as handing:
        child = subprocess.Popen(command, env=environment)  # noqa: S603 - running it is what is asked for
        handing.to(child)
        status = child.wait()
    return status if status >= 0 else _KILLED - status


class _Handing:
    """A signal handler that forwards signals to the command; those before its start are kept for it."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._waiting: list[int] = []

    def to(self, child: "subprocess.Popen[bytes]") -> None:
        """Forward to `child` from now on, beginning with the signals kept for it."""
        self._child = child
        for number in self._waiting:
            self._send(child, number)

    def __call__(self, number: int, _frame: Any) -> None:
        if self._child is None:
            self._waiting.append(number)
        elif number != signal.SIGINT or not _in_the_foreground():
            self._send(self._child, number)

    def _send(self, child: "subprocess.Popen[bytes]", number: int) -> None:
        with suppress(OSError, ValueError):
            child.send_signal(number)


@contextmanager
def _signals_handed_on() -> Iterator[_Handing]:
    """Forward SIGINT and SIGTERM to the command while it runs; we end after it, with the report."""
    handing = _Handing()
    # A signal that was ignored at our start (nohup, `&` in a script) stays ignored, for the command, too.
    mine = [number for number in _HANDED_ON if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, handing) for number in mine}
    try:
        yield handing
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _in_the_foreground() -> bool:
    """Whether Ctrl-C reaches the command directly: a terminal sends it to its foreground process group.

    Forwarding it as well would be a second Ctrl-C, on which test runners quit without cleaning up.
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return os.name == "nt"
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
