"""The command line: its output, its error messages, and that its reference is complete."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import click
import pytest

from mock_nicepay.core.scenarios.library import ready_made_files
from mock_nicepay.front.command import cli
from mock_nicepay.front.command.options import OptionRow, RunSettings, option_rows
from mock_nicepay.settings import PREFIX, Settings

COMMANDS = [
    *("serve", "run", "health", "snapshot", "check", "scenarios", "codes", "encdata", "sign"),
    "openapi",
]
# Subcommands of a command.
INNER = [
    f"{name} {inner}"
    for name, command in cli.commands.commands.items()
    if isinstance(command, click.Group)
    for inner in command.commands
]
DOCUMENT = (Path(__file__).parents[3] / "docs" / "cli.md").read_text("utf-8")
SCENARIO = "version: 1\nname: fine\ndescription: First. Second.\n"

Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Run a command in this process, without our environment variables: status, stdout, stderr."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.mark.parametrize(
    ("said", "arguments"),
    [
        ("a command is missing; there are serve, run, health, snapshot, check, scenarios", []),
        ("there is no command 'serv'; did you mean serve?", ["serv"]),
        ("there is no command 'zzzzz'; there are serve, run", ["zzzzz"]),
        ("o such option", ["--nonsense"]),
        ("--prot", ["serve", "--prot", "1"]),
        ("see `mock-nicepay serve --help`", ["serve", "--prot", "1"]),
        ("unexpected extra argument (pytest)", ["serve", "pytest"]),
        ("'--port' requires an argument", ["serve", "--port"]),
        ("--port: '99999' is not a whole number from 0 to 65535", ["serve", "--port", "99999"]),
        ("--edition: 'gatway' is none of", ["serve", "--edition", "gatway"]),
        ("did you mean gateway?", ["serve", "--edition", "gatway"]),
        ("--log: 'loud' is none of human, json, quiet", ["run", "--log", "loud", "--", "true"]),
        ("there is no scenario 'sucess'; did you mean success?", ["serve", "--scenario", "sucess"]),
        ("there is no scenario 'zzzzz';", ["serve", "--scenario", "zzzzz"]),
        ("nowhere.yaml:1:1: there is no such file", ["serve", "--scenario", "nowhere.yaml"]),
        ("cannot be read as a merchants file", ["serve", "--merchants", "nowhere.yaml"]),
        ("give an --admin-key KEY as well", ["serve", "--host", "0.0.0.0"]),
        ("give an --admin-key KEY as well", ["run", "--host", "::", "--", "true"]),
        ("cannot listen on nowhere.invalid:0", ["serve", "--host", "nowhere.invalid", "--port", "0"]),
        ("the command to run is missing: `mock-nicepay run -- pytest`", ["run"]),
        ("the command to run is missing", ["run", "--scenario", "success", "--"]),
        ("PATH", ["check"]),
        ("there is no ready-made scenario 'sucess'; did you mean success?", ["scenarios", "sucess"]),
        ("there is no ready-made scenario 'a\\nb\\x1b[2J'", ["scenarios", "a\nb\x1b[2J"]),
    ],
)  # fmt: skip
def test_tells_a_mistake_in_one_line(ask: Ask, said: str, arguments: list[str]) -> None:
    """Any user's mistake is one clear line on stderr and status 2."""
    status, out, err = ask(*arguments)

    assert (2, "") == (status, out)
    assert said in err
    assert 1 == len(err.splitlines())
    assert err.startswith("mock-nicepay: ")


@pytest.mark.parametrize(
    ("said", "name", "value"),
    [
        ("MOCK_NICEPAY_PORT: 'x' is not a whole number", "PORT", "x"),
        ("MOCK_NICEPAY_SANDBOX_LIMITS: 'maybe' is neither yes nor no", "SANDBOX_LIMITS", "maybe"),
        ("there is no scenario 'zzzzz'", "SCENARIO", "success,zzzzz"),
    ],
)
def test_reads_the_environment(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, said: str, name: str, value: str
) -> None:
    """A variable replaces an option, and a mistake in it is reported with the variable's name."""
    monkeypatch.setenv(PREFIX + name, value)

    status, _, err = ask("serve")

    assert 2 == status
    assert said in err


def test_tells_each_mistake_of_a_scenario(ask: Ask, tmp_path: Path) -> None:
    """A scenario with three mistakes gives three lines, each with a place."""
    file = tmp_path / "bad.yaml"
    file.write_text(
        "version: 1\nname: bad\nrules:\n  - {call: token.isue}\n  - {call: x, reply: y}\n"
    )

    status, _, err = ask("serve", "--scenario", str(file))

    assert 2 == status
    assert [f"mock-nicepay: {file}:{line}" for line in (4, 5, 5)] == [
        ":".join(line.split(":")[:3]) for line in err.splitlines()
    ]


def test_a_bug_keeps_its_stack_trace(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unexpected exception keeps its stack trace; only a user's mistakes become lines."""
    monkeypatch.setattr("mock_nicepay.core.scenarios.library.ready_made_files", lambda: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        ask("scenarios")


def test_an_interrupt_is_quiet(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in a command that only prints ends it with status 130 and no stack trace."""

    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mock_nicepay.core.scenarios.library.ready_made_files", interrupted)

    assert (130, "", "\n") == ask("scenarios")


# Help


def test_help_lists_the_commands(ask: Ask) -> None:
    """The top-level help has every command, in order, and examples."""
    status, out, _ = ask("--help")

    assert 0 == status
    assert COMMANDS == re.findall(r"^  (\w+)  ", out.partition("Commands:")[2], re.MULTILINE)
    assert COMMANDS == list(cli.commands.commands)
    assert "..." not in out.partition("Commands:")[2]
    assert "\n    mock-nicepay serve\n" in out


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("command", [*COMMANDS, *INNER])
def test_help_has_a_paragraph_and_an_example(ask: Ask, command: str, option: str) -> None:
    """Each command's help has a description and an example."""
    status, out, _ = ask(*command.split(), option)
    usage, _, rest = out.partition("\n\n")

    assert 0 == status
    assert usage.startswith(f"Usage: mock-nicepay {command}")
    assert rest.partition("Examples:")[0].count(" ") > 15
    assert f"\n    mock-nicepay {command}" in rest


@pytest.mark.parametrize(
    "text", [DOCUMENT, *(each.help for each in cli.commands.commands.values())]
)
def test_examples_name_real_scenarios(text: str) -> None:
    """A ready-made scenario that an example names is in the library."""
    named = re.findall(r"(?:--scenario|mock-nicepay scenarios) ([a-z][a-z0-9-]+)(?![\w./-])", text)

    assert [] == [name for name in named if name not in ready_made_files()]


def test_version(ask: Ask) -> None:
    """--version is the distribution's name and version."""
    status, out, _ = ask("--version")

    assert 0 == status
    assert re.fullmatch(r"mock-nicepay \d+\.\d+\.\d+\S*\n", out)


# Options


@pytest.mark.parametrize("command", ["serve", "run"])
@pytest.mark.parametrize("name", [row.name for row in fields(Settings)])
def test_every_setting_is_an_option(ask: Ask, command: str, name: str) -> None:
    """--help has each setting as an option, with its environment variable."""
    _, out, _ = ask(command, "--help")

    assert re.search(rf"^  --{name.replace('_', '-')} ", out, re.MULTILINE)
    assert f"{PREFIX}{name.upper()}]" in out


def _document_row(row: OptionRow) -> str:
    form = f"{row.option} {row.form}".strip().replace("|", r"\|")
    many = " (repeatable)" if row.many else ""
    return f"| `{form}` | {row.help}{many} | {row.default} | `{row.environment}` |"


def _section(command: str) -> str:
    return DOCUMENT.partition(f"\n## {command}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_document_has_every_command(command: str) -> None:
    """docs/cli.md has each command with its usage and the examples of its help."""
    section = _section(command)
    examples = (cli.commands.commands[command].help or "").partition("Examples:")[2]

    assert f"mock-nicepay {command}" in section
    assert [] == [line for line in map(str.strip, examples.splitlines()) if line not in section]


@pytest.mark.parametrize("row", option_rows(Settings), ids=lambda row: row.name)
def test_the_document_has_every_option(row: OptionRow) -> None:
    """docs/cli.md has the row of each option of `serve`."""
    assert _document_row(row) in _section("serve").splitlines()


@pytest.mark.parametrize(
    "row",
    [row for row in option_rows(RunSettings) if row not in option_rows(Settings)],
    ids=lambda row: row.name,
)
def test_the_document_has_what_run_changes(row: OptionRow) -> None:
    """docs/cli.md has the options of `run` whose defaults differ."""
    assert _document_row(row) in _section("run").splitlines()


def test_other_commands_have_no_options() -> None:
    """`check` and `scenarios` have arguments only, so the document lists no options."""
    found = [
        option.name
        for name in ("health", "check", "scenarios")
        for option in cli.commands.commands[name].params
        if isinstance(option, click.Option)
    ]

    assert [] == found


@pytest.mark.parametrize("name", ["codes", "sign", "openapi"])
def test_the_document_has_the_options_of(name: str) -> None:
    """The section of a command names each option it has."""
    options = [
        option.opts[0]
        for option in cli.commands.commands[name].params
        if isinstance(option, click.Option)
    ]

    assert options
    assert [] == [option for option in options if f"`{option}" not in _section(name)]


# scenarios


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A library of one scenario."""
    file = tmp_path / "fine.yaml"
    file.write_text(SCENARIO)
    monkeypatch.setattr(
        "mock_nicepay.core.scenarios.library.ready_made_files", lambda: {"fine": file}
    )
    return file


def test_lists_scenarios(ask: Ask, shelf: Path) -> None:
    """In a pipe: name, tab, the first sentence of the description."""
    assert (0, "fine\tFirst.\n", "") == ask("scenarios")


def test_prints_a_scenario_as_it_is(ask: Ask, shelf: Path) -> None:
    """With a name the file is printed byte for byte."""
    shelf.write_text(f"# 주석\n{SCENARIO}", "utf-8")

    assert (0, f"# 주석\n{SCENARIO}", "") == ask("scenarios", "fine")


# codes


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("U104\t401\t사용자 인증에 실패하였습니다.\tUser authentication failed.", ["u104"]),
        ("2011\t200\t", ["2011"]),
        ("3023\t200\t할부개월 한도 초과\tInstallment month limit exceeded", ["한도", "초과"]),
        ("3023\t200\t할부개월 한도 초과\tInstallment month limit exceeded", ["limit month"]),
        ("0000\t200\t", []),
    ],
)
def test_looks_codes_up(ask: Ask, first: str, words: list[str]) -> None:
    """Code, HTTP status, Korean and English, tab-separated; the exact code comes first."""
    status, out, _ = ask("codes", *words)

    assert 0 == status
    assert out.startswith(first)
    assert {3} == {line.count("\t") for line in out.splitlines()}


def test_an_unknown_code_is_told_the_nearest(ask: Ask) -> None:
    """Status 1, and one line with similar codes."""
    status, out, err = ask("codes", "U1O4")

    assert (1, "") == (status, out)
    assert err.startswith("mock-nicepay: no result code has 'U1O4'; the nearest codes are U104")


# The process


def test_is_quick() -> None:
    """`--help` and `codes` import none of the large modules."""
    heavy = ["uvicorn", "rich", "flask", "marshmallow", "yaml", "jwt", "faker", "asyncio"]
    program = (
        "import sys; from mock_nicepay.front.command.cli import main; main(['serve', '--help']); "
        f"main(['codes', 'U104']); print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert "[]" == done.stdout.splitlines()[-1]


def test_a_closed_pipe_ends_quietly() -> None:
    """A reader that exits early, such as `head`, causes no stack trace."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "mock_nicepay", "codes"], stdout=writing, stderr=subprocess.PIPE
    )
    os.close(writing)

    assert (1, b"") == (done.returncode, done.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_before_the_server_listens_ends_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """SIGTERM and Ctrl-C end `serve` with status 0 while it is still starting, too."""
    before = signal.getsignal(number)
    monkeypatch.setattr(cli, "read_settings", lambda *_: os.kill(os.getpid(), number))

    with pytest.raises(SystemExit) as ended:
        ask("serve")

    assert 0 == ended.value.code
    assert before == signal.getsignal(number)
