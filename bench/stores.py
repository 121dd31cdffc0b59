"""What a call costs on each store, and what workers gain: python bench/stores.py

Prints two tables. The first: in process, one merchant, microseconds per call and the ratio to memory,
medians of interleaved rounds. The second: over sockets, calls per second with 1, 16 and 64 connections,
on PostgreSQL also with two workers. Starts its own PostgreSQL (with normal durability), as the tests do.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from statistics import median

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "helpers"))

import postgres  # noqa: E402
from chain import Branch  # noqa: E402

from mock_nicepay.core.records import Merchant  # noqa: E402

CALLS, ROUNDS, SECONDS = 200, 5, 3.0
CONNECTIONS, OVER_SOCKETS = (1, 16, 64), 3
Figures = tuple[float, ...]  # calls per second, median and 99th percentile in milliseconds


def timed(work: Callable[[], object]) -> float:
    """Call `work` and return its duration in microseconds."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e6


def costs(branch: Branch) -> dict[str, float]:
    """The median duration of each call in one round, in microseconds."""
    payments = [branch.authorise() for _ in range(CALLS)]
    return {
        "token": median(timed(branch.token) for _ in range(CALLS)),
        "approve": median(timed(lambda p=p: branch.approve(p)) for p in payments),
        "look up": median(timed(lambda p=p: branch.get(p.tid)) for p in payments),
    }


def in_process(urls: dict[str, str]) -> None:
    """Measure in process and print the first table."""
    branches = {name: Branch(url) for name, url in urls.items()}
    rounds = [{name: costs(b) for name, b in branches.items()} for _ in range(ROUNDS)]
    print("| | token | approve | look up |\n|---|---|---|---|")
    for name in branches:
        cells = []
        for call in ("token", "approve", "look up"):
            here, memory = (median(r[n][call] for r in rounds) for n in (name, "memory"))
            cells.append(f"{here:,.0f} µs ({here / memory:.1f})")
        print(f"| {name} | {' | '.join(cells)} |")
    for branch in branches.values():
        branch.sandbox.end()


def over_sockets(stores: dict[str, str]) -> None:
    """Measure over sockets and print the second table: token calls of two merchants (or one)."""
    print(f"\n| store | workers | {' | '.join(map(str, CONNECTIONS))} |\n|---|---|---|---|---|")
    rows = [(name, url, 1) for name, url in stores.items()]
    rows += [(name, url, 2) for name, url in stores.items() if url.startswith("postgresql:")]
    for name, url, workers in rows:
        branch = Branch(url, clock="real")
        merchants = branch.sandbox.merchants()[:2]  # published ones, which every store has
        branch.sandbox.end()
        seen = [served(url, workers, merchants) for _ in range(OVER_SOCKETS)]
        cells = (cell([each[number] for each in seen]) for number in range(len(CONNECTIONS)))
        print(f"| {name} | {workers} | {' | '.join(cells)} |", flush=True)


def served(url: str, workers: int, merchants: list[Merchant]) -> list[Figures]:
    """The figures of one server, for each number of connections."""
    command = [sys.executable, "-m", "mock_nicepay", "serve", "--port", "0", "--log", "quiet"]
    with subprocess.Popen(
        [*command, "--store", url, "--workers", str(workers)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip().rpartition(":")[2]
        try:
            return [load(port, merchants, number) for number in CONNECTIONS]
        finally:
            server.terminate()


def cell(figures: list[Figures]) -> str:
    """A table cell: calls per second, p50 and p99 as medians of the rounds."""
    calls, p50, p99 = (median(each) for each in zip(*figures, strict=True))
    return f"{calls:,.0f} ({p50:.1f} / {p99:.0f} ms)"


def load(port: str, merchants: list[Merchant], connections: int) -> Figures:
    """The figures for `connections`, divided among the merchants, one load process for each."""
    body = b'{"grantType":"client_credentials"}'
    running = []
    with tempfile.TemporaryDirectory() as folder:
        for number, merchant in enumerate(merchants[:connections]):
            pair = b64encode(f"{merchant.client_id}:{merchant.secret_key}".encode()).decode()
            file = Path(folder) / str(number)
            file.write_bytes(
                b"POST /v1/access-token HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic "
                + pair.encode()
                + b"\r\nContent-Type: application/json\r\nContent-Length: "
                + str(len(body)).encode()
                + b"\r\n\r\n"
                + body
            )
            share = str(max(1, connections // len(merchants)))
            command = [
                sys.executable,
                HERE / "load.py",
                "127.0.0.1",
                port,
                share,
                str(SECONDS),
                file,
            ]
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        figures = [json.loads(each.communicate()[0]) for each in running]
    assert not sum(each["bad"] for each in figures)
    worst = [max(each[name] for each in figures) for name in ("p50", "p99")]
    return sum(each["calls"] for each in figures), *worst


def main() -> None:
    """Print both tables."""
    os.environ.pop("MOCK_NICEPAY_STORE", None)
    with tempfile.TemporaryDirectory() as folder, postgres.running(calmed=False) as server:
        in_process(
            {
                "memory": "memory://",
                "SQLite": f"sqlite:///{folder}/a.db",
                "PostgreSQL": server.database(),
            }
        )
        over_sockets(
            {
                "memory": "memory://",
                "SQLite": f"sqlite:///{folder}/b.db",
                "PostgreSQL": server.database(),
            }
        )


if __name__ == "__main__":
    main()
