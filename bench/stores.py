"""What a call costs on each store, and what workers bring: python bench/stores.py

Prints two tables. In process, one merchant, microseconds a call and the ratio to memory, medians of
interleaved rounds; then, over sockets, calls per second with 1, 16 and 64 connections, on PostgreSQL
also with two workers. Begins a PostgreSQL of its own (with its usual durability), as the tests do.
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
    """Microseconds of one call."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1e6


def costs(branch: Branch) -> dict[str, float]:
    """The median of each call in one round."""
    payments = [branch.authorise() for _ in range(CALLS)]
    return {
        "token": median(timed(branch.token) for _ in range(CALLS)),
        "approve": median(timed(lambda p=p: branch.approve(p)) for p in payments),
        "look up": median(timed(lambda p=p: branch.get(p.tid)) for p in payments),
    }


def in_process(urls: dict[str, str]) -> None:
    """The first table."""
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
    """The second table: keep-alive connections ask for the tokens of two merchants, or of one."""
    print(f"\n| store | workers | {' | '.join(map(str, CONNECTIONS))} |\n|---|---|---|---|---|")
    rows = [(name, url, 1) for name, url in stores.items()]
    rows += [(name, url, 2) for name, url in stores.items() if url.startswith("postgresql:")]
    for name, url, workers in rows:
        branch = Branch(url, clock="real")
        merchants = branch.sandbox.merchants()[:2]  # published ones: every store has them
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
    """Calls per second and the two times: the medians of the rounds."""
    calls, p50, p99 = (median(each) for each in zip(*figures, strict=True))
    return f"{calls:,.0f} ({p50:.1f} / {p99:.0f} ms)"


def load(port: str, merchants: list[Merchant], connections: int) -> Figures:
    """The figures of so many connections, dealt out to the merchants, in processes of their own."""
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
    """Both tables."""
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
