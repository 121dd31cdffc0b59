"""The PostgreSQL that the tests begin ends with them, however they end."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import postgres
import pytest

pytestmark = pytest.mark.slow

WITHIN = 30.0  # seconds
BEGIN = """
import postgres, sys
with postgres.running() as server:
    print(server.ask(server.address("postgres"), "SHOW data_directory")[0][0], flush=True)
    sys.stdin.read()
"""


def test_it_ends_with_a_process_that_is_killed() -> None:
    """Nothing runs on, and its folder is gone."""
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN],
        cwd=Path(postgres.__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as tests:
        assert tests.stdout is not None
        data = Path(tests.stdout.readline().strip())
        server = os.pidfd_open(int((data / "postmaster.pid").read_text().split()[0]))
        keeper = os.pidfd_open(_keeper_of(tests.pid))
        tests.send_signal(signal.SIGKILL)
    for each in (server, keeper):
        assert [each] == select.select([each], [], [], WITHIN)[0]
        os.close(each)
    assert not data.parent.exists()


def _keeper_of(pid: int) -> int:
    """The keeper: the one child that such a process has."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(child)
