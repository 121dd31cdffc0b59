"""The few values every layer hands on: what came in, which call it is, what goes out.

Pure values. Nothing here knows HTTP servers, the store or the clock. Nobody changes one: where one
is made for each call, to have Python see to that (`frozen`) would triple what it costs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any
from urllib.parse import parse_qsl, unquote

from mock_nicepay.contract.editions import Edition
from mock_nicepay.contract.fields import Body
from mock_nicepay.contract.refusal import Cause
from mock_nicepay.contract.shape import Shape
from mock_nicepay.contract.signing import Formula
from mock_nicepay.contract.spelling import nearest
from mock_nicepay.contract.tables import SUCCESS


@dataclass(slots=True)
class Request:
    """One HTTP request, whichever door it came through."""

    method: str
    path: str  # percent-decoded
    query: str = ""  # as sent
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    body: bytes = b""
    peer: str = "127.0.0.1"  # the caller's address

    def arguments(self) -> dict[str, str]:
        """The query's parameters; of a repeated one the first counts.

        Documented (query.plus): an unencoded `+` arrives as a space (E26 info-general).
        """
        if not self.query:
            return {}
        pairs = parse_qsl(self.query, keep_blank_values=True, errors="replace")
        return dict(reversed(pairs))


@dataclass(frozen=True, slots=True)
class Wire:
    """How a finished answer travels. `fate` is one of the delivery faults, or `send`."""

    fate: str = "send"  # send, hang, reset, truncate, drip
    delay: float = 0.0  # seconds before the first byte
    pace: float = 0.02  # seconds between two bytes of a drip


PLAIN_DELIVERY = Wire()


@dataclass(slots=True)
class Reply:
    """One HTTP answer, and how it is to travel."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    wire: Wire = PLAIN_DELIVERY

    def header(self, name: str) -> str | None:
        """The first header called `name`, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Deferred:
    """An answer that is still to be made, by `work`, beside whatever serves the others.

    It waits for somebody else; one that `computes` keeps us busy instead, and few of those are made
    at a time.
    """

    work: Callable[[], Reply]
    computes: bool = False


def settled(answer: "Reply | Deferred") -> Reply:
    """The answer itself, made here and now if it is still to be made."""
    return answer.work() if isinstance(answer, Deferred) else answer


@dataclass(slots=True)
class Answer:
    """What a call's function gives back: the keys after resultCode and resultMsg, in order.

    A code that is not a success is a decline: it is answered, and what was written stays.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    shape: Shape | None = None  # when it is not the endpoint's own
    code: str = SUCCESS
    cause: Cause | None = None  # of a decline: why, for the developer
    code_key: str = "resultCode"  # how the two keys of every answer are spelt in this one
    message_key: str = "resultMsg"
    message: str = ""  # empty: the code's own text


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One published call: how it is reached, what it takes, what it answers, what it does."""

    name: str  # as in scenario files and the journal: token.issue
    method: str
    path: str  # with {tid} places
    act: Callable[..., Any]
    request: Body
    reply: Shape
    reads: str = "body"  # where the fields come from: query, body, or edition (that decides)
    reply_in: Callable[[Edition], Shape] | None = None  # the shape, where it is an edition's own
    sign: Formula | None = None  # of signData in the request
    older_sign: Formula | None = None  # another one of it, in editions that print it
    recall: Callable[..., Mapping[str, str]] | None = None  # values signed besides the fields
    signature: Formula | None = None  # of the answer
    names_login_failure: bool = False  # only the access token says which part of a login is wrong
    domain: str = ""  # which meaning of a two-meaning code is this call's
    codes: tuple[str, ...] = ()  # what the function may refuse with, or decline for itself
    listed: tuple[str, ...] = ()  # codes its page lists that only a scenario brings about here
    answers_in_utf_8: bool = False  # whatever returnCharSet asks for: that is another page's
    # The keys that a refusal with this code has beside the two of all refusals.
    refusals: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    issuer_decides: bool = False  # a payment-network code of a scenario is the issuer's own no
    own_shape: tuple[str, ...] = ()  # codes of the API's own that it answers as it does such a no
    as_refusal: tuple[str, ...] = ()  # the network's codes that are no such no here
    in_sandbox: bool = True  # whether NICEPAY's own sandbox has it
    switch: str = ""  # the `Edition`'s field without which there is no such path; empty: always
    empty_place: bool = False  # whether its path leads here with nothing in a {place} of it
    # Asks the outside world first, before anything is locked.
    errand: Callable[..., Any] | None = None

    def shape_in(self, edition: Edition) -> Shape:
        """The shape of its answer as that edition has it."""
        return self.reply_in(edition) if self.reply_in else self.reply

    @property
    def summary(self) -> str:
        """The first line of the function's docstring."""
        return (self.act.__doc__ or "").strip().splitlines()[0]


class Family:
    """A group of endpoints declared in one module, in the manual's order."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.endpoints: list[Endpoint] = []

    def endpoint(
        self,
        method: str,
        path: str,
        *,
        name: str,
        request: type[Body],
        sign: str = "",
        older_sign: str = "",
        signature: str = "",
        **traits: Any,
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the decorated function as what `method path` does."""

        def declare(act: Callable[..., Any]) -> Callable[..., Any]:
            self.endpoints.append(
                Endpoint(
                    name=f"{self.name}.{name}",
                    method=method,
                    path=path,
                    act=act,
                    request=request(),
                    sign=Formula(sign) if sign else None,
                    older_sign=Formula(older_sign) if older_sign else None,
                    signature=Formula(signature) if signature else None,
                    **traits,
                )
            )
            return act

        return declare


@dataclass(frozen=True, slots=True)
class Route:
    """Where a path leads: an endpoint, or the methods that would have been right."""

    endpoint: Endpoint | None
    places: Mapping[str, str]
    allowed: tuple[str, ...] = ()


class Routes:
    """Finds the endpoint of a method and path. Literal segments win over places."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.endpoints = endpoints
        self._literal = {(e.method, e.path): Route(e, {}) for e in endpoints if "{" not in e.path}
        templates = [(e, tuple(e.path.split("/"))) for e in endpoints]
        templates.sort(key=lambda row: [seg.startswith("{") for seg in row[1]])
        # By how many segments they have, and by those before the first place: what follows those.
        self._templates: dict[
            tuple[int, tuple[str, ...]], list[tuple[Endpoint, tuple[str, ...]]]
        ] = {}
        for endpoint, template in templates:
            literal = tuple(takewhile(lambda seg: not seg.startswith("{"), template))
            found = self._templates.setdefault((len(template), literal), [])
            found.append((endpoint, template[len(literal) :]))

    def find(self, method: str, path: str) -> Route:
        """The route of a call.

        Documented (paths.slash): a last slash is optional; K25 prints `/v1/receipt` both ways.
        """
        literal = self._literal.get((method, path))
        if literal is not None:
            return literal
        segments = tuple(path.rstrip("/").split("/"))
        allowed: list[str] = []
        for length in range(len(segments), 0, -1):
            for endpoint, rest in self._templates.get((len(segments), segments[:length]), ()):
                places = _fit(rest, segments[length:], empty=endpoint.empty_place)
                if places is None:
                    continue
                if endpoint.method == method:
                    return Route(endpoint, places)
                allowed.append(endpoint.method)
        return Route(None, {}, tuple(dict.fromkeys(allowed)))

    def nearest(self, path: str) -> str:
        """The published path that `path` comes closest to."""
        paths = [endpoint.path for endpoint in self.endpoints]
        return nearest(path, paths, alike=0)


def _fit(
    template: tuple[str, ...], segments: tuple[str, ...], *, empty: bool
) -> dict[str, str] | None:
    """The places of `template` filled from as many `segments`, or None when they do not fit."""
    places = {}
    for want, have in zip(template, segments, strict=True):
        if want.startswith("{"):
            if not have and not empty:
                return None
            places[want[1:-1]] = place_of(have)
        elif want != have:
            return None
    return places


def decoded_path(raw: str) -> str:
    """A request path with its percent escapes read as UTF-8; what is not UTF-8 is replaced.

    An escaped slash stays `%2F`: it is part of an id, and parts no segments. An escaped percent sign
    stays `%25`, so that the two cannot be taken for each other.
    """
    if "%" not in raw:
        return raw
    kept = raw.replace("%25", "%2525").replace("%2F", "%252F").replace("%2f", "%252F")
    return unquote(kept, errors="replace")


def place_of(segment: str) -> str:
    """The text that a segment of a decoded path stands for: what `decoded_path` kept is read, too."""
    return segment.replace("%2F", "/").replace("%25", "%")
