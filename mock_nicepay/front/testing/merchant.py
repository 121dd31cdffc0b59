"""The merchant that the fixtures give a test: its keys, and methods to act on it and inspect it."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.front.testing.control_client import (
    UNKNOWN,
    ControlPlane,
    NicepayError,
    as_json,
    json_object,
)
from mock_nicepay.front.testing.scenario_source import scenario_text, told_with_file
from mock_nicepay.front.testing.visit import RETURN_URL, Checkout, Visit, checkout_fields
from mock_nicepay.front.testing.visit import parameters as visit_parameters

if TYPE_CHECKING:
    from mock_nicepay.front.testing.receiver import Receiver

_RESULT = {"resultcode", "resultmsg"}  # in lower case: K25 has them in Pascal case once
_ALL = 10**9 - 1  # limit for reading a whole journal, whose length is bounded


@dataclass(frozen=True, slots=True)
class Key:
    """A further key pair of a merchant: with it a call acts on the same payments and tokens."""

    client_id: str
    secret_key: str = field(repr=False)

    @property
    def auth(self) -> tuple[str, str]:
        """The key pair, as `auth=` of requests and httpx takes it."""
        return self.client_id, self.secret_key


@dataclass(slots=True)
class Nicepay:
    """A merchant of a gateway: its keys, and methods to act on it and inspect it."""

    url: str
    client_id: str
    secret_key: str
    _control: ControlPlane = field(repr=False)
    _chosen: bool = field(default=False, repr=False)
    _ended: list[dict[str, Any]] = field(default_factory=list, repr=False)
    _after: int | None = field(default=None, repr=False)  # the latest such call before it
    _orders: "count[int]" = field(default_factory=lambda: count(1), repr=False)
    _receiver: "Receiver | None" = field(default=None, repr=False)
    _elsewhere: bool = field(default=False, repr=False)  # the server is in another process

    def __repr__(self) -> str:
        """Without the secret key, because failing tests print it."""
        return f"<Nicepay {self.client_id} at {self.url}>"

    @property
    def auth(self) -> tuple[str, str]:
        """The key pair, as `auth=` of requests and httpx takes it."""
        return self.client_id, self.secret_key

    def add_key(self, *, window: str = "server", auth_type: str = "any") -> Key:
        """Make a further key pair: `window` server or client, `auth_type` any, basic or token.

        `pay(client_id=key.client_id)` opens the window with it. Raises `NicepayError` for a sixth.
        """
        __tracebackhide__ = True
        made = self._ask(
            "POST", "/merchants/keys", as_json({"window": window, "authType": auth_type})
        )
        return Key(made["clientId"], made["secretKey"])

    def scenario(self, source: str | Path | Mapping[str, Any]) -> "Nicepay":
        """Play a scenario from now on: the name of a ready-made one, a file, YAML text or a dict.

        Raises `NicepayError` for an unknown name, or with all mistakes in the text.
        """
        __tracebackhide__ = True
        file, body = scenario_text(source)
        before = self._own_report() if self._chosen else []
        try:
            self._ask("PUT", "/scenario", body)
        except NicepayError as error:
            raise told_with_file(error, file) from None
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
        """Move the merchant's time forward. Everything due until then happens at once, in order."""
        __tracebackhide__ = True
        given = _without_none(
            days=days, hours=hours, minutes=minutes, seconds=seconds, milliseconds=milliseconds
        )
        self._ask("POST", "/clock/advance", as_json(given))
        return self

    def clock(self, setting: str) -> "Nicepay":
        """Set the merchant's time: `real`, a moment to stand still at, or an offset such as `+2h`."""
        __tracebackhide__ = True
        self._ask("PUT", "/clock", as_json({"clock": setting}))
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
        """Go through the payment window as a payer does; returns what the merchant's page receives.

        The other keywords are requestPay's parameters, in its spelling or in snake_case. Each has a
        default; None leaves a parameter out. `outcome` is approve, decline (implied by `code`), close
        or timeout. `payer` chooses cardCode, cardQuota, bankCode and more. The form is posted when a
        returnUrl was given, unless `post` says otherwise. Raises `NicepayError` for an unknown
        keyword.
        """
        __tracebackhide__ = True
        try:
            asked = visit_parameters(
                f"order-{self.client_id[-12:]}-{next(self._orders)}", amount, parameters
            )
        except ValueError as error:
            raise NicepayError(str(error)) from None
        words = _without_none(outcome=outcome, code=code, payer=payer)
        wanted = asked.get("returnUrl", RETURN_URL) != RETURN_URL if post is None else post
        answer = self._ask("POST", "/window/pay", as_json({**asked, **words, "post": wanted}))
        return Visit(answer, asked)

    def checkout(
        self, amount: int | None = 1004, *, key: Key | None = None, **fields: Any
    ) -> Checkout:
        """Create a hosted checkout with this merchant's key, as its server does; returns the answer.

        The other keywords are the call's fields, in its spelling or in snake_case. Each has a default;
        None leaves a field out. Paying on the page needs a key of Client approval:
        `@pytest.mark.nicepay(window="client")`, or a `key` of `add_key(window="client")`.
        """
        __tracebackhide__ = True
        number = f"{self.client_id[-12:]}-{next(self._orders)}"
        try:
            asked = checkout_fields(number, amount, fields)
        except ValueError as error:
            raise NicepayError(str(error)) from None
        return Checkout(self._call("/v1/checkout", asked, key), asked)

    def register_card(self, *, key: Key | None = None, **fields: Any) -> str:
        """Register a card for recurring payments by the API's own call; returns its bid.

        Keywords: `number`, `expiry` (MM/YY), `birth` and `password` of the card (default: a test
        card's), `order_id` and the buyer's fields. None leaves one out. Raises `NicepayError` with
        the code when the card is not registered.
        """
        __tracebackhide__ = True
        from mock_nicepay.front.testing.registration import registration_fields

        order_id = f"card-{self.client_id[-12:]}-{next(self._orders)}"
        try:
            asked = registration_fields(order_id, (key or self).secret_key, fields)
        except ValueError as error:
            raise NicepayError(str(error)) from None
        answer = self._call("/v1/subscribe/regist", asked, key)
        bid = answer.get("bid") or answer.get("BID")
        if not bid:
            told = [str(answer[name]) for name in answer if name.lower() in _RESULT]
            raise NicepayError(f"the card was not registered: {' '.join(told)}")
        return str(bid)

    def encdata(
        self,
        card: Mapping[str, str] | str | None = None,
        *,
        mode: str = "",
        key: Key | None = None,
    ) -> str:
        """Card data encrypted with this merchant's key, as the API takes it: lower-case hex.

        `card` has the fields, such as `{"cardNo": ..., "expYear": "30", "expMonth": "12"}`, or is the
        plain text itself; the default is a test card's number and expiry. `mode` is ecb, cbc or a2
        (which needs `encMode: "A2"`); the default is cbc for the fields of e-pay, else ecb. Raises
        `NicepayError` for another mode, and for a value with a & in it.
        """
        __tracebackhide__ = True
        from mock_nicepay.front.testing.registration import card_data

        try:
            return card_data(card, mode, (key or self).secret_key)
        except ValueError as error:
            raise NicepayError(str(error)) from None

    def pay_session(
        self,
        session: str | Checkout,
        *,
        outcome: str | None = None,
        code: str | None = None,
        payer: Mapping[str, Any] | None = None,
        post: bool = True,
    ) -> Visit:
        """Pay on the page of a hosted checkout as a payer does; returns what its browser would post.

        `session` is a sessionId, or what `checkout()` returned. The form is posted to the session's
        returnUrl, unless that is the default of `checkout()` or `post` is False. Raises
        `NicepayError` for an unknown session.
        """
        __tracebackhide__ = True
        session_id = session if isinstance(session, str) else session.session_id
        if not isinstance(session, str) and session.get("returnUrl") == RETURN_URL:
            post = False
        words = _without_none(outcome=outcome, code=code, payer=payer)
        path = f"/checkout/{quote(session_id, safe='')}"
        asked = self._ask("GET", path)
        return Visit(self._ask("POST", f"{path}/pay", as_json({**words, "post": post})), asked)

    def deposit(
        self, payment: str | Mapping[str, Any], amount: int | None = None
    ) -> dict[str, Any]:
        """Let the payer transfer money to a virtual account: the right amount, or `amount`.

        `payment` is a tid, or a mapping with the key `tid`: what `pay()` returned, or an answer of the
        API. Returns the payment as the control plane shows it. Raises `NicepayError` with the bank's
        code when the bank returns the money.
        """
        __tracebackhide__ = True
        tid = payment.get("tid") if isinstance(payment, Mapping) else payment
        if not tid or not isinstance(tid, str):
            raise NicepayError("deposit() needs a tid; the payment it was given has none")
        body = {} if amount is None else {"amount": amount}
        paid: dict[str, Any] = self._ask("POST", f"/payments/{quote(tid)}/deposit", as_json(body))
        return paid

    def confirm_receipts(self, order_id: str = "*") -> "Nicepay":
        """Let the tax office confirm pending cash receipts now; `order_id` is a glob."""
        self._ask("POST", "/receipts/confirm", as_json({"orderId": order_id}))
        return self

    def reject_receipts(self, order_id: str = "*") -> "Nicepay":
        """Let the tax office reject pending cash receipts now; `order_id` is a glob."""
        self._ask("POST", "/receipts/reject", as_json({"orderId": order_id}))
        return self

    def reset(self) -> "Nicepay":
        """Delete the merchant's data and settings. The keys stay, and so does a webhook receiver."""
        self._ask("POST", "/reset")
        self._chosen = False
        self._ended.clear()
        if self._receiver is not None:
            self._receiver.register()
        return self

    @property
    def webhooks(self) -> "Receiver":
        """A receiver of the merchant's webhooks; the first access starts it.

        `.received .answer("OK", status=200, delay=0, times=None) .wait(count) .log .url`. It is
        registered for all payment methods, without a probe, and closed at the end of the test.
        """
        if self._receiver is None:
            from mock_nicepay.front.testing.receiver import Receiver, host_seen_from

            # For a gateway in this process `url` may be NICEPAY's address, which is only intercepted.
            host = host_seen_from(self.url if self._elsewhere else "")
            self._receiver = Receiver(_Webhooks(self._ask), self.secret_key, host)
        return self._receiver

    def settle(self) -> "Nicepay":
        """Wait until every webhook that was sent is answered; later retries are not waited for."""
        self._ask("POST", "/webhooks/settle")
        return self

    def close(self) -> None:
        """Close this merchant's webhook receiver, if there is one."""
        if self._receiver is not None:
            self._receiver.close()
            self._receiver = None

    @property
    def journal(self) -> list[dict[str, Any]]:
        """The merchant's calls, the newest first."""
        entries: list[dict[str, Any]] = self._ask("GET", "/journal", limit=_ALL)["entries"]
        return entries

    @property
    def receipts(self) -> list[dict[str, Any]]:
        """The merchant's cash receipts, including those of payments, the newest first."""
        receipts: list[dict[str, Any]] = self._ask("GET", "/receipts")["receipts"]
        return receipts

    @property
    def report(self) -> dict[str, Any]:
        """The verdict on the scenarios: `ok`, and a row for each one played, the latest first.

        Waits for webhooks that are being delivered.
        """
        self.settle()
        rows = [*self._ask("GET", "/report")["scenarios"], *reversed(self._ended)]
        return {"ok": all(row["ok"] for row in rows), "scenarios": rows}

    @property
    def tokens(self) -> list[dict[str, Any]]:
        """The merchant's access tokens, with their claims and the seconds until they expire."""
        tokens: list[dict[str, Any]] = self._ask("GET", "/tokens")["tokens"]
        return tokens

    @property
    def unknown_calls(self) -> list[dict[str, Any]]:
        """Calls with an unknown key since this merchant was made, the newest first.

        Empty for a server elsewhere, where such calls may come from other test runs.
        """
        if self._after is None:
            return []
        entries = self._control.ask("GET", "/journal", merchant=UNKNOWN, limit=_ALL)["entries"]
        return [entry for entry in entries if entry["id"] > self._after]

    def _own_report(self) -> list[dict[str, Any]]:
        """The report of the current scenario of `scenario()`, before another replaces it."""
        rows: list[dict[str, Any]] = self._ask("GET", "/report")["scenarios"]
        return rows[:1]  # the merchant's own comes before those given when the server started

    def _call(self, path: str, fields: Mapping[str, Any], key: Key | None) -> dict[str, Any]:
        """Call the gateway's API with one of the merchant's keys. Raises `NicepayError`."""
        __tracebackhide__ = True
        login = b64encode(":".join((key or self).auth).encode()).decode()
        headers = {"authorization": f"Basic {login}", "host": urlsplit(self.url).netloc}
        reply = self._control.send(Request("POST", path, "", headers, as_json(fields)))
        answer = json_object(reply.body)
        if answer is None or not _RESULT & {name.lower() for name in answer}:
            raise NicepayError(f"no answer to POST {path}: HTTP {reply.status}")
        return answer

    def _ask(self, method: str, path: str, body: bytes = b"", **arguments: Any) -> Any:
        __tracebackhide__ = True
        return self._control.ask(method, path, body, merchant=self.client_id, **arguments)


@dataclass(frozen=True, slots=True)
class _Webhooks:
    """The control plane as a receiver uses it; implements `receiver.Gateway`."""

    ask: Callable[..., Any]

    def register(self, url: str) -> None:
        """Send all events of the merchant to `url` from now on."""
        self.ask("POST", "/webhooks", as_json({"method": "all", "url": url}))

    def forget(self) -> None:
        """Send them nowhere any more."""
        self.ask("DELETE", "/webhooks")

    def settle(self) -> None:
        """Wait until all events that were sent are answered."""
        self.ask("POST", "/webhooks/settle")

    def log(self) -> list[dict[str, Any]]:
        """The deliveries, the newest first."""
        deliveries: list[dict[str, Any]] = self.ask("GET", "/webhooks")["deliveries"]
        return deliveries


def _without_none(**given: Any) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None}
