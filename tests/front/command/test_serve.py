"""The command `serve`, in its own process."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from mock_nicepay.front.command.serve import check_address, start_text
from mock_nicepay.front.terminal import plain
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import PREFIX, SettingError, Settings

pytestmark = pytest.mark.slow

HANG = "version: 1\nname: hang\nrules:\n  - {call: token.issue, match: {header: {X-Hang: yes}}, reply: hang}\n"
TOKEN = "/v1/access-token"
WITHIN = 20  # seconds; two are promised, but a busy machine may need more


class Process(subprocess.Popen[str]):
    """A running `mock-nicepay serve` that has said it is ready."""

    url = ""

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal: status, the rest of stdout, and of stderr."""
        self.send_signal(number)
        out, err = self.communicate(timeout=WITHIN)
        return self.returncode, out, err


@contextmanager
def serving(*options: str, stderr: int = subprocess.PIPE) -> Iterator[Process]:
    """Run a server on a free port; it is ended at the end."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    command = [sys.executable, "-m", "mock_nicepay", "serve", "--port", "0", *options]
    with Process(
        command, env=environment, stdout=subprocess.PIPE, stderr=stderr, encoding="utf-8"
    ) as process:
        assert process.stdout is not None
        try:
            process.url = process.stdout.readline().removeprefix("mock-nicepay ready ").strip()
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_says_ready_once_and_ends_at_a_signal(number: int) -> None:
    """One line on stdout, when it can answer; a signal ends it with status 0."""
    with serving() as process:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", process.url)
        assert 200 == requests.get(f"{process.url}/_mock/health", timeout=5).status_code
        status, out, _ = process.end(number)

    assert (0, "") == (status, out)


def test_the_curl_line_works_when_pasted() -> None:
    """The curl command at the start of stderr works as it is."""
    with serving() as process:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "curl" in line)
        words = shlex.split(line)
        client_id, _, secret_key = words[words.index("-u") + 1].partition(":")
        url = next(word for word in words if word.startswith("http"))
        answer = requests.request(
            words[words.index("-X") + 1], url, auth=(client_id, secret_key), timeout=5
        )

    assert url.startswith(process.url)
    assert "0000" == answer.json()["resultCode"]


def test_hanging_calls_do_not_delay_the_end(tmp_path: Path) -> None:
    """200 calls that hang are cut when the server ends, in time and without a message."""
    (tmp_path / "hang.yaml").write_text(HANG)
    request = (
        f"POST {TOKEN} HTTP/1.1\r\nHost: x\r\nX-Hang: yes\r\nContent-Length: 0\r\n\r\n".encode()
    )
    with ExitStack() as stack, serving("--scenario", str(tmp_path / "hang.yaml")) as process:
        host, port = process.url.removeprefix("http://").split(":")
        for _ in range(200):
            caller = stack.enter_context(socket.create_connection((host, int(port))))
            caller.sendall(request)
        assert 401 == requests.post(process.url + TOKEN, timeout=5).status_code
        status, _, err = process.end()

    assert 0 == status
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("expected", "mode"), [(["200", "404"], "human"), ([200, 404], "json"), ([], "quiet")]
)
def test_logs_each_call(expected: list[Any], mode: str) -> None:
    """A line for each call on stderr, all written before the server ends; nothing with quiet."""
    with serving("--log", mode) as process:
        for path in (TOKEN, "/v1/nowhere"):
            requests.post(process.url + path, auth=_published(), timeout=5)
        _, _, err = process.end()

    lines = [line for line in err.splitlines() if "curl" not in line and "POST" in line]
    if mode == "human":
        assert expected == [re.split(" {2,}", line)[2].split()[0] for line in lines]
    else:
        assert expected == [json.loads(line)["status"] for line in err.splitlines()]


def _published() -> tuple[str, str]:
    merchant = Sandbox(Settings()).merchants()[0]
    return merchant.client_id, merchant.secret_key


def test_an_unread_stderr_blocks_nothing() -> None:
    """When the pipe is full, calls are still answered and the server still ends."""
    with serving() as process, requests.Session() as session:
        for _ in range(400):
            assert 404 == session.get(f"{process.url}/{'a' * 300}", timeout=5).status_code
        process.send_signal(signal.SIGTERM)

        assert 0 == process.wait(timeout=WITHIN)


def test_a_port_in_use_is_one_line() -> None:
    """The second server on a port says what is wrong and what would help."""
    with serving() as process:
        port = process.url.rpartition(":")[2]
        second = subprocess.run(
            [sys.executable, "-m", "mock_nicepay", "serve", "--port", port],
            capture_output=True,
            text=True,
        )

    assert (2, "") == (second.returncode, second.stdout)
    assert 1 == len(second.stderr.splitlines())
    assert f"mock-nicepay: cannot listen on 127.0.0.1:{port}" in second.stderr
    assert "--port 0" in second.stderr


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_a_loopback_address_needs_no_key(host: str) -> None:
    """Only users of this machine can connect."""
    check_address(Settings(host=host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "0"])
def test_another_address_needs_a_key(host: str) -> None:
    """Without an admin key others could read all keys; with one the address is allowed."""
    check_address(Settings(host=host, admin_key="secret"))
    with pytest.raises(SettingError, match="--admin-key"):
        check_address(Settings(host=host))


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        ("edition union", {}),
        ("edition gateway", {"edition": "gateway"}),
        ("scenarios: none", {}),
        ("scenarios: success, euc-kr", {"scenario": ("success", "euc-kr")}),
        ("http://127.0.0.1:1/_mock/health", {}),
        ("(asks for the admin key)", {"admin_key": "secret"}),
    ],
)
def test_the_start_text_says_what_plays(expected: str, options: dict[str, Any]) -> None:
    """It names edition, scenarios and control plane."""
    text = start_text("http://127.0.0.1:1", Sandbox(Settings(**options)), plain)

    assert expected in text
    assert "secret" not in text
