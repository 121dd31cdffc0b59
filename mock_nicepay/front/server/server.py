"""Our HTTP server: uvicorn with our ASGI application, in the foreground or in a thread."""

import asyncio
import contextlib
import gc
import signal
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from threading import Event, Thread
from typing import Any

import uvicorn

from mock_nicepay.front.server.edge import Edge
from mock_nicepay.front.server.patience import (
    Patience,
    connection_bound,
    dismiss_the_slow,
    file_limit,
)
from mock_nicepay.front.server.protocol import Connection
from mock_nicepay.front.server.room import Room
from mock_nicepay.front.server.turns import Turns
from mock_nicepay.sandbox import Sandbox

_BACKLOG = 2048
_YOUNG = 10_000  # new objects until Python collects the youngest generation; the default is 700
_TICKS = 10  # uvicorn ticks (0.1 s each) between two checks for slow clients
_GONE_AFTER = 60  # seconds of silence before TCP keep-alive probes the other end
_WITH_CALLERS = Patience()
_PATIENCE = 1  # seconds that answers under way may take when the server stops


class PortInUse(Exception):
    """The address cannot be listened on."""


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
        """Bind and listen. Raises `PortInUse`. With `shares_port` other processes may listen, too."""
        self._sandbox = sandbox
        self._ready = ready
        most = connection_bound(sandbox.settings.connection_limit, file_limit())
        room = Room(sandbox.settings.body_limit)
        self.listening = Event()
        self._sockets = [_listen(host, port, shares_port=shares_port)]
        self.url = _url_of(self._sockets[0])
        sandbox.listens_at(
            "" if _is_everywhere(self._sockets[0]) else self.url, _public_port(self._sockets[0])
        )
        self._edge = Edge(sandbox)
        bounded = {"most": most, "room": room, "turns": Turns()}
        super().__init__(
            uvicorn.Config(
                self._edge,
                http=type("_Bounded", (Connection,), bounded),
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,  # the IP allow list needs the address of the socket
                timeout_graceful_shutdown=_PATIENCE,
                backlog=_BACKLOG,
            )
        )

    def serve_here(self) -> None:
        """Serve until a signal, or `stop` from another thread."""
        with asyncio.Runner(loop_factory=self.config.get_loop_factory()) as runner:
            runner.run(self.serve(sockets=self._sockets))

    def serve_alone(self) -> None:
        """The same in a process that does nothing else: tunes the garbage collector for it.

        Objects made during start-up live as long as the process; scanning them delayed a call by 16 ms
        now and then.
        """
        gc.freeze()
        gc.set_threshold(_YOUNG)
        self.serve_here()

    def stop(self) -> None:
        """Make the server end soon. May be called from any thread."""
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then set `listening` and call `ready`."""
        await super().startup(sockets=sockets)
        self.listening.set()
        self._ready(self.url)

    async def on_tick(self, counter: int) -> bool:
        """Close the connections of slow clients, once a second."""
        if counter % _TICKS == 0:
            self.dismiss_the_slow()
        return await super().on_tick(counter)

    def dismiss_the_slow(self, later: float = 0.0) -> None:
        """Close the connections of clients that are too slow, or will be `later` seconds from now."""
        now = asyncio.get_running_loop().time() + later
        dismiss_the_slow(self.server_state.connections, _WITH_CALLERS, now)  # type: ignore[arg-type]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cut the answers that still wait, because one may hang for ever; then stop the rest."""
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
        except ValueError:  # not the main thread, which alone may handle signals
            yield
            return
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class BackgroundServer:
    """A server in a thread, for fixtures and `mock-nicepay run`."""

    def __init__(self, sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> None:
        self._server = Server(sandbox, host, port)
        self._thread = Thread(target=self._server.serve_here, name="mock-nicepay", daemon=True)

    def __enter__(self) -> "BackgroundServer":
        """Start; returns when it answers. Raises `RuntimeError` when the server ends before that."""
        self._thread.start()
        while not self._server.listening.wait(timeout=0.2):
            if not self._thread.is_alive():
                raise RuntimeError("the server ended before it listened; its thread logged why")
        return self

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`."""
        return self._server.url

    def __exit__(self, *exc: object) -> None:
        """Stop; returns when the port is free, after 10 seconds at most."""
        self._server.stop()
        self._thread.join(timeout=10)


def _notice_the_vanished(listener: socket.socket) -> None:
    """Set TCP keep-alive: a connection ends when its other end vanishes without closing it.

    Connections inherit it from the listener, so none needs a call of its own.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", _GONE_AFTER), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, name):
            listener.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _is_everywhere(listener: socket.socket) -> bool:
    """Whether it listens on all addresses, so that none of them is its address."""
    return listener.getsockname()[0] in {"0.0.0.0", "::"}  # noqa: S104 - compared, not listened on


def _public_port(listener: socket.socket) -> int | None:
    """Its port when other machines can reach it; None on a loopback address."""
    host, port = listener.getsockname()[:2]
    return None if ip_address(host.partition("%")[0]).is_loopback else int(port)


def reserve(host: str, port: int) -> tuple[socket.socket, str]:
    """Reserve a port that several processes may listen on.

    Returns the bound socket, which keeps the port, and its URL. Raises `PortInUse`.
    """
    _bound(host, port, shares_port=False).close()  # fails when another program has the port
    kept = _bound(host, port, shares_port=True)
    return kept, _url_of(kept)


def _listen(host: str, port: int, *, shares_port: bool = False) -> socket.socket:
    """A listening socket. Raises `PortInUse`, which says what would help."""
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
