"""The in-process doors: calls of `requests` and `httpx` answered by a sandbox, without a socket.

What a scenario does to an answer on its way becomes what the client raises over a socket, at once.
The two libraries are imported where they are used; neither is needed for anything else.
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
    """A session whose calls, to whatever address, are all answered by the sandbox."""
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
    """Within the block, calls of requests and httpx to those hosts are answered by the sandbox.

    That holds for sessions and clients made before, and for ones made in the block; all other
    hosts are reached as ever. Blocks may be nested, the innermost answers. A library that is not
    installed is left out.
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


# Where calls are turned off

Answer = Callable[..., Any]  # takes what the patched method takes, but for self


class _Turning:
    """Stands in for a method: who answers instead of it, and for which hosts."""

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
        """The one that stands in for `owner.name`, put there if there is none."""
        method = getattr(owner, name)
        turning = getattr(method, "turning", None)
        if isinstance(turning, cls) and turning.method is method:
            return turning
        turning = cls(method)
        setattr(owner, name, turning.method)
        return turning


@contextmanager
def _diverted(owner: type, name: str, hosts: frozenset[str], answer: Answer) -> Iterator[None]:
    """Have `answer` called instead of `owner.name` for those hosts.

    Blocks share one replacement, so they may end in any order. When another library has replaced
    the method meanwhile, ours stays below it and lets everything pass.
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
