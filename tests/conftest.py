"""What the project's own tests share: a sandbox, a way to call it, the seeded keys, a live server."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

# httpx remembers the classes of httpcore, which it imports late. A test that runs pytest inside
# pytest forgets what was first imported in there; so it is imported here.
import httpcore  # noqa: F401
import postgres as postgres_server
import pytest
from quiet import settings

from mock_nicepay.contract.endpoint import Reply, Request, settled
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests in a browser come last. They are slow ones, and so are those on a PostgreSQL.

    Playwright keeps an event loop running in the thread that began it: no test that runs a loop of
    its own can follow in the same process.
    """
    items.sort(key=_in_browser)
    for item in items:
        if _in_browser(item) or _on_postgres(item):
            item.add_marker(pytest.mark.slow)


def _in_browser(item: pytest.Item) -> bool:
    return item.path.parent.name == "browser"


def _on_postgres(item: pytest.Item) -> bool:
    case = getattr(item, "callspec", None)
    kinds = case.params.values() if case is not None else ()
    named = [*getattr(item, "fixturenames", ()), *(each for each in kinds if isinstance(each, str))]
    return "postgres" in named


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests call 127.0.0.1, which no proxy of the machine's can reach for them."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class KeyPair(NamedTuple):
    """The two halves of a merchant's login, in the order of `auth=`."""

    client_id: str
    secret_key: str


class Published(NamedTuple):
    """The key pairs of fixtures/merchants.yaml: NICEPAY's three, and ours of a narrower type."""

    server: KeyPair = KeyPair(
        "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"
    )
    client: KeyPair = KeyPair(
        "S1_6eaa0db1afdc41f3becb770878d67d25", "e80d068e400649a6ada66777fa350d40"
    )
    english: KeyPair = KeyPair(
        "S1_ce1bb1ebebc44fe1a3f7cec976c83ea7", "13e969a77a0545799242ccc3915243d3"
    )
    basic_only: KeyPair = KeyPair(
        "S2_ba51c0000000000000000000000ba51c", "0000000000000000000000000000ba51"
    )
    token_only: KeyPair = KeyPair(
        "S2_70ce0000000000000000000000070ce0", "000000000000000000000000000070ce"
    )


class Answer(Reply):
    """A reply with its body read as JSON."""

    @property
    def json(self) -> Any:
        """The body as JSON; in the character set its Content-Type names."""
        charset = (self.header("content-type") or "").partition("charset=")[2] or "utf-8"
        return json.loads(self.body.decode(charset))


Call = Callable[..., Answer]


def authorization(auth: tuple[str, str] | str) -> str:
    """The Authorization header of a key pair (Basic) or of a token (Bearer)."""
    if isinstance(auth, str):
        return f"Bearer {auth}"
    return f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"


@pytest.fixture
def sandbox() -> Sandbox:
    """A fresh gateway whose clock stands still and which checks its own answers."""
    return Sandbox(settings())


@pytest.fixture
def call(sandbox: Sandbox) -> Call:
    """Send one request to `sandbox`: `call("POST", "/v1/access-token", auth=published.server)`.

    `query` may be a mapping, `body` a text or something to send as JSON, `auth` a key pair or a token.
    """

    def send(
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: str | Mapping[str, str] = "",
        body: Any = b"",
        auth: tuple[str, str] | str | None = None,
        peer: str = "127.0.0.1",
    ) -> Answer:
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if auth is not None:
            sent["authorization"] = authorization(auth)
        if isinstance(body, str):
            body = body.encode()
        elif not isinstance(body, bytes):
            body = json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("content-type", "application/json")
        query = query if isinstance(query, str) else urlencode(query)
        reply = settled(respond(sandbox, Request(method, path, query, sent, body, peer)))
        return Answer(reply.status, reply.headers, reply.body, reply.wire)

    return send


@pytest.fixture(scope="session")
def published() -> Published:
    """The key pairs every sandbox starts with."""
    return Published()


@pytest.fixture
def live() -> Iterator[BackgroundServer]:
    """A server on a free port, around a fresh sandbox of its own."""
    with BackgroundServer(Sandbox(settings())) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[postgres_server.Postgres]:
    """A PostgreSQL server of the tests' own, begun when the first of them asks for it."""
    with postgres_server.running() as server:
        yield server
