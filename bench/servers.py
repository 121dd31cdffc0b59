"""Calls over sockets: start-up, memory, calls per second, p50 and p99, compared with references.

The references, a bare Flask route and a bare WSGI function, run on the same server in the same round.
"""

import json
import socket
import subprocess
import sys
import time
from base64 import b64encode
from itertools import count
from typing import Any
from urllib import request as http

from common import (
    CLIENT_ID,
    CONNECTIONS,
    ENVIRONMENT,
    TOKEN,
    Rows,
    Running,
    keep,
    ratio,
    raw,
    running,
    say,
    table,
)

PYTHON = sys.executable
SERVE = [PYTHON, "-m", "mock_nicepay", "serve", "--log", "quiet", "--port", "PORT"]
_GRANIAN = [
    *(PYTHON, "-m", "granian", "--interface", "wsgi", "--workers", "1"),
    *("--blocking-threads", "1", "--no-ws", "--port", "PORT"),
]
_WAITRESS = [PYTHON, "-m", "waitress", "--threads", "4", "--listen", "127.0.0.1:PORT"]

FLASK, FUNCTION, OURS = "bare Flask", "bare WSGI function", "mock-nicepay"
# The commands for each server: references first, ours last.
SERVERS = {
    "ours (uvicorn)": {
        FUNCTION: [PYTHON, "asgi_bare.py", "function", "PORT"],
        FLASK: [PYTHON, "asgi_bare.py", "app", "PORT"],
        OURS: SERVE,
    },
    "granian": {
        FUNCTION: [*_GRANIAN, "bare:function"],
        FLASK: [*_GRANIAN, "bare:app"],
        OURS: [*_GRANIAN, "ours_wsgi:app"],
    },
    "waitress": {
        FUNCTION: [*_WAITRESS, "bare:function"],
        FLASK: [*_WAITRESS, "bare:app"],
        OURS: [*_WAITRESS, "ours_wsgi:app"],
    },
}
PAYMENTS = 1200  # in one load
_LAG = 200  # payments between two steps of one payment, so that they never overtake each other
_orders = count()


def start(rounds: int) -> Rows:
    """Milliseconds until the first answer, those of `python -c pass`, and memory at rest."""
    rows: Rows = {}
    candidates = {FLASK: SERVERS["ours (uvicorn)"][FLASK], OURS: SERVE}
    for number in range(rounds * 3 + 1):
        say(f"start, round {number} of {rounds * 3}")
        for name, command in candidates.items():
            with running(command) as (server,):
                took, size = server.start, server.resident()
            begun = time.perf_counter()
            subprocess.run([PYTHON, "-c", "pass"], env=ENVIRONMENT, check=True)
            if number:  # the first run may include compiling to bytecode
                keep(rows, name, "ready ms", took)
                keep(rows, name, "python -c pass ms", (time.perf_counter() - begun) * 1000)
                keep(rows, name, "MB", size)
    return rows


def doors(rounds: int, seconds: float) -> Rows:
    """The token call on every server; each round measures all servers."""
    rows: Rows = {}
    for number in range(rounds):
        for server, candidates in SERVERS.items():
            for name, command in candidates.items():
                say(f"token, round {number + 1} of {rounds}: {name}, {server}")
                _measure(rows, f"{name}, {server}", command, seconds)
    return rows


def _measure(rows: Rows, name: str, command: list[str], seconds: float) -> None:
    with running(command) as (server,):
        for connections in CONNECTIONS:
            result = server.load(connections, [TOKEN], seconds)
            keep_load(rows, name, connections, result)


def keep_load(rows: Rows, name: str, connections: int, result: dict[str, Any]) -> None:
    """Keep the figures of one load. Processor time per call is the most stable on a shared machine."""
    keep(rows, name, f"calls/s at {connections}", result["calls"])
    keep(rows, name, f"p50 at {connections}", result["p50"])
    keep(rows, name, f"p99 at {connections}", result["p99"])
    keep(rows, name, f"CPU µs at {connections}", result["cpu"])


def life(rounds: int) -> Rows:
    """Approve, look up, cancel and a shop's mixture of calls, on our server, with the references."""
    rows: Rows = {}
    candidates = SERVERS["ours (uvicorn)"]
    for number in range(rounds):
        with running(*candidates.values()) as servers:
            for connections in CONNECTIONS:
                say(f"payments, round {number + 1} of {rounds}: {connections} connections")
                for step, requests in _steps(servers[-1]).items():
                    for name, server in zip(candidates, servers, strict=True):
                        result = server.load(connections, requests)
                        keep_load(rows, f"{step}, {name}", connections, result)
    return rows


def _steps(server: Running) -> dict[str, list[bytes]]:
    """The requests of each load; each may be sent only once."""
    alone, mixed = _authorised(server, PAYMENTS), _authorised(server, PAYMENTS // 2)
    return {
        "approve": [_approve(tid) for tid, _ in alone],
        "look up": [_look_up(tid) for tid, _ in alone],
        "cancel": [_cancel(tid, order) for tid, order in alone],
        "a shop's mixture": _mixture(mixed),
    }


def _mixture(payments: list[tuple[str, str]]) -> list[bytes]:
    """Token, approve, look up and cancel in turn, each payment's own steps far apart."""
    calls = []
    for at in range(len(payments) + 2 * _LAG):
        calls.append(TOKEN)
        if at < len(payments):
            calls.append(_approve(payments[at][0]))
        if 0 <= at - _LAG < len(payments):
            calls.append(_look_up(payments[at - _LAG][0]))
        if at - 2 * _LAG >= 0:
            calls.append(_cancel(*payments[at - 2 * _LAG]))
    return calls


def _approve(tid: str) -> bytes:
    return raw(f"POST /v1/payments/{tid}", '{"amount":1004}')


def _look_up(tid: str) -> bytes:
    return raw(f"GET /v1/payments/{tid}")


def _cancel(tid: str, order: str) -> bytes:
    return raw(f"POST /v1/payments/{tid}/cancel", f'{{"reason":"bench","orderId":"{order}"}}')


def _authorised(server: Running, number: int) -> list[tuple[str, str]]:
    """Make payments that the payer has authorised; returns tid and orderId of each."""
    return [_authorise(server.port, f"bench-{next(_orders)}") for _ in range(number)]


def _authorise(port: int, order: str) -> tuple[str, str]:
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
        return json.loads(answer.read())["tid"], order


def beside_others(rounds: int, seconds: float) -> Rows:
    """Our calls per second at 16 connections: alone, and while 200 other calls hang or are late."""
    rows: Rows = {}
    for number in range(rounds):
        with running(SERVE) as (server,):
            for name, rule in (("alone", ""), ("hang", "reply: hang"), ("late", "delay: 1h")):
                say(f"beside others, round {number + 1} of {rounds}: {name}")
                held = _held(server, rule)
                result = server.load(16, [TOKEN], seconds)
                keep(rows, name, "calls/s at 16", result["calls"])
                keep(rows, name, "p99 at 16", result["p99"])
                for connection in held:
                    connection.close()
    return rows


def _held(server: Running, rule: str) -> list[socket.socket]:
    """Open 200 calls of another merchant that wait for their answer; none without a rule."""
    if not rule:
        return []
    address = f"http://127.0.0.1:{server.port}/_mock"
    with http.urlopen(http.Request(f"{address}/merchants", b"{}"), timeout=10) as answer:
        client_id = json.loads(answer.read())["clientId"]
    text = f"version: 1\nname: waits\nrules:\n  - call: payments.get\n    {rule}\n"
    asked = http.Request(f"{address}/scenario?merchant={client_id}", text.encode(), method="PUT")
    http.urlopen(asked, timeout=10).close()
    call = (
        f"GET /v1/payments/T1 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Basic {_basic(client_id)}\r\n\r\n"
    ).encode()
    held = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(200)]
    for connection in held:
        connection.sendall(call)
    return held


def _basic(client_id: str) -> str:
    return b64encode(f"{client_id}:x".encode()).decode()


def show_doors(rows: Rows) -> None:
    """Print the tables of `doors`."""
    table(rows, "The token call over keep-alive sockets", "{:,.1f}")
    for server, candidates in SERVERS.items():
        for reference in (name for name in candidates if name != OURS):
            _compare(rows, f"{OURS}, {server}", f"{reference}, {server}")


def show_life(rows: Rows) -> None:
    """Print the tables of `life`."""
    table(rows, "The life of a payment over keep-alive sockets", "{:,.1f}")
    for step in ("approve", "look up", "cancel", "a shop's mixture"):
        for reference in (FLASK, FUNCTION):
            _compare(rows, f"{step}, {OURS}", f"{step}, {reference}")


def _compare(rows: Rows, ours: str, reference: str) -> None:
    """Print our share of the reference: calls per second, and calls per second of processor time."""
    calls = [f"{ratio(rows, ours, reference, f'calls/s at {n}'):.2f}" for n in CONNECTIONS]
    cpu = [f"{1 / ratio(rows, ours, reference, f'CPU µs at {n}'):.2f}" for n in CONNECTIONS]
    print(f"{ours} of {reference}: {' / '.join(calls)} by time, {' / '.join(cpu)} by CPU")
