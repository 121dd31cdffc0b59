"""A receiver of webhooks for tests: a real listener on this machine that answers what the test says."""

import json
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Event, Thread
from typing import Any, Protocol
from urllib.parse import urlsplit

_HERE = "127.0.0.1"
_POLL = 0.02  # seconds that the listener may take to see that it is to end


@dataclass(frozen=True)
class Received:
    """One event as it came."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    secret_key: str = field(repr=False)

    @property
    def charset(self) -> str:
        """What the Content-Type says the body is in, in lower case."""
        return self.headers.get("content-type", "").partition("charset=")[2].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The body's JSON. Raises `ValueError` when it is none."""
        return json.loads(self.body.decode("cp949" if self.charset == "euc-kr" else "utf-8"))

    @property
    def tid(self) -> str:
        """The payment it tells of."""
        return str(self.json["tid"])

    @property
    def order_id(self) -> str:
        """That payment's orderId."""
        return str(self.json["orderId"])

    @property
    def status(self) -> str:
        """paid, ready, cancelled or partialCancelled."""
        return str(self.json["status"])

    @property
    def genuine(self) -> bool:
        """Whether the signature is the one that the merchant's secret key makes."""
        parts = (self.json.get(name) for name in ("tid", "amount", "ediDate"))
        text = "".join(map(str, parts)) + self.secret_key
        return bool(self.json.get("signature") == sha256(text.encode()).hexdigest())


Body = str | bytes | Callable[[Received], str | bytes]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How calls are answered."""

    body: Body = "OK"
    status: int = 200
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


class Gateway(Protocol):
    """What the receiver asks of the gateway that calls it."""

    def register(self, url: str) -> None:
        """Have all events of the merchant go to `url`."""

    def forget(self) -> None:
        """Have them go nowhere."""

    def settle(self) -> None:
        """Wait until everything that has left is answered."""

    def log(self) -> list[dict[str, Any]]:
        """The deliveries, the newest first."""


class Receiver:
    """Listens from its making until `close`, and has got all of the merchant's events meanwhile.

    It is a list of what came, the oldest first. To look at it waits for what is under way, so do
    not look from inside of an answer.
    """

    def __init__(self, gateway: Gateway, secret_key: str, host: str = _HERE) -> None:
        self._gateway = gateway
        self._secret_key = secret_key
        self._came: list[Received] = []
        self._usual = _Plan()
        self._next: list[_Plan] = []
        self._changed = Condition()
        self._closed = Event()
        self._server = _server(self, host)
        self.url = f"http://{host}:{self._server.server_address[1]}/webhook"
        self._thread = Thread(
            target=self._server.serve_forever,
            args=(_POLL,),
            name="mock-nicepay-receiver",
            daemon=True,
        )
        self._thread.start()
        self.register()

    def register(self) -> None:
        """Have all of the merchant's events come here, as from the beginning."""
        self._gateway.register(self.url)

    def answer(
        self,
        body: Body = "OK",
        status: int = 200,
        delay: float = 0.0,
        times: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Receiver":
        """How to answer: from now on, or only the next `times` calls. `delay` is in seconds.

        `body` may be a function of the event that gives the body: what a shop does with it. When it
        raises, HTTP 500 is answered. Raises `TypeError` for what is not a body.
        """
        if not (isinstance(body, str | bytes) or callable(body)):
            raise TypeError(
                "answer() takes a text, bytes or a function of the event; "
                f"this is {type(body).__name__}"
            )
        plan = _Plan(body, status, delay, headers or {})
        with self._changed:
            if times is None:
                self._usual = plan
                self._next.clear()
            else:
                self._next += [plan] * times
        return self

    @property
    def received(self) -> list[Received]:
        """What has come, the oldest first, after waiting for what is under way."""
        self._gateway.settle()
        with self._changed:
            return list(self._came)

    @property
    def log(self) -> list[dict[str, Any]]:
        """The gateway's own list of its deliveries with each try, the newest first."""
        self._gateway.settle()
        return self._gateway.log()

    def wait(self, count: int = 1, timeout: float = 5.0) -> list[Received]:
        """What has come once there are `count`. Raises `TimeoutError` after so many seconds."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._came) >= count, timeout):
                raise TimeoutError(
                    f"{len(self._came)} of {count} webhooks came in {timeout:g} s; retries happen "
                    "in the merchant's time: advance(minutes=1)"
                )
            return list(self._came)

    def clear(self) -> "Receiver":
        """Forget what has come so far."""
        with self._changed:
            self._came.clear()
        return self

    def close(self) -> None:
        """Listen no more; what still waits to be delivered is given up."""
        self._closed.set()
        try:
            self._gateway.forget()
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(timeout=5)

    def take(self, event: Received) -> _Plan:
        """Keep an event, and say how to answer it."""
        with self._changed:
            self._came.append(event)
            self._changed.notify_all()
            plan = self._next.pop(0) if self._next else self._usual
        self._closed.wait(plan.delay)
        return plan

    def event(self, path: str, headers: Mapping[str, str], body: bytes) -> Received:
        """An event that has come for this merchant."""
        return Received(path, headers, body, self._secret_key)

    def __len__(self) -> int:
        return len(self.received)

    def __iter__(self) -> Iterator[Received]:
        return iter(self.received)

    def __getitem__(self, index: int) -> Received:
        return self.received[index]

    def __bool__(self) -> bool:
        """A receiver is there also before anything has come."""
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Tell of what a test's own function did wrong; a gateway that has hung up is not an error."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _payload(plan: _Plan, event: Received) -> bytes:
    body = plan.body(event) if callable(plan.body) else plan.body
    return body.encode() if isinstance(body, str) else memoryview(body).tobytes()


def host_seen_from(url: str) -> str:
    """The address of this machine that a server at `url` can call back; IPv4 alone."""
    parts = urlsplit(url)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.connect((parts.hostname or _HERE, parts.port or 80))  # sends nothing
            return str(line.getsockname()[0])
    except OSError:
        return _HERE


def _server(receiver: Receiver, host: str) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            event = receiver.event(self.path, headers, self.rfile.read(length))
            plan = receiver.take(event)
            try:
                payload = _payload(plan, event)
            except (
                Exception
            ) as error:  # told to pytest, then to the gateway as a shop's server does
                self.server.handle_error(self.request, self.client_address)
                self._answer(500, f"{type(error).__name__}: {error}".encode(), {})
                return
            self._answer(plan.status, payload, plan.headers)

        def _answer(self, status: int, payload: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "text/html", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args: Any) -> None:
            """A test's output is its own."""

    return _Server((host, 0), Handler)
