"""The command `run`: CMD's environment, its exit status, and the verdict."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_nicepay.front.command import run as module
from mock_nicepay.front.command.cli import main
from mock_nicepay.settings import PREFIX

pytestmark = pytest.mark.slow

SCENARIO = """version: 1
name: once
rules:
  - {call: token.issue, match: {header: {X-Lost: "yes"}}, reply: hang}
expect:
  - {called: token.issue, times: 1}
"""
CALL = """
import os, sys, urllib.request, base64
def call(client=os.environ["NICEPAY_CLIENT_ID"], secret=os.environ["NICEPAY_SECRET_KEY"], path="/v1/access-token"):
    login = base64.b64encode(f"{client}:{secret}".encode()).decode()
    request = urllib.request.Request(os.environ["NICEPAY_BASE_URL"] + path, b"", {"Authorization": "Basic " + login})
    try:
        urllib.request.urlopen(request, timeout=5).read()
    except urllib.error.HTTPError as refused:
        refused.close()
"""
PUBLISHED = 'call("S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee")'

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `mock-nicepay run` in this process: status, and the output of it and CMD."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)

    def run(*command: str, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
        status = main(["run", *options, "--", *command])
        said = capfd.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def once(tmp_path: Path) -> tuple[str, ...]:
    """A scenario that expects one token call."""
    file = tmp_path / "once.yaml"
    file.write_text(SCENARIO)
    return ("--scenario", str(file))


def python(program: str) -> tuple[str, ...]:
    """A command that runs a program which can `call()`."""
    return (sys.executable, "-c", CALL + program)


@pytest.mark.parametrize(
    ("status", "program"),
    [(0, ""), (7, "sys.exit(7)"), (137, "os.kill(os.getpid(), 9)"), (143, "os.kill(os.getpid(), 15)")],
)  # fmt: skip
def test_the_status_is_that_of_the_command(run: Run, status: int, program: str) -> None:
    """Without expectations it is CMD's status; after a signal 128 plus its number."""
    assert (status, "", "") == run(*python(program))


@pytest.mark.parametrize(
    ("status", "program"),
    [
        (0, "call()"),
        (7, "call(); sys.exit(7)"),
        (3, ""),
        (3, "call(); call()"),
        (3, "sys.exit(7)"),
        (3, "call('S2_unknown')"),
        (3, "call(path='/v1/nowhere')"),
        (0, PUBLISHED),
        (0, f"call(); {PUBLISHED}"),
        (3, f"call(); {PUBLISHED}; {PUBLISHED}"),
        (0, "call(); call('S2_unknown')"),
    ],
)
def test_expectations_are_judged(
    run: Run, once: tuple[str, ...], status: int, program: str
) -> None:
    """For each merchant that called, or the fresh one when none did; a failure is status 3."""
    assert status == run(*python(program), options=once)[0]


def test_the_report_says_what_was_expected_and_seen(run: Run, once: tuple[str, ...]) -> None:
    """It has each failed expectation with what was seen, and each rule that never fired with the reason."""
    status, out, err = run(*python("call(); call(); print('from the command')"), options=once)

    assert (3, "from the command\n") == (status, out)
    assert "1 of 1 expectation failed" in err
    assert "expected  called: token.issue, times: 1" in err
    assert "called twice, expected 1" in err
    assert "never fired  line 4: token.issue" in err
    assert "header.x-lost is missing" in err


def test_calls_with_unknown_keys_are_a_hint(run: Run, once: tuple[str, ...]) -> None:
    """The report mentions calls that used an unknown key."""
    _, _, err = run(*python("call('S2_unknown')"), options=once)

    assert "1 call used a key that no merchant of this server has" in err


def test_an_idle_rule_is_told_on_success(run: Run, once: tuple[str, ...]) -> None:
    """When expectations hold but a rule never fired, one line says so, with status 0."""
    status, _, err = run(*python("call()"), options=once)

    assert 0 == status
    assert ["mock-nicepay: scenario once, line 4 never fired: "] == [
        line[:49] for line in err.splitlines()
    ]


def test_the_command_finds_the_server(run: Run) -> None:
    """The server's address and a fresh merchant's keys are in its environment."""
    names = ("NICEPAY_BASE_URL", "NICEPAY_CLIENT_ID", "NICEPAY_SECRET_KEY", "NICEPAY_JS_URL")
    _, out, _ = run(*python(f"print(*(os.environ[name] for name in {names}))"))
    url, client_id, secret_key, script = out.split()

    assert url.startswith("http://127.0.0.1:")
    assert "S2_" == client_id[:3]
    assert 32 == len(secret_key)
    assert f"{url}/v1/js/" == script


def test_the_script_of_the_window_is_there(run: Run) -> None:
    """NICEPAY_JS_URL can be used in a page as it is."""
    code = "from urllib.request import urlopen; print(urlopen(os.environ['NICEPAY_JS_URL']).read())"
    _, out, _ = run(*python(code))

    assert "AUTHNICE" in out


def test_keeps_silent_unless_asked(run: Run) -> None:
    """Our log is not mixed into CMD's output, unless --log human asks for it."""
    assert (0, "", "") == run(*python("call()"))

    _, out, err = run(*python("call()"), options=("--log", "human"))
    assert "" == out
    assert "POST /v1/access-token  200 0000" in err


def test_the_command_keeps_its_input_and_arguments(run: Run) -> None:
    """Everything after `--` is passed to CMD, including options and further dashes."""
    _, out, _ = run(sys.executable, "-c", "import sys; print(sys.argv[1:])", "--", "--port", "x")

    assert "['--', '--port', 'x']\n" == out


@pytest.mark.parametrize(
    ("status", "said", "command"),
    [
        (127, "there is no command 'no-such-command'", "no-such-command"),
        (127, "there is no command './nowhere'", "./nowhere"),
        (126, "cannot be run: Permission denied", __file__),
    ],
)
def test_a_command_that_cannot_run_is_one_line(
    run: Run, once: tuple[str, ...], status: int, said: str, command: str
) -> None:
    """The exit status is as in shells, and no expectation is checked."""
    got, out, err = run(command, options=once)

    assert (status, "") == (got, out)
    assert said in err
    assert 1 == len(err.splitlines())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_are_forwarded(once: tuple[str, ...], number: int) -> None:
    """CMD gets the signal and ends as it likes; the verdict is still printed."""
    program = (
        "import signal\n"
        f"signal.signal({int(number)}, lambda *_: (print('told', flush=True), sys.exit(5)))\n"
        "print('up', flush=True)\n"
        "signal.pause()\n"
    )
    command = [sys.executable, "-m", "mock_nicepay", "run", *once, "--", *python(program)]
    # A new session has no terminal: only `run` can forward the signal.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        assert process.stdout is not None
        assert "up\n" == process.stdout.readline()
        process.send_signal(number)
        out, err = process.communicate(timeout=10)

    assert (3, "told\n") == (process.returncode, out)
    assert "there was no call at all" in err


class Child:
    """A process that remembers the signals it got."""

    def __init__(self) -> None:
        self.got: list[int] = []

    def send_signal(self, number: int) -> None:
        self.got.append(number)


@pytest.mark.parametrize(
    ("expected", "foreground"),
    [([signal.SIGTERM], True), ([signal.SIGINT, signal.SIGTERM], False)],
)
def test_an_interrupt_comes_once(
    monkeypatch: pytest.MonkeyPatch, expected: list[int], foreground: bool
) -> None:
    """A terminal sends Ctrl-C to CMD, too: a second one would interrupt its clean-up."""
    monkeypatch.setattr(module, "_in_the_foreground", lambda: foreground)
    child = Child()
    with module._signals_handed_on() as handing:
        handing.to(child)  # type: ignore[arg-type]
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)

    assert expected == child.got


def test_an_early_signal_is_kept_for_the_command() -> None:
    """A signal that arrives before CMD runs is forwarded as soon as it does."""
    child = Child()
    with module._signals_handed_on() as handing:
        os.kill(os.getpid(), signal.SIGTERM)
        handing.to(child)  # type: ignore[arg-type]

    assert [signal.SIGTERM] == child.got


def test_signals_are_ours_again_afterwards() -> None:
    """Handlers are restored; an ignored signal stays ignored."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN), signal.getsignal(signal.SIGTERM)
    try:
        with module._signals_handed_on() as handing:
            assert signal.SIG_IGN == signal.getsignal(signal.SIGINT)
            assert handing is signal.getsignal(signal.SIGTERM)
        assert before[1] == signal.getsignal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before[0])


def test_the_entry_point_is_installed() -> None:
    """The command `mock-nicepay` is in the folder of the interpreter it was installed for."""
    found = shutil.which("mock-nicepay", path=str(Path(sys.executable).parent))

    assert found is not None
    assert (
        "mock-nicepay "
        in subprocess.run([found, "--version"], capture_output=True, text=True).stdout
    )
