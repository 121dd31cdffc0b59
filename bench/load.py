"""A keep-alive HTTP load on one address: python bench/load.py HOST PORT CONNECTIONS SECONDS REQUEST_FILE

Sends the bytes of REQUEST_FILE repeatedly on each connection and prints one JSON line: calls per
second, number of calls, median and 99th percentile in milliseconds, and how many answers were not 200.
If the file has several requests, separated by a line `--next--`, each is sent once, on whichever
connection is free.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

NEXT = b"\r\n--next--\r\n"


class Caller(asyncio.Protocol):
    """One connection: send, wait for the whole answer, send again."""

    def __init__(
        self, requests: Iterator[bytes], times: list[float], done: asyncio.Future[None]
    ) -> None:
        self.requests, self.times, self.done = requests, times, done
        self.end = 0.0
        self.bad = 0
        self.seen = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport; the load begins when all connections are open."""
        self.transport = transport

    def send(self) -> None:
        """Send the next request; close the connection when there is none."""
        request = next(self.requests, None)
        self.sent = time.perf_counter()
        if request is None:
            self.transport.close()
        else:
            self.transport.write(request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Count the answer once it is complete, then send the next request."""
        self.seen += data
        head, gap, body = self.seen.partition(b"\r\n\r\n")
        if not gap:
            return
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        now = time.perf_counter()
        self.times.append(now - self.sent)
        self.bad += not head.startswith(b"HTTP/1.1 200")
        self.seen = b""
        if now < self.end:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        """Report this connection as done."""
        if not self.done.done():
            self.done.set_result(None)


async def load(
    host: str, port: int, connections: int, seconds: float, content: bytes
) -> dict[str, float]:
    """Run the load and return the measured figures."""
    loop = asyncio.get_running_loop()
    several = content.split(NEXT)
    requests = iter(several) if len(several) > 1 else repeat(content)
    times: list[float] = []
    callers, dones = [], []
    for _ in range(connections):
        dones.append(loop.create_future())
        caller = Caller(requests, times, dones[-1])
        callers.append(caller)
        await loop.create_connection(lambda caller=caller: caller, host, port)  # type: ignore[misc]
    await asyncio.sleep(0.2)  # until the server has accepted them all
    begun = time.perf_counter()
    for caller in callers:
        caller.end = begun + seconds
        caller.send()
    await asyncio.gather(*dones)
    took = time.perf_counter() - begun
    times.sort()
    return {
        "calls": len(times) / took,
        "made": len(times),
        "p50": times[len(times) // 2] * 1000,
        "p99": times[int(len(times) * 0.99)] * 1000,
        "bad": sum(caller.bad for caller in callers),
    }


if __name__ == "__main__":
    try:
        import uvloop

        run = uvloop.run
    except ImportError:
        run = asyncio.run
    host, port, connections, seconds, file = sys.argv[1:]
    print(
        json.dumps(
            run(load(host, int(port), int(connections), float(seconds), Path(file).read_bytes()))
        )
    )
