"""Request bodies that the server receives: the limit on each, and the limit on all together."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from quiet import settings

from mock_nicepay.front.dispatch import SNAPSHOT
from mock_nicepay.front.server.edge import Edge
from mock_nicepay.sandbox import Sandbox

pytestmark = pytest.mark.slow

MIB = 2**20
PIECE = b" " * MIB
TOKEN_CALL = ("POST", "/v1/access-token")


class Caller:
    """Sends a body piece by piece, each on demand."""

    def __init__(self, edge: Edge, method: str, path: str) -> None:
        self._pieces: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._sent: list[Any] = []
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "client": ("127.0.0.1", 1),
        }
        self._call = asyncio.ensure_future(edge(scope, self._pieces.get, self._keep))

    async def _keep(self, message: Any) -> None:
        self._sent.append(message)

    async def send(self, pieces: int) -> None:
        """Send so many pieces of one mebibyte; more follow."""
        for _ in range(pieces):
            self._pieces.put_nowait({"type": "http.request", "body": PIECE, "more_body": True})
        while not self._pieces.empty() and not self._call.done():
            await asyncio.sleep(0)

    async def end(self, body: bytes = b"") -> int:
        """End the body; returns the status of the answer."""
        self._pieces.put_nowait({"type": "http.request", "body": body, "more_body": False})
        await self._call
        status: int = self._sent[0]["status"]
        return status


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A gateway with the usual limits."""
    sandbox = Sandbox(settings())
    yield sandbox
    sandbox.end()


def test_a_snapshot_may_be_large(sandbox: Sandbox) -> None:
    """It may be larger than all other bodies together, and other calls are served meanwhile."""
    snapshot = json.dumps(sandbox.take_snapshot()).encode()

    async def talk() -> tuple[int, int]:
        edge = Edge(sandbox)
        large, small = Caller(edge, "PUT", SNAPSHOT), Caller(edge, *TOKEN_CALL)
        await large.send(80)
        called = await small.end(b"{}")
        return called, await large.end(snapshot)

    assert (401, 200) == asyncio.run(talk())


@pytest.mark.parametrize("path", [SNAPSHOT, "/_mock/merchants", "/v1/access-token"])
def test_a_body_has_a_limit(path: str, sandbox: Sandbox) -> None:
    """One mebibyte; 256 for a snapshot."""

    async def talk(pieces: int) -> int:
        caller = Caller(Edge(sandbox), "PUT", path)
        await caller.send(pieces)
        return await caller.end(b"x")

    most = 256 if path == SNAPSHOT else 1
    assert 413 == asyncio.run(talk(most))
    assert 413 != asyncio.run(talk(most - 1))


@pytest.mark.parametrize(("status", "held"), [(400, 80 * MIB), (401, 0)])
def test_a_snapshot_without_the_admin_key_is_not_read(status: int, held: int) -> None:
    """Without the admin key it is refused, and its body is not buffered."""
    sandbox = Sandbox(settings(admin_key="key" if status == 401 else ""))

    async def talk() -> tuple[int, int]:
        edge = Edge(sandbox)
        caller = Caller(edge, "PUT", SNAPSHOT)
        await caller.send(80)
        return edge._snapshots._held, await caller.end(b"{}")

    assert (held, status) == asyncio.run(talk())
    sandbox.end()


def test_one_snapshot_comes_at_a_time(sandbox: Sandbox) -> None:
    """A client whose snapshot does not fit is told to send it again."""

    async def talk() -> tuple[int, int]:
        edge = Edge(sandbox)
        first, second = Caller(edge, "PUT", SNAPSHOT), Caller(edge, "PUT", SNAPSHOT)
        await first.send(200)
        await second.send(60)
        return await second.end(b"{}"), await first.end(b"{}")

    assert (503, 400) == asyncio.run(talk())
