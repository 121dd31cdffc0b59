"""Our HTTP server: uvicorn around the ASGI door, in the foreground or in a thread."""

import asyncio
import contextlib
import json
import logging
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from threading import Event, Thread
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mock_nicepay.front.server.edge import TRANSPORT, Edge
from mock_nicepay.front.server.patience import (
    ADDRESS_BYTES,
    AHEAD,
    HEADER_BYTES,
    HEADER_LINES,
    Patience,
    connection_bound,
    dismiss_the_slow,
    file_limit,
    longest_waited_for,
)
from mock_nicepay.sandbox import Sandbox

_BACKLOG = 2048
_TICKS = 10  # of uvicorn's, a tenth of a second each, from one look at the slow to the next
_GONE_AFTER = 60  # seconds of silence after which the system asks whether the other end is there
_TOO_LARGE: Mapping[int, str] = {
    414: f"the request's address is longer than {ADDRESS_BYTES} bytes",
    431: f"the request's header is larger than {HEADER_BYTES} bytes, or than {HEADER_LINES} lines",
}
_TOO_SLOW = {
    "head": "the request's header was not complete after {:g} s",
    "body": "the request's body was not complete after {:g} s",
}
_NOT_HTTP = (
    "this is no HTTP/1.1 request: the method, the address (percent-encoded) or a header is malformed, "
    "or it was meant for https:// (this server speaks http://)"
)
# What a caller did wrong is told to the caller; the log is for our own mistakes.
_OURS = logging.getLogger("mock_nicepay.server")
_OURS.setLevel(logging.ERROR)
_WITH_CALLERS = Patience()
_PATIENCE = 1  # seconds that answers under way may take when the server is told to stop


class PortInUse(Exception):
    """The address cannot be listened on."""


class _Protocol(HttpToolsProtocol):
    """uvicorn's protocol, which also lends the connection to the edge and knows bounds.

    `since` and `unread` are those of `patience.Caller`.
    """

    most = 0  # connections at once; set by the server, in a class of its own

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.logger = _OURS
        self.since = self.loop.time()
        self.unread = (0, self.since)
        self._in_head = False
        self._header_size = self._header_lines = 0
        self._unheard = 0  # bytes that the parser keeps for itself: of a line that has not ended
        self._too_large = 0  # the status that says so

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Serve another caller; when there are too many, those that owe us a request make room."""
        super().connection_made(transport)
        if len(self.connections) <= self.most:
            return
        others = (each for each in self.connections if each is not self)
        given_up = longest_waited_for(others, self.most)
        for each in given_up:
            each.transport.abort()
            self.connections.discard(each)
        if not given_up:
            self._refuse(503, f"{self.most} connections are being served (--connection-limit)")

    def data_received(self, data: bytes) -> None:
        """Parse what came; a line without an end is refused as soon as it is too long.

        The parser hands over whole lines only, and each piece that is added to one copies it.
        """
        self._unheard += len(data)
        super().data_received(data)
        if self._unheard > HEADER_BYTES and not self.transport.is_closing():
            self._refuse(431, _TOO_LARGE[431])

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._unheard = 0
        self._in_head = True
        self.since = self.loop.time()
        self._header_size = self._header_lines = 0
        lent: dict[str, Any] = {TRANSPORT: self.transport}
        self.scope["extensions"] = lent

    def on_url(self, url: bytes) -> None:
        self._unheard = 0
        super().on_url(url)
        if len(self.url) > ADDRESS_BYTES:
            self._end_reading(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._unheard = 0
        self._header_lines += 1
        self._header_size += len(name) + len(value)
        if self._header_size > HEADER_BYTES or self._header_lines > HEADER_LINES:
            self._end_reading(431)
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= AHEAD:  # in silence: a word would be taken for an earlier answer
            self.transport.abort()
            raise ValueError(f"more than {AHEAD} requests were sent ahead of their answers")
        super().on_headers_complete()
        self._in_head = False
        self.since = self.loop.time()

    def on_body(self, body: bytes) -> None:
        self._unheard = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        self.since = self.loop.time()
        super().on_response_complete()

    def _end_reading(self, status: int) -> None:
        self._too_large = status
        raise ValueError(_TOO_LARGE[status])

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP request, or one that is too large; in JSON like all else."""
        if not self.transport.is_closing():
            self._refuse(self._too_large or 400, _TOO_LARGE.get(self._too_large, _NOT_HTTP))

    def owes(self) -> str:
        """What the caller is waited for; see `patience.Caller`."""
        if self._in_head:
            return "head"
        if self.cycle is None or self.cycle.response_complete:
            return "idle"
        # What was sent ahead of an answer is read after it.
        return "body" if self.cycle.more_body and not self.pipeline else ""

    def lies_ready(self) -> int:
        """Bytes of answers that the caller has not taken."""
        return self.transport.get_write_buffer_size()

    def dismiss(self, owed: str, seconds: float) -> None:
        """End the connection of a caller who is too slow."""
        if owed in _TOO_SLOW and not self.pipeline:
            self._refuse(408, _TOO_SLOW[owed].format(seconds))
        else:
            self.transport.abort()

    def _refuse(self, status: int, message: str) -> None:
        body = json.dumps({"error": message}, separators=(",", ":")).encode()
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
            "content-type: application/json;charset=utf-8\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
        )
        self.transport.write(head.encode("ascii") + body)
        self.transport.close()


class Server(uvicorn.Server):
    """One listening server. `ready` is called with its address once it can answer."""

    def __init__(
        self,
        sandbox: Sandbox,
        host: str,
        port: int,
        ready: Callable[[str], None] = lambda url: None,
        *,
        shares_port: bool = False,
    ) -> None:
        """With `shares_port` other processes may listen there, too."""
        self._sandbox = sandbox
        self._ready = ready
        most = connection_bound(sandbox.settings.connection_limit, file_limit())
        self.listening = Event()
        self._sockets = [_listen(host, port, shares_port=shares_port)]
        self.url = _url_of(self._sockets[0])
        sandbox.listens_at("" if _is_everywhere(self._sockets[0]) else self.url)
        self._edge = Edge(sandbox)
        super().__init__(
            uvicorn.Config(
                self._edge,
                http=type("_Bounded", (_Protocol,), {"most": most}),
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,  # the allow list goes by who really calls
                timeout_keep_alive=75,
                timeout_graceful_shutdown=_PATIENCE,
                backlog=_BACKLOG,
            )
        )

    def serve_here(self) -> None:
        """Serve until told to stop by a signal (or by `stop` from another thread)."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self.serve(sockets=self._sockets))

    def stop(self) -> None:
        """Have the server end soon. May be called from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, then say so."""
        await super().startup(sockets=sockets)
        self.listening.set()
        self._ready(self.url)

    async def on_tick(self, counter: int) -> bool:
        """Let go of callers who are too slow, once a second."""
        if counter % _TICKS == 0:
            self.dismiss_the_slow()
        return await super().on_tick(counter)

    def dismiss_the_slow(self, later: float = 0.0) -> None:
        """End the connections of callers who are too slow, or would be `later` seconds from now."""
        now = asyncio.get_running_loop().time() + later
        dismiss_the_slow(self.server_state.connections, _WITH_CALLERS, now)  # type: ignore[arg-type]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the answers that still wait, for one may hang for ever; then everything else."""
        self._sandbox.close()
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is not None and not cycle.response_complete:
                connection.transport.abort()
        await super().shutdown(sockets)
        self._edge.close()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM end the server; unlike uvicorn's, the process then ends with status 0."""

        def end(number: int, frame: Any) -> None:
            self.should_exit = True

        try:
            before = {
                number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)
            }
        except ValueError:  # not the main thread: signals are its business
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class BackgroundServer:
    """A server in a thread, as fixtures and `mock-nicepay run` use it."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = Server(sandbox, host, port)
        self._thread = Thread(target=self._server.serve_here, name="mock-nicepay", daemon=True)

    def __enter__(self) -> "BackgroundServer":
        """Start, and return when it answers."""
        self._thread.start()
        while not self._server.listening.wait(timeout=0.2):
            if not self._thread.is_alive():
                raise RuntimeError("the server ended before it listened; its thread tells why")
        return self

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._server.url

    def __exit__(self, *exc: object) -> None:
        """Stop, and return when the port is free."""
        self._server.stop()
        self._thread.join(timeout=10)


def _notice_the_vanished(listener: socket.socket) -> None:
    """Have its connections end when the other end has vanished without a word.

    They inherit it: that costs nothing for each of them.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", _GONE_AFTER), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_everywhere(listener: socket.socket) -> bool:
    """Whether it listens on all addresses, so that none of them is the one to call."""
    return listener.getsockname()[0] in {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on


def reserve(host: str, port: int) -> tuple[socket.socket, str]:
    """A place where several processes may listen, kept for them, and its address. Raises `PortInUse`."""
    _bound(host, port, shares_port=False).close()  # somebody else's port is not to be shared
    kept = _bound(host, port, shares_port=True)
    return kept, _url_of(kept)


def _listen(host: str, port: int, *, shares_port: bool = False) -> socket.socket:
    """A listening socket. Raises `PortInUse` with what would help."""
    listener = _bound(host, port, shares_port=shares_port)
    try:
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise _in_use(host, port, error) from None
    return listener


def _bound(host: str, port: int, *, shares_port: bool) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError) as error:
        raise PortInUse(f"cannot listen on {host}:{port}: {error}") from None
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _notice_the_vanished(bound)
        if shares_port:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _in_use(host, port, error) from None
    return bound


def _in_use(host: str, port: int, error: OSError) -> PortInUse:
    reason = (error.strerror or str(error)).lower()
    return PortInUse(
        f"cannot listen on {host}:{port}: {reason}; choose another --port, or --port 0 for a free one"
    )
