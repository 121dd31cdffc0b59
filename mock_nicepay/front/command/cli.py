"""The command `mock-nicepay`: its subcommands, their options and help, and how mistakes are reported.

A command's modules are imported when it runs, so that --help and `codes` start quickly.
"""

import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from mock_nicepay.contract.spelling import did_you_mean
from mock_nicepay.front.command.group import Commands
from mock_nicepay.front.command.options import RunSettings, read_settings, setting_options
from mock_nicepay.front.command.tools import codes, encdata, openapi, sign
from mock_nicepay.front.terminal import COMMAND, complain, print_table
from mock_nicepay.settings import SettingError, Settings, running_server_url

MISUSED = 2
_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    _fill_missing_streams()
    for stream in (sys.stdout, sys.stderr):
        # A terminal without Korean gets question marks, not a stack trace.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = commands.main(arguments, prog_name=COMMAND, standalone_mode=False)
    except click.Abort:
        return _INTERRUPTED
    except Exception as error:
        problems = _problems(error)
        if not problems:
            raise
        for problem in problems:
            complain(problem)
        return MISUSED
    return status if isinstance(status, int) else 0


def _fill_missing_streams() -> None:
    """Open the null device for a closed stdin, stdout or stderr, or a socket would get its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _problems(error: Exception) -> list[str]:
    """The user's mistakes, one line each; empty when the error is a bug of ours."""
    if isinstance(error, click.UsageError):
        place = error.ctx.command_path if error.ctx else COMMAND
        return [f"{error.format_message().rstrip('.')}; see `{place} --help`"]
    if isinstance(error, click.ClickException):
        return [error.format_message()]
    from mock_nicepay.core.misuse import Misuse
    from mock_nicepay.core.scenarios.language import ScenarioError
    from mock_nicepay.core.store import StoreAway
    from mock_nicepay.front.server.server import PortInUse

    if isinstance(error, ScenarioError):
        return [str(problem) for problem in error.problems]
    told = (SettingError, PortInUse, Misuse, StoreAway)
    return [str(error)] if isinstance(error, told) else []


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from importlib.metadata import PackageNotFoundError, version

    try:
        click.echo(f"{COMMAND} {version(COMMAND)}")
    except PackageNotFoundError:
        click.echo(f"{COMMAND}, from sources that are not installed")
    ctx.exit()


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and end.",
)
def commands() -> None:
    """An offline stand-in for the NICEPAY payment gateway (API v1, Korea).

    It answers as the gateway does, stores tokens and payments, and plays scenarios: refusals, and
    lost, slow or broken answers. Use it as your base URL instead of https://api.nicepay.co.kr.

    \b
    Examples:
      mock-nicepay serve
      mock-nicepay run --scenario unauthorized-once -- pytest
      mock-nicepay COMMAND --help
    """


@commands.command()
@setting_options(Settings)
def serve(**given: Any) -> None:
    """Serve until Ctrl-C or SIGTERM.

    When the server can answer, it prints one line: `mock-nicepay ready http://127.0.0.1:8090`.
    The log, a line for each call, goes to stderr. Each option can also be set by the environment
    variable named after it; the option takes precedence.

    \b
    Examples:
      mock-nicepay serve
      mock-nicepay serve --port 0 --scenario unauthorized-once --log json
      mock-nicepay serve --scenario ./lost-answer.yaml --clock 2026-01-31T09:00:00+0900
      MOCK_NICEPAY_EDITION=gateway mock-nicepay serve
    """
    with _ended_by_signals():
        from mock_nicepay.front.command.serve import serve as serve_until_told

        serve_until_told(read_settings(Settings, given))


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Within the block SIGTERM and Ctrl-C end the command with status 0, before the server listens, too."""

    def end(*_: Any) -> None:
        raise SystemExit(0)

    before = {}
    with suppress(ValueError):  # not the main thread, which alone may handle signals
        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@commands.command(
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS] --",
    short_help="Run a command against its own server.",
)
@setting_options(RunSettings)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="CMD...")
def run(command: tuple[str, ...], **given: Any) -> int:
    """Run CMD against its own server, then check the scenarios' expectations.

    CMD gets NICEPAY_BASE_URL, NICEPAY_CLIENT_ID, NICEPAY_SECRET_KEY and NICEPAY_JS_URL in its
    environment; the keys are those of a fresh merchant. The exit status is CMD's (128 plus the
    signal's number when a signal ended it), or 3 with a report on stderr when an expectation
    failed.

    \b
    Examples:
      mock-nicepay run -- pytest
      mock-nicepay run --scenario ./lost-answer.yaml -- npm test
      mock-nicepay run --edition gateway --log human -- ./gradlew test
    """
    if not command:
        raise click.UsageError(
            "the command to run is missing: `mock-nicepay run -- pytest`",
            click.get_current_context(),
        )
    from mock_nicepay.front.command.run import run as run_command

    return run_command(read_settings(RunSettings, given), command)


@commands.command(short_help="Check whether a server answers.")
@click.argument("url", required=False, metavar="[URL]")
def health(url: str | None) -> int:
    """Check whether a server answers: exit status 0 when it does, else 1 with the reason.

    For health checks of containers. Without a URL it checks the server that `serve` starts with the
    same environment: MOCK_NICEPAY_PORT, MOCK_NICEPAY_HOST, MOCK_NICEPAY_ADMIN_KEY.

    \b
    Examples:
      mock-nicepay health
      MOCK_NICEPAY_ADMIN_KEY=secret mock-nicepay health http://mock:8090
    """
    from mock_nicepay.front.command.health import health as ask_health

    return ask_health((url or "").rstrip("/"), Settings.read({}))


@commands.group(cls=Commands, short_help="Save or load the whole state.")
def snapshot() -> None:
    """Save the whole state of a server or a store to a file, or load it.

    A snapshot is JSON and can be loaded into any store. It contains secret keys: only you can read
    the file (mode 0600), and it does not belong in a repository.

    \b
    Examples:
      mock-nicepay snapshot save before.json
      mock-nicepay snapshot load before.json --url http://127.0.0.1:8090
      mock-nicepay snapshot save all.json --store sqlite:///nicepay.db
    """


def _snapshot_options(command: Any) -> Any:
    for option in (
        click.argument("file", metavar="FILE"),
        click.option(
            "--url",
            metavar="URL",
            help="The running server.  [default http://127.0.0.1:8090, MOCK_NICEPAY_URL]",
        ),
        click.option("--store", metavar="URL", help="A store to use directly, without a server."),
        click.option(
            "--admin-key", metavar="KEY", help="The server's admin key.  [MOCK_NICEPAY_ADMIN_KEY]"
        ),
    )[::-1]:
        command = option(command)
    return command


@snapshot.command()
@_snapshot_options
def save(**given: Any) -> int:
    """Save the state of a running server, or with --store that of a store, to FILE.

    FILE is written completely or not at all, and replaces an existing one.

    \b
    Examples:
      mock-nicepay snapshot save before.json
      MOCK_NICEPAY_ADMIN_KEY=secret mock-nicepay snapshot save before.json --url http://mock:8090
    """
    from mock_nicepay.front.command.snapshot import save as save_snapshot

    return save_snapshot(*_of_whom(**given))


@snapshot.command()
@_snapshot_options
def load(**given: Any) -> int:
    """Replace the state of a running server, or with --store that of a store, by the one in FILE.

    The previous state is deleted. Nothing changes when FILE is not a snapshot.

    \b
    Examples:
      mock-nicepay snapshot load before.json
      mock-nicepay snapshot load before.json --store sqlite:///nicepay.db
    """
    from mock_nicepay.front.command.snapshot import load as load_snapshot

    return load_snapshot(*_of_whom(**given))


def _of_whom(
    file: str, url: str | None, store: str | None, admin_key: str | None
) -> tuple[Path, str, Settings]:
    """The file, the server's URL (empty: use the store directly), and the settings."""
    if url and store:
        raise click.UsageError(
            "--url and --store exclude each other; give one of them", click.get_current_context()
        )
    settings = Settings.read({"store": store or "memory://", "admin_key": admin_key})
    if not url and not store:
        url = running_server_url() or f"http://127.0.0.1:{settings.port}"
    return Path(file), url or "", settings


@commands.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def check(paths: tuple[str, ...]) -> int:
    """Look for mistakes in scenario files.

    Each mistake is one line on stdout, `file:line:column: message`. The exit status is 1, or 0
    when there is none. In a directory, every .yaml, .yml and .json file is checked, also in
    subdirectories, except hidden ones.

    \b
    Examples:
      mock-nicepay check lost-answer.yaml
      mock-nicepay check scenarios/ tests/scenarios/
    """
    from mock_nicepay.front.command.check import check as check_paths

    return check_paths(paths)


@commands.command()
@click.argument("name", required=False)
def scenarios(name: str | None) -> int:
    """List the ready-made scenarios, or print one.

    With a NAME it prints the scenario's file, which you can edit and pass to
    `serve --scenario FILE`. In a pipe the list is tab-separated: name, description.

    \b
    Examples:
      mock-nicepay scenarios
      mock-nicepay scenarios success > mine.yaml
    """
    from mock_nicepay.core.scenarios.library import ready_made_files
    from mock_nicepay.core.scenarios.reader import read_file

    known = ready_made_files()
    if name is None:
        rows = [
            (each, _first_sentence(read_file(path).description)) for each, path in known.items()
        ]
        print_table(("Name", "What it shows"), rows)
        return 0
    if name not in known:
        hint = did_you_mean(name, known, "without a name they are listed")
        raise click.UsageError(
            f"there is no ready-made scenario {name[:100]!r}; {hint}", click.get_current_context()
        )
    click.echo(known[name].read_bytes(), nl=False)
    return 0


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.!?])\s", " ".join(text.split()), maxsplit=1)[0]


for _tool in (codes, encdata, sign, openapi):
    commands.add_command(_tool)
