"""One call in the pipeline: its state, and how its fields are read."""

import json
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from json import JSONDecodeError
from typing import Any, Protocol

from mock_nicepay.contract.charsets import EUC_KR, UTF_8
from mock_nicepay.contract.endpoint import Endpoint, Request
from mock_nicepay.contract.refusal import Cause, Refusal
from mock_nicepay.contract.tables import ResultCode
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.login.doorkeeper import Caller
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.records import Merchant, Payment
from mock_nicepay.core.scenarios.language import Rule
from mock_nicepay.core.scenarios.matching import Seen
from mock_nicepay.core.scenarios.player import Player
from mock_nicepay.core.store import Store
from mock_nicepay.core.tenants.tenant import Tenant
from mock_nicepay.settings import Settings

_NOT_READ: Any = object()
_DEEPEST = 100  # levels of a body, which code may walk recursively
_TOO_DEEP = Cause("the body is nested too deeply", "본문의 중첩이 너무 깊습니다")


class Emit(Protocol):
    """Takes an event for the merchant's webhook, to be sent after the transaction is committed."""

    @property
    def first(self) -> Callable[[], None] | None:
        """After the transaction: a function that waits for the events that must precede the answer.

        None when there are none. Call it without holding a lock.
        """

    def __call__(self, event: str, payment: Payment, charset: str) -> None:
        """`event` is one of paid, ready, deposited, cancelled, partialCancelled."""


# Never changed after it is made; see `contract/endpoint.py`.
@dataclass(slots=True)
class Context:
    """What the function of an endpoint works with, besides the call's fields."""

    merchant: Merchant
    caller: Caller
    now: datetime
    tenant: Tenant
    identity: Identity
    settings: Settings
    store: Store
    tokens: Tokens
    emit: Emit
    charset: str = UTF_8  # of the answer
    issuer_says: ResultCode | None = None  # the issuer's decline, by a scenario or a magic value
    takes: timedelta = timedelta()  # how long a late approval is being processed
    errand: Any = None  # the result of the endpoint's errand
    host: str = ""  # the Host header of the call; empty in process


@dataclass(slots=True)
class Call:
    """One call in the pipeline."""

    request: Request
    endpoint: Endpoint | None
    places: Mapping[str, str]
    allowed: tuple[str, ...]  # the methods of this path, when the call's is not among them
    caller: Caller
    tenant: Tenant
    now: datetime
    players: list[Player] = field(default_factory=list)  # their rules are tried in this order
    rule: Rule | None = None
    player: Player | None = None  # the player of that rule
    effect: str = "commit"  # what happens at the gateway by the rule: commit, none, late, decline
    cause: Cause | None = None
    first: Callable[[], None] | None = None  # waits for events that must precede the answer
    _json: Any = field(default=_NOT_READ)
    _charset: str = ""  # empty until it is first needed

    @property
    def name(self) -> str:
        """The call's name; empty when there is no such endpoint."""
        return self.endpoint.name if self.endpoint else ""

    @property
    def client_id(self) -> str:
        """The client id of the call's merchant; empty when this sandbox does not have it."""
        return self.caller.merchant.client_id if self.caller.merchant else ""

    def said(self) -> dict[str, Any]:
        """The values sent in path, query and body, and the merchant's mid; all unchecked."""
        try:
            body = self.json()
        except Refusal:
            body = None
        merchant = self.caller.merchant
        return {
            **({"mid": merchant.mid} if merchant else {}),
            **(body if isinstance(body, dict) else {}),
            **self.request.arguments(),
            **self.places,
        }

    def json(self) -> Any:
        """The body as JSON; None when there is none. Raises `Refusal` U125 when it is not JSON.

        Assumed (body.not-json): U125 fits by its text; no page names the code.
        """
        if self._json is _NOT_READ:
            try:
                self._json = _read_json(self.request)
            except Refusal as refusal:
                self._json = refusal
        if isinstance(self._json, Refusal):
            raise self._json
        return self._json

    def fields(self, endpoint: Endpoint) -> dict[str, Any]:
        """The request's fields, checked in declared order, and the variables of the path."""
        sources = self._sources(endpoint)
        given: dict[str, Any] = {}
        for source in reversed(sources):
            if source == "query":
                # An empty parameter counts as sent, but does not replace the body's value.
                asked = self.request.arguments()
                given.update((k, v) for k, v in asked.items() if v or k not in given)
            elif self.request.body:
                given.update(self._object(only_source=len(sources) == 1))
        return {**endpoint.request.read(given), **self.places}

    def charset(self) -> str:
        """The requested character set; utf-8 when there is none, or an unknown one.

        Assumed (charset.refusals): a refusal, too, comes in the requested character set.
        """
        self._charset = self._charset or self._asked_for()
        return self._charset

    def _asked_for(self) -> str:
        if self.endpoint is None or self.endpoint.answers_in_utf_8:
            return UTF_8
        if "returnCharSet" not in self.endpoint.request.fields:
            return UTF_8
        if not self.request.query and not self.request.body:
            return UTF_8
        for source in self._sources(self.endpoint):
            wanted = self._asked_charset(source)
            if wanted:
                return EUC_KR if wanted in (EUC_KR, EUC_KR.upper()) else UTF_8
        return UTF_8

    def seen(self) -> Seen:
        """The parts of the call that a scenario's rules test."""
        try:
            body = self.json()
        except Refusal:
            body = None
        merchant = self.caller.merchant
        return Seen(
            name=self.name,
            path=self.request.path,
            places=self.places,
            query=self.request.arguments(),
            headers=self.request.headers,
            body=body,
            scheme=self.caller.login.scheme,
            client=merchant.calling_id if merchant else self.caller.login.client_id,
        )

    def _sources(self, endpoint: Endpoint) -> tuple[str, ...]:
        edition = self.tenant.edition
        return edition.charset_sources if endpoint.reads == "edition" else (endpoint.reads,)

    def _object(self, *, only_source: bool) -> Mapping[str, Any]:
        """The body as a JSON object. It may be anything in an edition that reads the query as well."""
        try:
            body = self.json()
        except Refusal:
            if only_source:
                raise
            return {}
        if isinstance(body, dict):
            return body
        if only_source and body is not None:
            raise Refusal(
                "U125",
                cause=Cause("the body is JSON, but not an object", "본문이 JSON 객체가 아닙니다"),
            )
        return {}

    def _asked_charset(self, source: str) -> Any:
        if source == "query":
            return self.request.arguments().get("returnCharSet")
        try:
            body = self.json()
        except Refusal:
            return None
        return body.get("returnCharSet") if isinstance(body, dict) else None


def _read_json(request: Request) -> Any:
    if not request.body.strip():
        return None
    try:
        value = json.loads(request.body.removeprefix(BOM_UTF8).decode())
        if not _too_deep(request.body, value):
            return value
        cause = _TOO_DEEP
    except UnicodeDecodeError:
        cause = Cause(
            "the body is not UTF-8; was it written in EUC-KR?",
            "본문이 UTF-8이 아닙니다. EUC-KR로 작성하지 않았나요?",
        )
    except RecursionError:
        cause = _TOO_DEEP
    except JSONDecodeError as error:
        form = "form-urlencoded" in request.headers.get("content-type", "")
        cause = Cause(
            f"the body is not JSON: {str(error)[:120]}"
            + ("; it is a form, send JSON" if form else ""),
            "본문이 JSON이 아닙니다"
            + (" (폼 데이터입니다. JSON으로 보내야 합니다)" if form else ""),
        )
    except ValueError:  # Python refuses numbers of thousands of digits
        cause = Cause(
            "a number in the body has thousands of digits",
            "본문에 자릿수가 지나치게 많은 숫자가 있습니다",
        )
    raise Refusal("U125", cause=cause)


def _too_deep(body: bytes, value: Any) -> bool:
    if body.count(b"[") + body.count(b"{") <= _DEEPEST:
        return False
    level: list[Any] = [[value]]
    for _ in range(_DEEPEST + 1):
        inside = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for group in inside for each in group if isinstance(each, dict | list)]
        if not level:
            return False
    return True
