"""What a call costs on each store, and what workers bring: python bench/stores.py

Prints two tables. In process, one merchant, microseconds a call and the ratio to memory, medians of
interleaved rounds; then calls per second over 16 connections with one worker and with two. Begins a
PostgreSQL of its own (with its usual durability), as the tests do.
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


def over_sockets(url: str) -> None:
    """The second table: 16 connections ask for the tokens of two merchants."""
    branch = Branch(url, clock="real")
    merchants = [branch.sandbox.add_merchant() for _ in range(2)]
    branch.sandbox.end()
    print("\n| workers | calls/s | p50 ms | p99 ms |\n|---|---|---|---|")
    for workers in (1, 2, 1, 2):
        command = [sys.executable, "-m", "mock_nicepay", "serve", "--port", "0", "--log", "quiet"]
        with subprocess.Popen(
            [*command, "--store", url, "--workers", str(workers)], stdout=subprocess.PIPE, text=True
        ) as server:
            assert server.stdout is not None
            port = server.stdout.readline().strip().rpartition(":")[2]
            print(f"| {workers} | {load(port, merchants)} |")
            server.terminate()


def load(port: str, merchants: list[Merchant]) -> str:
    """The figures of 16 connections: eight for each merchant, in a process of their own."""
    body = b'{"grantType":"client_credentials"}'
    running = []
    with tempfile.TemporaryDirectory() as folder:
        for number, merchant in enumerate(merchants):
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
            command = [sys.executable, HERE / "load.py", "127.0.0.1", port, "8", str(SECONDS), file]
            running.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        figures = [json.loads(each.communicate()[0]) for each in running]
    worst = [max(each[name] for each in figures) for name in ("p50", "p99")]
    return f"{sum(each['calls'] for each in figures):,.0f} | {worst[0]:.1f} | {worst[1]:.1f}"


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
        over_sockets(server.database())


if __name__ == "__main__":
    main()
