"""In-process transports: calls of `requests` and `httpx` answered by a sandbox, without a socket.

A late or broken answer of a scenario raises, without waiting, what the client raises over a socket.
Each library is imported where it is used; neither is needed for anything else.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mock_nicepay.sandbox import Sandbox

if TYPE_CHECKING:
    from requests import Session

    from mock_nicepay.front.testing.httpx_transport import AsyncSandboxTransport, SandboxTransport
    from mock_nicepay.front.testing.requests_transport import SandboxAdapter

HOSTS = ("api.nicepay.co.kr", "sandbox-api.nicepay.co.kr")


def requests_adapter(sandbox: Sandbox) -> "SandboxAdapter":
    """An adapter for `Session.mount`. Raises `ImportError` when requests is not installed."""
    return _door("requests").SandboxAdapter(sandbox)  # type: ignore[no-any-return]


def requests_session(sandbox: Sandbox) -> "Session":
    """A session whose calls are all answered by the sandbox, whatever their address."""
    adapter, session = requests_adapter(sandbox), import_module("requests").Session()
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session  # type: ignore[no-any-return]


def httpx_transport(sandbox: Sandbox) -> "SandboxTransport":
    """A transport for `httpx.Client`. Raises `ImportError` when httpx is not installed."""
    return _door("httpx").SandboxTransport(sandbox)  # type: ignore[no-any-return]


def httpx_async_transport(sandbox: Sandbox) -> "AsyncSandboxTransport":
    """A transport for `httpx.AsyncClient`. Raises `ImportError` when httpx is not installed."""
    return _door("httpx").AsyncSandboxTransport(sandbox)  # type: ignore[no-any-return]


@contextmanager
def intercept(sandbox: Sandbox, hosts: Iterable[str] = HOSTS) -> Iterator[None]:
    """Within the block, calls of requests and httpx to these hosts are answered by the sandbox.

    This applies to sessions and clients made before or inside the block. Calls to other hosts are not
    changed. Blocks may be nested; the innermost one answers. A library that is not installed is
    skipped.
    """
    named = frozenset(host.lower() for host in hosts)
    with ExitStack() as stack:
        if find_spec("requests"):
            from requests.adapters import HTTPAdapter

            answer: Answer = requests_adapter(sandbox).send
            stack.enter_context(_diverted(HTTPAdapter, "send", named, answer))
        if find_spec("httpx"):
            import httpx

            answer = httpx_transport(sandbox).handle_request
            stack.enter_context(_diverted(httpx.HTTPTransport, "handle_request", named, answer))
            answer = httpx_async_transport(sandbox).handle_async_request
            method = "handle_async_request"
            stack.enter_context(_diverted(httpx.AsyncHTTPTransport, method, named, answer))
        yield


def _door(library: str) -> ModuleType:
    if not find_spec(library):
        raise ImportError(
            f"{library} is not installed: pip install mock-nicepay[{library}]", name=library
        )
    return import_module(f"mock_nicepay.front.testing.{library}_transport")


# Patching the libraries

Answer = Callable[..., Any]  # takes the patched method's arguments, without self


class _Turning:
    """A replacement for a method: calls another function instead, for some hosts."""

    def __init__(self, straight_on: Callable[..., Any]) -> None:
        self.straight_on = straight_on
        self.answers: list[tuple[frozenset[str], Answer]] = []  # the innermost block last

        @wraps(straight_on)
        def method(owner: Any, request: Any, *args: Any, **options: Any) -> Any:
            host = (urlsplit(str(request.url)).hostname or "").lower()
            for hosts, answer in reversed(self.answers):
                if host in hosts:
                    return answer(request, *args, **options)
            return straight_on(owner, request, *args, **options)

        self.method = method
        method.turning = self  # type: ignore[attr-defined]

    @classmethod
    def standing_in(cls, owner: type, name: str) -> "_Turning":
        """The replacement of `owner.name`, installed if there is none."""
        method = getattr(owner, name)
        turning = getattr(method, "turning", None)
        if isinstance(turning, cls) and turning.method is method:
            return turning
        turning = cls(method)
        setattr(owner, name, turning.method)
        return turning


@contextmanager
def _diverted(owner: type, name: str, hosts: frozenset[str], answer: Answer) -> Iterator[None]:
    """Call `answer` instead of `owner.name` for these hosts, inside the block.

    Blocks share one replacement, so they may end in any order. When another library has patched the
    method meanwhile, ours stays underneath and calls the original method.
    """
    turning = _Turning.standing_in(owner, name)
    row = (hosts, answer)
    turning.answers.append(row)
    try:
        yield
    finally:
        turning.answers.remove(row)
        if not turning.answers and getattr(owner, name) is turning.method:
            setattr(owner, name, turning.straight_on)
