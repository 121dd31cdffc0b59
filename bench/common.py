"""What the measurements share: keys, starting and stopping a server, one load, tables."""

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CLIENT_ID = "S2_af4543a0be4d49a98122e01ec2059a56"
SECRET_KEY = "9eb85607103646da9f9c02b128f2e5ee"
LOGIN = f"Basic {b64encode(f'{CLIENT_ID}:{SECRET_KEY}'.encode()).decode()}"
CONNECTIONS = (1, 16, 64)
# Processes run as users run them: with Python's bytecode cache, and without settings of ours.
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("MOCK_NICEPAY_")
}
SEPARATOR = b"\r\n--next--\r\n"

median = statistics.median


def raw(line: str, body: str = "", headers: Iterable[str] = ()) -> bytes:
    """One HTTP request of the published merchant as bytes: `raw("POST /v1/access-token")`."""
    head = [
        f"{line} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {LOGIN}",
        "Content-Type: application/json;charset=utf-8",
        *headers,
        f"Content-Length: {len(body.encode())}",
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


TOKEN = raw("POST /v1/access-token")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A started server: its port, its process, and `start`, the milliseconds to its first answer."""

    def __init__(self, command: Sequence[str]) -> None:
        self.port = free_port()
        line = [part.replace("PORT", str(self.port)) for part in command]
        begun = time.perf_counter()
        self.process = subprocess.Popen(
            line,
            cwd=HERE,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not self._answers():
            if self.process.poll() is not None:
                raise SystemExit(f"{' '.join(line)} ended with {self.process.returncode}")
            time.sleep(0.002)
        self.start = (time.perf_counter() - begun) * 1000

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=5) as connection:
                connection.sendall(TOKEN)
                return connection.recv(65536).startswith(b"HTTP/1.1 200")
        except OSError:
            return False

    def resident(self) -> float:
        """Memory of the process and its children in MB."""
        rows = subprocess.run(
            ["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
        ).stdout
        wanted, total = {self.process.pid}, 0
        for pid, parent, size in sorted(tuple(map(int, row.split())) for row in rows.splitlines()):
            if pid in wanted or parent in wanted:
                wanted.add(pid)
                total += size
        return total / 1024

    def cpu(self) -> float:
        """Seconds of processor time used by the server and its children; 0 where unknown."""
        total = 0
        for pid in (self.process.pid, *self._children()):
            for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                total += int(task.read_text().split()[0])
        return total / 1e9

    def _children(self) -> list[str]:
        own = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return own.read_text().split() if own.exists() else []

    def load(
        self, connections: int, requests: Sequence[bytes], seconds: float = 60
    ) -> dict[str, Any]:
        """Send a single request repeatedly for `seconds`, or each of several requests once."""
        with tempfile.NamedTemporaryFile() as file:
            file.write(SEPARATOR.join(requests))
            file.flush()
            line = [sys.executable, str(HERE / "load.py"), "127.0.0.1", str(self.port)]
            line += [str(connections), str(seconds), file.name]
            before = self.cpu()
            done = subprocess.run(line, env=ENVIRONMENT, capture_output=True, text=True, check=True)
        result: dict[str, Any] = json.loads(done.stdout)
        result["cpu"] = (self.cpu() - before) / result["made"] * 1e6
        if result["bad"]:
            raise SystemExit(f"{result['bad']} answers were not 200: {requests[0][:60]!r}")
        return result

    def end(self) -> None:
        """Stop the server."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(*commands: Sequence[str]) -> Iterator[list[Running]]:
    """Run several servers at once; they are stopped at the end of the block."""
    servers: list[Running] = []
    try:
        servers += [Running(command) for command in commands]
        yield servers
    finally:
        for server in servers:
            server.end()


def microseconds(work: Callable[[], object], times: int) -> float:
    """Processor time of one call of `work`, the mean of `times`; other processes do not count."""
    begun = time.thread_time()
    for _ in range(times):
        work()
    return (time.thread_time() - begun) / times * 1e6


def say(text: str) -> None:
    """Show progress on stderr."""
    print(f"\r{text:78}", end="", file=sys.stderr, flush=True)


# Measured values, one for each round, by name (a row of a table) and heading (a column).
Rows = dict[str, dict[str, list[float]]]


def keep(rows: Rows, name: str, heading: str, value: float) -> None:
    """Add a value."""
    rows.setdefault(name, {}).setdefault(heading, []).append(value)


def ratio(rows: Rows, name: str, reference: str, heading: str) -> float:
    """The median of the ratios of each round, in which both were measured."""
    pairs = zip(rows[name][heading], rows[reference][heading], strict=True)
    return median([ours / theirs for ours, theirs in pairs])


def medians(rows: Rows) -> dict[str, dict[str, float]]:
    """The medians of all values."""
    return {
        name: {heading: median(values) for heading, values in row.items()}
        for name, row in rows.items()
    }


def table(rows: Rows, title: str, form: str = "{:,.0f}") -> None:
    """Print the medians as a Markdown table."""
    headings = list(dict.fromkeys(heading for row in rows.values() for heading in row))
    print(f"\n{title}\n\n| | {' | '.join(headings)} |\n|---{'|---' * len(headings)}|")
    for name, row in rows.items():
        cells = [form.format(median(row[h])) if row.get(h) else "" for h in headings]
        print(f"| {name} | {' | '.join(cells)} |")
