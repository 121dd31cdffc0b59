"""What the pytest fixtures hand to a test: a gateway, and one merchant on it.

All of it speaks to the control plane, so it is the same whether the gateway runs in this process
or elsewhere.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from mock_nicepay.contract.endpoint import Reply, Request, decoded_path, settled
from mock_nicepay.front.visit import RETURN_URL, Checkout, Visit, checkout_fields
from mock_nicepay.front.visit import parameters as visit_parameters

if TYPE_CHECKING:
    from mock_nicepay.front.receiver import Receiver
    from mock_nicepay.sandbox import Sandbox

_ADMIN_HEADER = "x-mock-nicepay-admin-key"
_PATIENCE = 30  # seconds that a server elsewhere may take for an answer of the control plane
_LONG_PATIENCE = 600  # and where it waits for receivers of webhooks, try after try
_WAITING = ("/clock", "/webhooks", "/window", "/checkout")  # such paths
_LISTED = 10  # calls of a journal that a failing test shows
_UNKNOWN = "unknown"  # whose journal has the calls that name no merchant
_ALL = 10**9 - 1  # entries asked of a journal; it is bounded by itself

# The words of the marker and of `Gateway.merchant`, and those POST /_mock/merchants knows them by.
_TRAITS = {"edition": "edition", "window": "window", "auth_type": "authType"}
WORDS = ("scenario", "edition", "clock", "window", "auth_type")


class NicepayError(Exception):
    """What the control plane refused, in its own words; `problems` are a scenario's mistakes."""

    def __init__(self, message: str, problems: tuple[Mapping[str, Any], ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """Asks the control plane of one gateway."""

    send: Callable[[Request], Reply]
    admin_key: str = ""

    def ask(self, method: str, path: str, body: bytes = b"", **arguments: Any) -> Any:
        """The answer's JSON. Raises `NicepayError` when it is a refusal."""
        __tracebackhide__ = True
        headers = {_ADMIN_HEADER: self.admin_key} if self.admin_key else {}
        reply = self.send(Request(method, f"/_mock{path}", urlencode(arguments), headers, body))
        answer = _object(reply.body)
        if answer is None or (reply.status >= 400 and "error" not in answer):
            raise NicepayError(
                f"what answers is no mock-nicepay: {method} /_mock{path} gave HTTP {reply.status} "
                f"and {reply.body[:60]!r}"
            )
        if reply.status >= 400:
            raise NicepayError(str(answer["error"]), tuple(answer.get("problems", ())))
        return answer


@dataclass(slots=True)
class Nicepay:
    """A merchant of a gateway: its keys, and what a test does to it and asks of it."""

    url: str
    client_id: str
    secret_key: str
    _control: ControlPlane = field(repr=False)
    _chosen: bool = field(default=False, repr=False)
    _ended: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _after: int | None = field(default=None, repr=False)  # the latest call before this merchant was
    _orders: "count[int]" = field(default_factory=lambda: count(1), repr=False)
    _receiver: "Receiver | None" = field(default=None, repr=False)
    _elsewhere: bool = field(default=False, repr=False)  # the server is no part of this process

    def __repr__(self) -> str:
        """Without the secret key: it stands in every failing test's output."""
        return f"<Nicepay {self.client_id} at {self.url}>"

    @property
    def auth(self) -> tuple[str, str]:
        """The key pair, as `auth=` of requests and httpx takes it."""
        return self.client_id, self.secret_key

    def scenario(self, source: str | Path | Mapping[str, Any]) -> "Nicepay":
        """Play a scenario from now on: a ready-made one's name, a file, YAML text or a dict.

        Raises `NicepayError` for an unknown name, or with every mistake of the text.
        """
        __tracebackhide__ = True
        file, body = _scenario_text(source)
        before = self._own_report() if self._chosen else []
        try:
            self._ask("PUT", "/scenario", body)
        except NicepayError as error:
            raise _in_file(error, file) from None
        self._ended += before
        self._chosen = True
        return self

    def advance(
        self,
        *,
        days: float | None = None,
        hours: float | None = None,
        minutes: float | None = None,
        seconds: float | None = None,
        milliseconds: float | None = None,
    ) -> "Nicepay":
        """Move the merchant's time forward; what falls due on the way happens, in order, at once."""
        __tracebackhide__ = True
        spans = {
            "days": days,
            "hours": hours,
            "minutes": minutes,
            "seconds": seconds,
            "milliseconds": milliseconds,
        }
        given = {name: span for name, span in spans.items() if span is not None}
        self._ask("POST", "/clock/advance", _json(given))
        return self

    def clock(self, setting: str) -> "Nicepay":
        """Set the merchant's time: `real`, a moment to stand still at, or an offset such as `+2h`."""
        __tracebackhide__ = True
        self._ask("PUT", "/clock", _json({"clock": setting}))
        return self

    def pay(
        self,
        amount: int | None = 1004,
        *,
        outcome: str | None = None,
        code: str | None = None,
        payer: Mapping[str, Any] | None = None,
        post: bool | None = None,
        **parameters: Any,
    ) -> Visit:
        """Go through the payment window as a payer does; what its page would have got.

        The other keywords are requestPay's parameters, in its spelling or in snake_case; what is
        not given has a usual value, and None leaves a parameter out. `outcome` is approve, decline
        (a `code` alone means that), close or timeout; `payer` picks cardCode, cardQuota, bankCode
        and more. The form is posted when a returnUrl was given, unless `post` says otherwise.
        Raises `NicepayError` for an unknown word.
        """
        __tracebackhide__ = True
        try:
            asked = visit_parameters(
                f"order-{self.client_id[-12:]}-{next(self._orders)}", amount, parameters
            )
        except ValueError as error:
            raise NicepayError(str(error)) from None
        given = {"outcome": outcome, "code": code, "payer": payer}
        words = {name: value for name, value in given.items() if value is not None}
        wanted = asked.get("returnUrl", RETURN_URL) != RETURN_URL if post is None else post
        answer = self._ask("POST", "/window/pay", _json({**asked, **words, "post": wanted}))
        return Visit(answer, asked)

    def checkout(self, amount: int | None = 1004, **fields: Any) -> Checkout:
        """Create a hosted checkout with this merchant's key, as its server does; what was answered.

        The other keywords are the call's fields, in its spelling or in snake_case; what is not given
        has a usual value, and None leaves a field out. Only a key of Client approval can be paid with
        on the page: `@pytest.mark.nicepay(window="client")`.
        """
        __tracebackhide__ = True
        number = f"{self.client_id[-12:]}-{next(self._orders)}"
        try:
            asked = checkout_fields(number, amount, fields)
        except ValueError as error:
            raise NicepayError(str(error)) from None
        login = b64encode(f"{self.client_id}:{self.secret_key}".encode()).decode()
        headers = {"authorization": f"Basic {login}", "host": urlsplit(self.url).netloc}
        reply = self._control.send(Request("POST", "/v1/checkout", "", headers, _json(asked)))
        answer = _object(reply.body)
        if answer is None or "resultCode" not in answer:
            raise NicepayError(f"no answer to POST /v1/checkout: HTTP {reply.status}")
        return Checkout(answer, asked)

    def pay_session(
        self,
        session: str | Checkout,
        *,
        outcome: str | None = None,
        code: str | None = None,
        payer: Mapping[str, Any] | None = None,
        post: bool = True,
    ) -> Visit:
        """Pay on the page of a hosted checkout as a payer does; what its browser would have posted.

        `session` is its sessionId, or what `checkout()` returned. The form is posted to the session's
        returnUrl unless that is `checkout()`'s usual one or `post` is False. Raises `NicepayError`
        for an unknown session.
        """
        __tracebackhide__ = True
        session_id = session if isinstance(session, str) else session.session_id
        if not isinstance(session, str) and session.get("returnUrl") == RETURN_URL:
            post = False
        given = {"outcome": outcome, "code": code, "payer": payer}
        words = {name: value for name, value in given.items() if value is not None}
        path = f"/checkout/{quote(session_id, safe='')}"
        asked = self._ask("GET", path)
        return Visit(self._ask("POST", f"{path}/pay", _json({**words, "post": post})), asked)

    def deposit(
        self, payment: str | Mapping[str, Any], amount: int | None = None
    ) -> dict[str, Any]:
        """The payer transfers money to a virtual account: the right amount, or `amount`.

        `payment` is its tid, or what has it under `tid`: what `pay()` returned, or an answer of the
        API. Gives the payment as the control plane shows it. Raises `NicepayError` with the bank's
        code when it sends the money back.
        """
        __tracebackhide__ = True
        tid = payment.get("tid") if isinstance(payment, Mapping) else payment
        if not tid or not isinstance(tid, str):
            raise NicepayError("deposit() needs a tid; the payment it was given has none")
        body = {} if amount is None else {"amount": amount}
        paid: dict[str, Any] = self._ask("POST", f"/payments/{quote(tid)}/deposit", _json(body))
        return paid

    def reset(self) -> "Nicepay":
        """Forget what the merchant did, and what was set for it; the keys stay, and so does a receiver."""
        self._ask("POST", "/reset")
        self._chosen = False
        self._ended.clear()
        if self._receiver is not None:
            self._receiver.register()
        return self

    @property
    def webhooks(self) -> "Receiver":
        """A receiver of the merchant's webhooks, listening from the first time this is asked for.

        `.received .answer("OK", status=200, delay=0, times=None) .wait(count) .log .url`; it is
        registered for all payment methods, without a probe, and ends with the test.
        """
        if self._receiver is None:
            from mock_nicepay.front.receiver import Receiver, host_seen_from

            # What plays in this process has an address of its own for merchants' code only.
            host = host_seen_from(self.url if self._elsewhere else "")
            self._receiver = Receiver(_Webhooks(self._ask), self.secret_key, host)
        return self._receiver

    def settle(self) -> "Nicepay":
        """Wait until every webhook that has left is answered; retries stay for their time."""
        self._ask("POST", "/webhooks/settle")
        return self

    def close(self) -> None:
        """End what listens for this merchant."""
        if self._receiver is not None:
            self._receiver.close()
            self._receiver = None

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The merchant's calls, the newest first."""
        entries: list[dict[str, Any]] = self._ask("GET", "/journal", limit=_ALL)["entries"]
        return entries

    @property
    def report(self) -> dict[str, Any]:
        """What came of the scenarios: `ok`, and a row for each one played, the latest first.

        Webhooks that are under way are waited for.
        """
        self.settle()
        rows = [*self._ask("GET", "/report")["scenarios"], *reversed(self._ended)]
        return {"ok": all(row["ok"] for row in rows), "scenarios": rows}

    @property
    def tokens(self) -> list[dict[str, Any]]:
        """The merchant's access tokens, with the claims behind them and the seconds they still live."""
        tokens: list[dict[str, Any]] = self._ask("GET", "/tokens")["tokens"]
        return tokens

    @property
    def unknown_calls(self) -> list[dict[str, Any]]:
        """Calls since this merchant was made whose login names no merchant, the newest first.

        None of a server elsewhere: there they may be anybody's.
        """
        if self._after is None:
            return []
        entries = self._control.ask("GET", "/journal", merchant=_UNKNOWN, limit=_ALL)["entries"]
        return [entry for entry in entries if entry["id"] > self._after]

    def _own_report(self) -> list[dict[str, Any]]:
        """The report of the scenario this object chose, before another takes its place."""
        rows: list[dict[str, Any]] = self._ask("GET", "/report")["scenarios"]
        return rows[:1]  # the merchant's own stands before those of the start

    def _ask(self, method: str, path: str, body: bytes = b"", **arguments: Any) -> Any:
        __tracebackhide__ = True
        return self._control.ask(method, path, body, merchant=self.client_id, **arguments)


@dataclass(frozen=True, slots=True)
class _Webhooks:
    """What a receiver asks of the control plane."""

    ask: Callable[..., Any]

    def register(self, url: str) -> None:
        """Have all events of the merchant go to `url`."""
        self.ask("POST", "/webhooks", _json({"method": "all", "url": url}))

    def forget(self) -> None:
        """Have them go nowhere."""
        self.ask("DELETE", "/webhooks")

    def settle(self) -> None:
        """Wait until everything that has left is answered."""
        self.ask("POST", "/webhooks/settle")

    def log(self) -> list[dict[str, Any]]:
        """The deliveries, the newest first."""
        deliveries: list[dict[str, Any]] = self.ask("GET", "/webhooks")["deliveries"]
        return deliveries


@dataclass(frozen=True, slots=True)
class Gateway:
    """A gateway that tests use: one in this process, or a server elsewhere (`sandbox` is None)."""

    url: str
    sandbox: "Sandbox | None"
    control: ControlPlane = field(repr=False)

    def merchant(self, **words: Any) -> Nicepay:
        """A fresh merchant; the keywords are those of the marker.

        Raises `NicepayError` for an unknown keyword or an impossible value.
        """
        __tracebackhide__ = True
        _check_words(words)
        traits = {name: words[word] for word, name in _TRAITS.items() if word in words}
        made = self.control.ask("POST", "/merchants", _json(traits))
        merchant = Nicepay(self.url, made["clientId"], made["secretKey"], self.control)
        merchant._elsewhere = self.sandbox is None
        if self.sandbox is not None:
            latest = self.control.ask("GET", "/journal", merchant=_UNKNOWN, limit=1)["entries"]
            merchant._after = latest[0]["id"] if latest else 0
        if words.get("clock") is not None:  # first, for a scenario begins at the merchant's time
            merchant.clock(words["clock"])
        if words.get("scenario") is not None:
            merchant.scenario(words["scenario"])
        return merchant


def gateway_here(sandbox: "Sandbox", url: str) -> Gateway:
    """The gateway of a sandbox in this process, which merchants' code reaches at `url`."""
    from mock_nicepay.front.dispatch import respond

    def send(request: Request) -> Reply:
        return settled(respond(sandbox, replace(request, path=decoded_path(request.path))))

    control = ControlPlane(send, sandbox.settings.admin_key)
    return Gateway(url, sandbox, control)


def gateway_at(url: str, admin_key: str = "") -> Gateway:
    """The gateway a server elsewhere plays. Raises `NicepayError` when none answers there."""
    url = url.rstrip("/")
    try:
        known = urlsplit(url).scheme in {"http", "https"} and urlsplit(url).hostname
    except ValueError:
        known = None
    if not known:
        raise NicepayError(f"{url!r} is no address; write one such as http://127.0.0.1:8090")
    control = ControlPlane(partial(_over_http, url), admin_key)
    control.ask("GET", "/health")
    return Gateway(url, None, control)


def _over_http(url: str, request: Request) -> Reply:
    """Send a request to a server. Raises `NicepayError` when there is none."""
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import ProxyHandler, build_opener
    from urllib.request import Request as HttpRequest

    # A mock is never behind the proxy that leads to the internet.
    opener = build_opener(ProxyHandler({}))
    target = f"{url}{request.path}?{request.query}"
    asked = HttpRequest(  # noqa: S310 - `gateway_at` lets nothing but http and https pass
        target, request.body or None, dict(request.headers), method=request.method
    )
    try:
        with opener.open(asked, timeout=_patience(request.path)) as answer:
            return Reply(answer.status, (), answer.read())
    except HTTPError as refused:
        with refused:
            return Reply(refused.code, (), refused.read())
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise NicepayError(
            f"no mock-nicepay answers at {url} ({reason}); start one with `mock-nicepay serve`"
        ) from None


def _patience(path: str) -> int:
    waits = path.removeprefix("/_mock").startswith(_WAITING)
    return _LONG_PATIENCE if waits else _PATIENCE


def _check_words(words: Mapping[str, Any]) -> None:
    for word in words:
        if word not in WORDS:
            near = get_close_matches(word, WORDS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"the words are {', '.join(WORDS)}"
            raise NicepayError(f"there is no {word!r}; {hint}")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, default=str).encode()


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


# Scenarios


def _scenario_text(source: str | Path | Mapping[str, Any]) -> tuple[str, bytes]:
    """The file a scenario stands in, if it does, and what to send of it. Raises `NicepayError`."""
    if isinstance(source, Mapping):
        return "", _dict_text(source)
    if not isinstance(source, str | Path):
        raise NicepayError(
            f"a scenario is a name, a file, YAML text or a dict; this is {type(source).__name__}"
        )
    if isinstance(source, Path) or _is_file_name(source):
        try:
            return str(source), Path(source).read_bytes()
        except OSError as error:
            raise NicepayError(f"{source}: {(error.strerror or str(error)).lower()}") from None
    if "\n" in source or ":" in source:
        return "", source.encode()
    return "", _json({"name": source.strip()})


def _is_file_name(text: str) -> bool:
    return "\n" not in text and text.endswith((".yaml", ".yml", ".json"))


def _dict_text(source: Mapping[str, Any]) -> bytes:
    """The JSON that a dict's mistakes are told by: indented by two."""
    try:
        text = json.dumps(_with_types(source), ensure_ascii=False, indent=2)
    except (TypeError, ValueError) as error:
        raise NicepayError(
            f"a scenario is made of texts, numbers, lists and mappings: {str(error).lower()}"
        ) from None
    return text.encode()


def _with_types(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same with bools and numbers of a `patch` marked as such.

    In JSON text, as in YAML, they would take the type of what they replace.
    """
    rules = source.get("rules")
    if not isinstance(rules, list | tuple):
        return source
    return {**source, "rules": [_rule_with_types(rule) for rule in rules]}


def _rule_with_types(rule: Any) -> Any:
    patch = rule.get("patch") if isinstance(rule, Mapping) else None
    if not isinstance(patch, Mapping):
        return rule
    typed = {
        key: {"set": value} if isinstance(value, bool | int | float) else value
        for key, value in patch.items()
    }
    return {**rule, "patch": typed}


def _in_file(error: NicepayError, file: str) -> NicepayError:
    """The same error, each mistake told with the file it stands in."""
    if not file or not error.problems:
        return error
    lines = [f"{file}:{p['line']}:{p['column']}: {p['message']}" for p in error.problems]
    return NicepayError("\n".join(lines), error.problems)


# What a failing test shows


def broken_expectations(report: Mapping[str, Any]) -> str:
    """What a scenario expected and did not see, for people to read; empty when all came true."""
    if report["ok"]:
        return ""
    from mock_nicepay.front.report import verdict_text
    from mock_nicepay.front.terminal import plain

    return verdict_text(report["scenarios"], plain)


def journal_text(entries: list[dict[str, Any]]) -> str:
    """The latest calls of a journal, the oldest of them first."""
    if not entries:
        return "no call"
    left_out = len(entries) - _LISTED
    lines = [f"({left_out} earlier calls)"] if left_out > 0 else []
    lines += [_entry_text(entry) for entry in reversed(entries[:_LISTED])]
    return "\n".join(lines)


def _entry_text(entry: Mapping[str, Any]) -> str:
    from mock_nicepay.front.terminal import one_line

    moment = str(entry["at"])[11:23]
    query = f"?{entry['query']}" if entry["query"] else ""
    line = f"{moment} {entry['method']} {entry['path']}{query} {entry['status']} {entry['code']}"
    rule, diagnosis = entry["rule"], entry["diagnosis"]
    if rule:
        line += f" [{rule['scenario']}, line {rule['line']}: {rule['text']}]"
    told = f"\n    {one_line(diagnosis['en'])}" if diagnosis else ""
    return one_line(line.rstrip()) + told
