"""Measures mock-nicepay against a bare Flask route, both on the same servers in the same run.

    make bench                    the whole table, some two minutes
    make bench ARGS="--seconds 1 --rounds 2"

Rounds are interleaved and medians are quoted: machines are shared and noisy, ratios are what to
take away. Nothing here is asserted.
"""

import argparse
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
from dataclasses import dataclass, field
from pathlib import Path
from urllib import request as http

HERE = Path(__file__).parent
CLIENT_ID = "S2_af4543a0be4d49a98122e01ec2059a56"
SECRET_KEY = "9eb85607103646da9f9c02b128f2e5ee"
CONNECTIONS = (1, 16, 64)
CALL = (
    "POST /v1/access-token HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    f"Authorization: Basic {b64encode(f'{CLIENT_ID}:{SECRET_KEY}'.encode()).decode()}\r\n"
    "Content-Type: application/json;charset=utf-8\r\nContent-Length: 0\r\n\r\n"
).encode()


@dataclass
class Candidate:
    """One way to serve, and what was measured of it."""

    name: str
    command: list[str]
    starts: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    calls: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in CONNECTIONS})
    p99: dict[int, list[float]] = field(default_factory=lambda: {n: [] for n in CONNECTIONS})


def candidates() -> list[Candidate]:
    """Pairs of a bare Flask route and mock-nicepay, each pair on one server."""
    python = sys.executable
    granian = [
        python,
        "-m",
        "granian",
        "--interface",
        "wsgi",
        "--workers",
        "1",
        "--blocking-threads",
        "1",
        "--no-ws",
    ]
    waitress = [python, "-m", "waitress", "--threads", "4", "--listen"]
    return [
        Candidate("bare Flask, our server (uvicorn)", [python, "asgi_bare.py", "PORT"]),
        Candidate(
            "mock-nicepay serve",
            [python, "-m", "mock_nicepay", "serve", "--log", "quiet", "--port", "PORT"],
        ),
        Candidate("bare Flask, granian", [*granian, "--port", "PORT", "bare:app"]),
        Candidate(
            "mock-nicepay create_app, granian", [*granian, "--port", "PORT", "ours_wsgi:app"]
        ),
        Candidate("bare Flask, waitress", [*waitress, "127.0.0.1:PORT", "bare:app"]),
        Candidate(
            "mock-nicepay create_app, waitress", [*waitress, "127.0.0.1:PORT", "ours_wsgi:app"]
        ),
    ]


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(command: list[str], port: int) -> tuple[subprocess.Popen[bytes], float]:
    """Start a server; the seconds from spawn to its first whole answer."""
    line = [part.replace("PORT", str(port)) for part in command]
    begun = time.perf_counter()
    process = subprocess.Popen(line, cwd=HERE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(CALL)
                if connection.recv(65536).startswith(b"HTTP/1.1 200"):
                    return process, time.perf_counter() - begun
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"{' '.join(line)} ended with {process.returncode}") from None
        time.sleep(0.002)


def resident(process: subprocess.Popen[bytes]) -> float:
    """Memory of the process and its children in MB."""
    rows = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    ).stdout
    table = [tuple(map(int, row.split())) for row in rows.splitlines()]
    wanted = {process.pid}
    for pid, parent, _ in table:
        if parent in wanted:
            wanted.add(pid)
    return sum(size for pid, _, size in table if pid in wanted) / 1024


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a server we started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def measure(candidate: Candidate, seconds: float, request: Path) -> None:
    """One round: start, memory, load at each number of connections, stop."""
    port = free_port()
    process, took = start(candidate.command, port)
    try:
        candidate.starts.append(took * 1000)
        candidate.memory.append(resident(process))
        for connections in CONNECTIONS:
            line = [
                sys.executable,
                str(HERE / "load.py"),
                "127.0.0.1",
                str(port),
                str(connections),
                str(seconds),
                str(request),
            ]
            result = json.loads(
                subprocess.run(line, capture_output=True, text=True, check=True).stdout
            )
            if result["bad"]:
                raise SystemExit(f"{candidate.name}: {result['bad']} answers were not 200")
            candidate.calls[connections].append(result["calls"])
            candidate.p99[connections].append(result["p99"])
    finally:
        end(process)


def table(rows: list[Candidate]) -> None:
    """The medians; each of ours with its ratio to the bare Flask route above it."""
    print(
        f"\n{'':36}{'start ms':>9}{'MB':>6}"
        + "".join(f"{f'calls/s at {n}':>16}{'p99 ms':>8}" for n in CONNECTIONS)
    )
    for row in rows:
        cells = f"{statistics.median(row.starts):9.0f}{statistics.median(row.memory):6.0f}"
        for n in CONNECTIONS:
            cells += f"{statistics.median(row.calls[n]):16,.0f}{statistics.median(row.p99[n]):8.2f}"
        print(f"{row.name:36}{cells}")
    print(
        "\nratio of mock-nicepay to the bare Flask route on the same server, medians of paired rounds"
    )
    for bare, ours in zip(rows[::2], rows[1::2], strict=True):
        start_ratio = statistics.median(
            o / b for o, b in zip(ours.starts, bare.starts, strict=True)
        )
        rates = [
            statistics.median(o / b for o, b in zip(ours.calls[n], bare.calls[n], strict=True))
            for n in CONNECTIONS
        ]
        print(
            f"{ours.name:36}start {start_ratio:5.2f}   calls/s "
            + "   ".join(f"{r:5.2f} at {n}" for n, r in zip(CONNECTIONS, rates, strict=True))
        )


def beside_hanging_calls(rounds: int, seconds: float, request: Path) -> None:
    """The same load at 16 connections, alone and while 200 other calls hang."""
    hanging = CALL.replace(b"\r\n\r\n", b"\r\nX-Mock-Nicepay-Scenario: hanging\r\n\r\n")
    port = free_port()
    process, _ = start(candidates()[1].command, port)
    line = [
        sys.executable,
        str(HERE / "load.py"),
        "127.0.0.1",
        str(port),
        "16",
        str(seconds),
        str(request),
    ]
    ratios = []
    try:
        for _ in range(rounds):
            rates = []
            for waiting in (0, 200):
                held = [socket.create_connection(("127.0.0.1", port)) for _ in range(waiting)]
                for connection in held:
                    connection.sendall(hanging)
                rates.append(
                    json.loads(subprocess.run(line, capture_output=True, check=True).stdout)[
                        "calls"
                    ]
                )
                for connection in held:
                    connection.close()
            ratios.append(rates[1] / rates[0])
    finally:
        end(process)
    print(
        f"\nbeside 200 hanging calls mock-nicepay serve keeps {statistics.median(ratios):.2f} of its calls per second"
    )


LIVES = 1500  # payments of one round
STEPS = (
    ("approve", "POST /v1/payments/{tid}", '{{"amount":1004}}'),
    ("inquire", "GET /v1/payments/{tid}", ""),
    ("cancel", "POST /v1/payments/{tid}/cancel", '{{"reason":"bench","orderId":"{order}"}}'),
)


def payments(rounds: int, folder: Path) -> None:
    """Approve, look up and cancel payments at 16 connections, each beside the bare Flask route."""
    bare, ours = candidates()[:2]
    rates: dict[str, list[float]] = {name: [] for name, _, _ in STEPS}
    ratios: dict[str, list[float]] = {name: [] for name, _, _ in STEPS}
    for number in range(rounds):
        for name, calls, reference in _life(bare, ours, number, folder):
            rates[name].append(calls)
            ratios[name].append(calls / reference)
    print(f"\nthe life of a payment, 16 connections, {LIVES} payments a round")
    for name in rates:
        print(
            f"{name:36}{statistics.median(rates[name]):9,.0f} calls/s, "
            f"{statistics.median(ratios[name]):.2f} of the bare Flask route"
        )


def _life(
    bare: Candidate, ours: Candidate, number: int, folder: Path
) -> list[tuple[str, float, float]]:
    """One round: for each step our calls a second, and the bare route's for the same bytes."""
    ports = free_port(), free_port()
    running = [start(each.command, port)[0] for each, port in zip((bare, ours), ports, strict=True)]
    try:
        orders = {f"bench-{number}-{n}": "" for n in range(LIVES)}
        for order in orders:
            orders[order] = authorise(ports[1], order)
        found = []
        for name, line, body in STEPS:
            file = folder / name
            file.write_bytes(b"\r\n--next--\r\n".join(_requests(line, body, orders)))
            reference, calls = (_rate(port, file) for port in ports)
            found.append((name, calls, reference))
        return found
    finally:
        for process in running:
            end(process)


def authorise(port: int, order: str) -> str:
    """Have a payer agree to a payment; its tid."""
    wish = {
        "clientId": CLIENT_ID,
        "method": "card",
        "orderId": order,
        "amount": 1004,
        "goodsName": "bench",
        "returnUrl": "http://127.0.0.1/",
        "post": False,
    }
    asked = http.Request(f"http://127.0.0.1:{port}/_mock/window/pay", json.dumps(wish).encode())
    with http.urlopen(asked, timeout=10) as answer:
        return str(json.load(answer)["tid"])


def _requests(line: str, body: str, orders: dict[str, str]) -> list[bytes]:
    made = []
    for order, tid in orders.items():
        content = body.format(order=order, tid=tid)
        head = (
            CALL.decode()
            .partition("\r\n")[2]
            .replace("Content-Length: 0", f"Content-Length: {len(content)}")
        )
        made.append(f"{line.format(tid=tid)} HTTP/1.1\r\n{head}{content}".encode())
    return made


def _rate(port: int, file: Path) -> float:
    line = [sys.executable, str(HERE / "load.py"), "127.0.0.1", str(port), "16", "60", str(file)]
    result = json.loads(subprocess.run(line, capture_output=True, check=True).stdout)
    if result["bad"]:
        raise SystemExit(f"{file.name}: {result['bad']} answers were not 200")
    return float(result["calls"])


def in_process(rounds: int) -> None:
    """One token call without a socket, beside the popular stub library for requests."""
    import requests
    import responses
    from bare import BODY
    from bare import app as flask_app

    from mock_nicepay import Sandbox
    from mock_nicepay.contract.endpoint import Request
    from mock_nicepay.front.transports import requests_session

    sandbox = Sandbox(log="quiet")
    session, url = requests_session(sandbox), "https://api.nicepay.co.kr/v1/access-token"
    login = CALL.split(b"Authorization: ")[1].split(b"\r\n")[0].decode()
    request = Request("POST", "/v1/access-token", headers={"authorization": login})
    client = flask_app.test_client()
    stub = responses.RequestsMock(assert_all_requests_are_fired=False)

    def stubbed() -> None:
        with stub:
            stub.post(url, json=BODY)
            with requests.Session() as plain:
                for _ in range(200):
                    plain.post(url, auth=(CLIENT_ID, SECRET_KEY))

    def ours() -> None:
        for _ in range(200):
            session.post(url, auth=(CLIENT_ID, SECRET_KEY))

    def handled() -> None:
        for _ in range(200):
            sandbox.handle(request)

    def flask() -> None:
        for _ in range(200):
            client.post("/v1/access-token", headers={"Authorization": login})

    def fresh() -> None:
        for _ in range(200):
            sandbox.add_merchant()

    subjects = {
        "Sandbox.handle": handled,
        "requests, in-process adapter": ours,
        "requests, stub library `responses`": stubbed,
        "bare Flask test client": flask,
        "a fresh merchant": fresh,
    }
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds * 4):
        for name, subject in subjects.items():
            begun = time.perf_counter()
            subject()
            times[name].append((time.perf_counter() - begun) / 200 * 1e6)
    print("\nin process, microseconds a call (medians)")
    for name, values in times.items():
        print(f"{name:36}{statistics.median(values):9.1f}")
    ratio = statistics.median(
        o / s
        for o, s in zip(
            times["requests, in-process adapter"],
            times["requests, stub library `responses`"],
            strict=True,
        )
    )
    print(f"the adapter costs {ratio:.2f} times the stub library")


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seconds", type=float, default=2.0, help="length of one load (2)")
    arguments.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    options = arguments.parse_args()
    print(
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {options.rounds} rounds of {options.seconds} s"
    )
    rows = candidates()
    with tempfile.TemporaryDirectory() as folder:
        request = Path(folder) / "request"
        request.write_bytes(CALL)
        for number in range(options.rounds):
            for row in rows:
                print(
                    f"\rround {number + 1} of {options.rounds}: {row.name:40}",
                    end="",
                    file=sys.stderr,
                    flush=True,
                )
                measure(row, options.seconds, request)
        print(file=sys.stderr)
        table(rows)
        beside_hanging_calls(options.rounds, options.seconds, request)
        payments(options.rounds, Path(folder))
    in_process(options.rounds)


if __name__ == "__main__":
    main()
