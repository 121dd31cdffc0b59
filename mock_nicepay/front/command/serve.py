"""The command `serve`: one sandbox on one port, until a signal ends it."""

import socket
import sys
from ipaddress import ip_address

import click

from mock_nicepay.core.records import Merchant
from mock_nicepay.front.command.log import CallLog, logged
from mock_nicepay.front.control.plane import ROOT
from mock_nicepay.front.dispatch import CONSOLE
from mock_nicepay.front.server.patience import raise_file_limit
from mock_nicepay.front.server.server import Server
from mock_nicepay.front.terminal import COMMAND, Paint, is_terminal, painter
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import SettingError, Settings


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises `SettingError`, `ScenarioError` or `PortInUse` when the server cannot start.
    """
    check_address(settings)
    raise_file_limit()
    if settings.workers > 1:
        _serve_together(settings)
        return
    sandbox = Sandbox(settings)
    with logged(sandbox, settings.log) as log:
        Server(
            sandbox, settings.host, settings.port, lambda url: _announce(url, sandbox, log)
        ).serve_alone()


def _serve_together(settings: Settings) -> None:
    """The same with several processes. Wrong settings are reported before any is started."""
    from mock_nicepay.front.command.workers import check_workers, serve_together

    check_workers(settings)
    sandbox = Sandbox(settings, asleep=True)
    try:
        merchant = sandbox.merchants()[0]
    finally:
        sandbox.end()

    def announce(url: str) -> None:
        click.echo(f"{COMMAND} ready {url}")
        if settings.log == "human" or (settings.log == "json" and is_terminal(sys.stderr)):
            text = _start_text(url, settings, merchant, painter(sys.stderr))
            click.echo(f"{text}\n  {settings.workers} processes serve from one store", err=True)

    serve_together(settings, announce)


def check_address(settings: Settings) -> None:
    """Raise `SettingError` for an address that other machines can reach, unless there is an admin key."""
    if not settings.admin_key and not _is_loopback(settings.host):
        raise SettingError(
            f"--host {settings.host!r} can be reached by others, and the control plane shows every key: "
            "give an --admin-key KEY as well, or listen on 127.0.0.1"
        )


def _is_loopback(host: str) -> bool:
    try:
        # The same look-up as the server's: an empty host means every address.
        found = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        return True  # the server cannot listen there either, and reports it
    return all(ip_address(str(row[4][0]).partition("%")[0]).is_loopback for row in found)


def _announce(url: str, sandbox: Sandbox, log: CallLog | None) -> None:
    """Announce that the server answers: to programs on stdout, to people on stderr."""
    click.echo(f"{COMMAND} ready {url}")
    if log is not None and (sandbox.settings.log == "human" or is_terminal(sys.stderr)):
        log(start_text(url, sandbox, painter(sys.stderr)))


def start_text(url: str, sandbox: Sandbox, paint: Paint) -> str:
    """The start message: what is served and how to try it, with a curl command to paste."""
    # A published sandbox key pair: fixtures/merchants.yaml
    (oldest,) = sandbox.store.first(Merchant, 1)
    return _start_text(url, sandbox.settings, oldest, paint)


def _start_text(url: str, settings: Settings, merchant: Merchant, paint: Paint) -> str:
    scenarios = ", ".join(settings.scenario) or "none, every call has its true outcome"
    key = " (asks for the admin key)" if settings.admin_key else ""
    call = f"curl -s -X POST {url}/v1/access-token -u {merchant.client_id}:{merchant.secret_key}"
    return "\n".join(
        (
            f"NICEPAY stand-in at {paint(url, 'bold')}, edition {settings.edition}; Ctrl-C ends it",
            f"  scenarios: {scenarios}",
            f"  console:   {url}{CONSOLE}{key}",
            f"  control:   {url}{ROOT}/health, {ROOT}/journal, {ROOT}/merchants ...{key}",
            "  try it:",
            f"    {paint(call, 'cyan')}",
        )
    )
