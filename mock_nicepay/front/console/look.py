"""One request to the console as its pages read it, and what a page gives back."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.clock import Clock
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import STRANGER, Merchant
from mock_nicepay.front.console.session import cookies_of
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.front.dispatch import CONSOLE
from mock_nicepay.sandbox import Sandbox

LANGUAGES = {"en": "English", "ko": "한국어"}
THEMES = ("system", "light", "dark")
_LISTED = 200  # merchants that the switcher offers,
_OLDEST = 5  # and so many of these are the oldest


@dataclass(frozen=True, slots=True)
class Page:
    """A page to be shown; `values` are its template's."""

    template: str
    values: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200


@dataclass(frozen=True, slots=True)
class Go:
    """On to another page, which says `said` at its top; `cookies` go along."""

    to: str
    said: str = ""
    kind: str = "done"  # or error
    cookies: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Nothing:
    """Nothing has changed since the page asked last."""


@dataclass(frozen=True)
class Look:
    """Somebody looks at the console, or does something there."""

    sandbox: Sandbox
    request: Request
    places: Mapping[str, str]
    session: str | None  # None: nobody is logged in
    form_token: str

    @cached_property
    def arguments(self) -> dict[str, str]:
        """The query's parameters, trimmed."""
        return {name: value.strip() for name, value in self.request.arguments().items()}

    @cached_property
    def form(self) -> dict[str, str]:
        """The fields of the form that was sent."""
        text = self.request.body.decode("utf-8", "replace")
        return dict(reversed(parse_qsl(text, keep_blank_values=True, errors="replace")))

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies the browser sent."""
        return cookies_of(self.request.headers.get("cookie", ""))

    @property
    def language(self) -> str:
        """What was chosen, else what the browser likes better: `en` or `ko`."""
        chosen = self.cookies.get("mock_nicepay_language", "")
        if chosen in LANGUAGES:
            return chosen
        liked = self.request.headers.get("accept-language", "").lower()
        korean, english = liked.find("ko"), liked.find("en")
        return "ko" if korean >= 0 and (english < 0 or korean < english) else "en"

    @property
    def theme(self) -> str:
        """What was chosen, else `system`."""
        chosen = self.cookies.get("mock_nicepay_theme", "")
        return chosen if chosen in THEMES else "system"

    def whole(self, name: str) -> int:
        """A whole number of the address, 0 when it says none. Raises `Misuse`."""
        return whole(self.arguments.get(name, "0"), name)

    def say(self, en: str, ko: str) -> str:
        """A text in the language of the page."""
        return ko if self.language == "ko" else en

    @property
    def merchant(self) -> str:
        """The client id the page is about; empty: all."""
        return self.arguments.get("merchant", "")

    @cached_property
    def known(self) -> Merchant | None:
        """That merchant. Raises `Misuse` when there is none of that id."""
        named = self.merchant not in {"", STRANGER}
        return self.sandbox.merchant(self.merchant) if named else None

    @property
    def owner(self) -> str:
        """That merchant's client id; empty for all merchants and for unknown callers. Raises `Misuse`."""
        return self.known.client_id if self.known else ""

    @property
    def is_stranger(self) -> bool:
        """Whether the page is about callers whose key belongs to no merchant."""
        return self.merchant == STRANGER

    @cached_property
    def merchants(self) -> list[Merchant]:
        """Those the switcher offers: the first, which every sandbox has, and the newest."""
        store = self.sandbox.store
        ends = [*store.first(Merchant, _OLDEST), *store.latest(Merchant, _LISTED - _OLDEST)]
        offered = list({each.client_id: each for each in ends}.values())
        shown = store.get(Merchant, self.merchant)
        return [*offered, shown] if shown and shown not in offered else offered

    @property
    def clock(self) -> Clock:
        """The time of the merchant, or of a new one."""
        if self.merchant:
            return self.sandbox.tenants(self.merchant)[0].clock
        return Clock(self.sandbox.default_clock())

    @property
    def is_part(self) -> bool:
        """Whether only a part of the page is wanted, to replace that part in the browser."""
        return "hx-request" in self.request.headers

    @property
    def now(self) -> datetime:
        """The time of that clock; that of a new merchant when the page is about an unknown one."""
        try:
            return self.clock.now()
        except Misuse:
            return Clock(self.sandbox.default_clock()).now()

    @property
    def base(self) -> str:
        """The address the server was called by."""
        scheme = "https" if self.secure else "http"
        return f"{scheme}://{self.request.headers.get('host') or self._listens}"

    @property
    def secure(self) -> bool:
        """Whether the browser came by TLS, which something in front of the server ended."""
        return self.request.headers.get("origin", "").startswith("https://")

    @property
    def _listens(self) -> str:
        settings = self.sandbox.settings
        return f"{settings.host}:{settings.port}"

    def mark_of(self, *values: object) -> str:
        """A short name of what a page shows; another one as soon as it would show something else."""
        return sha256(repr(values).encode("utf-8", "replace")).hexdigest()[:16]

    def has_seen(self, mark: str) -> bool:
        """Whether the page that asks for a part of itself shows that already."""
        return self.is_part and self.arguments.get("seen") == mark

    def url(self, path: str = "", **arguments: Any) -> str:
        """The address of a page of the console, about the same merchant unless it says another."""
        about = {"merchant": self.merchant, **arguments}
        query = urlencode({name: value for name, value in about.items() if value not in {"", None}})
        return f"{CONSOLE}{path}{'?' if query else ''}{query}"

    def back(self, otherwise: str) -> str:
        """Where a form says it came from, when that is a page of ours."""
        said = self.form.get("back", "")
        ours = said == CONSOLE or said.startswith((f"{CONSOLE}/", f"{CONSOLE}?"))
        return said if ours and said.isprintable() and "\\" not in said else self.url(otherwise)

    def ask(
        self,
        act: Callable[[Sandbox, Asked], Any],
        body: Any = None,
        arguments: Mapping[str, str] | None = None,
    ) -> Any:
        """What an action of the control plane answers. Raises what it raises."""
        sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
        return act(self.sandbox, Asked(self.merchant, arguments or {}, sent, self.places))


def whole(text: str, name: str) -> int:
    """A whole number as people write it, `33,000` too. Raises `Misuse`."""
    digits = text.strip().replace(",", "")
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise Misuse(f"{name} is {text[:40]!r}; expected a whole number")
    return int(digits)
