"""A webhook receiver for tests: a real HTTP server on this machine that answers as the test says."""

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
_POLL = 0.02  # seconds until the listener notices that it must end


@dataclass(frozen=True)
class Received:
    """One event as it was received."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes
    secret_key: str = field(repr=False)

    @property
    def charset(self) -> str:
        """The charset that the Content-Type names, in lower case."""
        return self.headers.get("content-type", "").partition("charset=")[2].strip().lower()

    @cached_property
    def json(self) -> Any:
        """The body's JSON. Raises `ValueError` when the body is not JSON."""
        return json.loads(self.body.decode("cp949" if self.charset == "euc-kr" else "utf-8"))

    @property
    def tid(self) -> str:
        """The payment that the event is about."""
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
        """Whether the signature is right, by the merchant's secret key."""
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
    """The gateway, as the receiver uses it."""

    def register(self, url: str) -> None:
        """Send all events of the merchant to `url` from now on."""

    def forget(self) -> None:
        """Send them nowhere any more."""

    def settle(self) -> None:
        """Wait until all events that were sent are answered."""

    def log(self) -> list[dict[str, Any]]:
        """The deliveries, the newest first."""


class Receiver:
    """Receives all of the merchant's events, from its construction until `close`.

    It is a list of what was received, the oldest first. Reading it waits for deliveries under way, so
    do not read it inside an answer's function.
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
        """Register for all of the merchant's events (again, after a reset)."""
        self._gateway.register(self.url)

    def answer(
        self,
        body: Body = "OK",
        status: int = 200,
        delay: float = 0.0,
        times: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> "Receiver":
        """Set the answer: from now on, or for the next `times` events only. `delay` is in seconds.

        `body` may be a function that takes the event and returns the body, as a shop's handler does.
        When it raises, the answer is HTTP 500. Raises `TypeError` for any other type of `body`.
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
        """The events received, the oldest first. Waits for deliveries under way."""
        self._gateway.settle()
        with self._changed:
            return list(self._came)

    @property
    def log(self) -> list[dict[str, Any]]:
        """The gateway's own list of deliveries with each attempt, the newest first."""
        self._gateway.settle()
        return self._gateway.log()

    def wait(self, count: int = 1, timeout: float = 5.0) -> list[Received]:
        """Wait for `count` events and return all received. Raises `TimeoutError` after `timeout` s."""
        with self._changed:
            if not self._changed.wait_for(lambda: len(self._came) >= count, timeout):
                raise TimeoutError(
                    f"{len(self._came)} of {count} webhooks came in {timeout:g} s; retries happen "
                    "in the merchant's time: advance(minutes=1)"
                )
            return list(self._came)

    def clear(self) -> "Receiver":
        """Forget the events received so far."""
        with self._changed:
            self._came.clear()
        return self

    def close(self) -> None:
        """Stop listening; events that are still to be delivered are dropped."""
        self._closed.set()
        try:
            self._gateway.forget()
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join(timeout=5)

    def take(self, event: Received) -> _Plan:
        """Keep an event, wait for the delay of its answer, and return how to answer it."""
        with self._changed:
            self._came.append(event)
            self._changed.notify_all()
            plan = self._next.pop(0) if self._next else self._usual
        self._closed.wait(plan.delay)
        return plan

    def event(self, path: str, headers: Mapping[str, str], body: bytes) -> Received:
        """An event received for this merchant."""
        return Received(path, headers, body, self._secret_key)

    def __len__(self) -> int:
        return len(self.received)

    def __iter__(self) -> Iterator[Received]:
        return iter(self.received)

    def __getitem__(self, index: int) -> Received:
        return self.received[index]

    def __bool__(self) -> bool:
        """Always true, also before anything was received."""
        return True


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report an exception of a test's own function; ignore a gateway that has disconnected."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _payload(plan: _Plan, event: Received) -> bytes:
    body = plan.body(event) if callable(plan.body) else plan.body
    return body.encode() if isinstance(body, str) else memoryview(body).tobytes()


def host_seen_from(url: str) -> str:
    """The IPv4 address of this machine that a server at `url` can call back."""
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
            ) as error:  # reported to pytest, then to the gateway as a shop's server would
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
            """Print nothing: a test's output belongs to the test."""

    return _Server((host, 0), Handler)
