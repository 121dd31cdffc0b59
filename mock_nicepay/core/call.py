"""One call on its way through the pipeline: what it carries, and how its fields are read."""

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
_DEEPEST = 100  # levels of a body; whoever looks at it may go down one by one
_TOO_DEEP = Cause("the body is nested too deeply", "본문의 중첩이 너무 깊습니다")


class Emit(Protocol):
    """Takes an event that is to go to the merchant's webhook once the transaction has ended well."""

    @property
    def first(self) -> Callable[[], None] | None:
        """After the transaction: waits for the events that must arrive before anybody is answered.

        None when there are none such. Call it without any lock.
        """

    def __call__(self, event: str, payment: Payment, charset: str) -> None:
        """`event` is one of paid, ready, deposited, cancelled, partialCancelled."""


# Nobody changes one; see `contract/endpoint.py`.
@dataclass(slots=True)
class Context:
    """What a call's function works with besides its fields."""

    merchant: Merchant
    caller: Caller
    now: datetime
    tenant: Tenant
    identity: Identity
    settings: Settings
    store: Store
    tokens: Tokens
    emit: Emit
    charset: str = UTF_8  # that the answer goes out in
    issuer_says: ResultCode | None = None  # the issuer's no, by a scenario's or magic value's word
    takes: timedelta = timedelta()  # how long the payment network works at it before it is true
    errand: Any = None  # what the endpoint's errand brought back
    host: str = ""  # that the caller reached us at; empty in process


@dataclass(slots=True)
class Call:
    """One call on its way."""

    request: Request
    endpoint: Endpoint | None
    places: Mapping[str, str]
    allowed: tuple[str, ...]  # the methods this path takes, when it is not the one that was sent
    caller: Caller
    tenant: Tenant
    now: datetime
    players: list[Player] = field(default_factory=list)  # whose rules are asked, in this order
    rule: Rule | None = None
    player: Player | None = None  # whose rule it is
    effect: str = "commit"  # what the rule lets happen at the gateway: commit, none, late, decline
    cause: Cause | None = None
    first: Callable[[], None] | None = None  # waits for what must arrive before the answer
    _json: Any = field(default=_NOT_READ)
    _charset: str = ""  # once it has been asked for

    @property
    def name(self) -> str:
        """The call's name; empty when there is no such endpoint."""
        return self.endpoint.name if self.endpoint else ""

    @property
    def client_id(self) -> str:
        """The merchant the call names; empty when this sandbox has none such."""
        return self.caller.merchant.client_id if self.caller.merchant else ""

    def said(self) -> dict[str, Any]:
        """What was sent in path, query and body, and the merchant's mid; nothing of it is checked."""
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
        """The request's fields, checked in declared order, with the places of the path."""
        sources = self._sources(endpoint)
        given: dict[str, Any] = {}
        for source in reversed(sources):
            if source == "query":
                # An empty one is told from none, but leaves what the body has in place.
                asked = self.request.arguments()
                given.update((k, v) for k, v in asked.items() if v or k not in given)
            elif self.request.body:
                given.update(self._object(only_source=len(sources) == 1))
        return {**endpoint.request.read(given), **self.places}

    def charset(self) -> str:
        """The character set that was asked for, utf-8 when none or none that we know.

        Assumed (charset.refusals): a refusal, too, comes in the character set that was asked for.
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
        """What a scenario's rules look at."""
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
        """The body as a JSON object. One that other editions never look at may be anything."""
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
    except ValueError:  # Python reads no numbers of thousands of digits
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
