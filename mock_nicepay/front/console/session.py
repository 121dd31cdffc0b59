"""Who may use the console: a signed, expiring session after the admin key, and a token in each form.

Real time, not a merchant's: moving a clock must log nobody out.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Any

import jwt

from mock_nicepay.contract.times import epoch
from mock_nicepay.core.clock import wall
from mock_nicepay.core.identity import fresh_secret

LIFETIME = timedelta(hours=12)
OPEN = "open"  # the session of everybody, where there is no admin key
_ISSUER, _AUDIENCE, _ALGORITHM = "mock-nicepay", "console", "HS256"
_LONGEST_SAID = 1500  # characters; a cookie has some 4 KB


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes and reads the sessions of one sandbox's console.

    A session ends with its time, with the store that keeps `secret`, and with the admin key it was
    begun by.
    """

    secret: str
    admin_key: str

    def begin(self, given: str, now: datetime | None = None) -> str | None:
        """A session for whoever gives the admin key; None when it is another one."""
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self.admin_key.encode()):
            return None
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "jti": fresh_secret()[:32],
            "exp": epoch((now or wall()) + LIFETIME),
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def read(self, cookie: str, now: datetime | None = None) -> str | None:
        """The id of the session in a cookie; None when there is none, or no longer."""
        if not self.admin_key:
            return OPEN
        try:
            claims: Mapping[str, Any] = jwt.decode(
                cookie,
                self._key,
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                audience=_AUDIENCE,
                options={"require": ["exp", "jti"], "verify_exp": False},
            )
        except jwt.InvalidTokenError:
            return None
        return str(claims["jti"]) if epoch(now or wall()) < float(claims["exp"]) else None

    def form_token(self, session: str) -> str:
        """What each form of a session carries, and no page from elsewhere can know."""
        return hmac.new(self._key, f"form/{session}".encode(), sha256).hexdigest()

    def is_form_token(self, given: str, session: str) -> bool:
        """Whether a form is one of ours, made for this session."""
        expected = self.form_token(session)
        return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())

    @property
    def _key(self) -> bytes:
        return sha256(f"console/{self.secret}/{self.admin_key}".encode()).digest()


def cookies_of(header: str) -> dict[str, str]:
    """The cookies of a request; none when they cannot be read."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(header)
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def cookie(name: str, value: str, path: str, *, age: int, secure: bool = False) -> tuple[str, str]:
    """A Set-Cookie header. No script reads it and no other site has it sent; an age of 0 ends it."""
    traits = f"; Path={path}; Max-Age={age}; HttpOnly; SameSite=Strict"
    return "Set-Cookie", f"{name}={value}{traits}{'; Secure' if secure else ''}"


def packed(kind: str, text: str) -> str:
    """What is to be said on the next page, as a cookie's value."""
    said = json.dumps([kind, text[:_LONGEST_SAID]]).encode()
    return urlsafe_b64encode(said).decode().rstrip("=")


def unpacked(value: str) -> tuple[str, str] | None:
    """The same again: its kind (done or error) and its text; None for what is none of ours."""
    try:
        kind, text = json.loads(urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    except (ValueError, TypeError):
        return None
    known = kind in {"done", "error"} and isinstance(text, str)
    return (kind, text[:_LONGEST_SAID]) if known else None
