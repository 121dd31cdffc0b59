"""`serve --workers`: one address, one ready line, a common end, and what happens when a worker dies."""

import os
import re
import select
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from postgres import Postgres
from test_serve import WITHIN, Process, serving

from mock_nicepay.core.clock import stopwatch
from mock_nicepay.front.command.run import run
from mock_nicepay.front.command.workers import check_workers
from mock_nicepay.settings import SettingError, Settings

pytestmark = pytest.mark.slow

KEYS = ("S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee")


@pytest.fixture
def process(postgres: Postgres) -> Iterator[Process]:
    """A server of two workers."""
    with serving("--workers", "2", "--store", postgres.database()) as process:
        yield process


def workers(process: Process) -> list[int]:
    """The process ids of its workers."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
    return [int(number) for number in children.split()]


def call(process: Process) -> str:
    """Make a token call over a new connection; returns the token."""
    body = {"grantType": "client_credentials"}
    answer = requests.post(f"{process.url}/v1/access-token", json=body, auth=KEYS, timeout=10)
    return str(answer.json()["accessToken"])


def test_they_are_one_server(process: Process) -> None:
    """One ready line; whichever worker answers, the token is the same and the call is in the journal."""
    assert 2 == len(workers(process))
    tokens = [call(process) for _ in range(20)]
    assert 1 == len(set(tokens))
    journal = requests.get(f"{process.url}/_mock/journal", timeout=10).json()
    assert 20 == journal["total"]
    status, out, err = process.end()
    assert (0, "") == (status, out)
    assert 1 == err.count("NICEPAY stand-in at")
    assert 20 == err.count("token.issue")


def test_their_counts_are_those_of_one_server(process: Process) -> None:
    """The metrics of any worker count the calls of all, and never decrease."""
    seen = []
    while len(seen) < 10 or seen[-1] < len(seen):
        call(process)
        seen.append(tokens_counted(process))
    assert sorted(seen) == seen


def tokens_counted(process: Process) -> int:
    """The number of token calls in the metrics."""
    page = requests.get(f"{process.url}/_mock/metrics", timeout=10).text
    found = re.search(r'_duration_seconds_count\{call="token.issue"\} (\d+)', page)
    return int(found[1]) if found else 0


def test_wrong_keys_are_counted_by_all(postgres: Postgres) -> None:
    """The fourth is answered late, although no single worker has received four."""
    with serving(
        "--workers", "3", "--store", postgres.database(), "--admin-key", "right"
    ) as process:
        started = stopwatch()
        for _ in range(4):
            answer = requests.get(f"{process.url}/_mock/health", timeout=10)
            assert 401 == answer.status_code
        assert 0.5 <= stopwatch() - started


def test_a_dead_worker_is_reported_and_replaced(process: Process) -> None:
    """The other workers go on serving, and the new one serves, too."""
    token = call(process)
    victim, other = workers(process)
    os.kill(victim, signal.SIGKILL)
    assert process.stderr is not None
    line = next(line for line in process.stderr if "another takes" in line)
    assert f"worker 1 (process {victim}) was ended by SIGKILL" in line
    assert {token} == {call(process) for _ in range(10)}
    assert other in workers(process)
    assert 0 == process.end()[0]


def test_they_end_with_the_first_process(process: Process) -> None:
    """Also when that is killed: no process is left listening."""
    alive = [os.pidfd_open(pid) for pid in workers(process)]
    process.kill()
    for each in alive:
        assert [each] == select.select([each], [], [], WITHIN)[0]  # until it has ended
        os.close(each)


def test_a_port_of_somebody_elses_is_not_shared(postgres: Postgres) -> None:
    """As with one process: the port is in use."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with serving("--port", port, "--workers", "2", "--store", postgres.database()) as process:
            _, err = process.communicate(timeout=20)
    assert (2, True) == (process.returncode, f"cannot listen on 127.0.0.1:{port}" in err)


@pytest.mark.parametrize("store", ["memory://", "sqlite:///a.db"])
def test_a_store_of_one_process_is_refused(store: str) -> None:
    """Each worker would have separate data."""
    kind = store.partition(":")[0]
    with pytest.raises(SettingError, match=f"needs a store that .*; {kind} belongs to one process"):
        check_workers(Settings(store=store, workers=2))


def test_run_has_no_workers() -> None:
    """`run` serves in its own process."""
    with pytest.raises(SettingError, match="--workers is for `serve`"):
        run(Settings(workers=2), ["true"])
