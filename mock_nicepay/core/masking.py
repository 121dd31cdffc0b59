"""Makes text fit to be kept: secrets and card data never reach the journal, a log or an error."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from mock_nicepay.contract.credentials import Login, looks_live, read_login

_SECRET_NAMES = re.compile(
    r"secret|password|passwd|cardno|cardnum|cardpw|encdata|idno|track2|cavv|accesstoken|authorization"
    r"|cookie|admin-key|refundaccount|^pw$",
    re.IGNORECASE,
)
_SECRET_PAIR = re.compile(
    r"((?:secret|password|encdata|card|idno|accesstoken)\w*[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,}]+",
    re.IGNORECASE,
)
_CARD_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(\d{4}[- ]?\d{2})\d{2}[- ]?\d{3,4}[- ]?(\d{3,4})(?![0-9A-Za-z])"
)
HIDDEN = "********"


def mask_login(header: str) -> str:
    """An Authorization header with its secret half hidden; a live key loses its id as well."""
    login = read_login(header)
    if login.scheme == "bearer":
        return f"Bearer {mask_token(login.token)}"
    if login.scheme == "basic" and login.client_id:
        return f"Basic {mask_client_id(login.client_id)}:{HIDDEN}"
    return f"{login.scheme.capitalize()} {HIDDEN}" if login.scheme != "none" else ""


def mask_token(token: str) -> str:
    """The first six characters, enough to tell two tokens apart."""
    return f"{token[:6]}…({len(token)})" if len(token) > 12 else HIDDEN


def mask_client_id(client_id: str) -> str:
    """A client id as it may be shown: whole when it is no secret, cut when it looks live."""
    return f"{client_id[:5]}…" if looks_live(client_id) else client_id[:64]


def live_key_of(login: Login) -> bool:
    """Whether the call carries what looks like a live key."""
    return looks_live(login.client_id) or looks_live(login.secret_key)


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Request headers with the login hidden."""
    return {name: _mask_header(name, value) for name, value in headers.items()}


@lru_cache(maxsize=2048)
def _mask_header(name: str, value: str) -> str:
    if name == "authorization":
        return mask_login(value)
    return HIDDEN if _names_secret(name) else mask_text(value[:2000])


@lru_cache(maxsize=2048)
def _names_secret(name: str) -> bool:
    return _SECRET_NAMES.search(name) is not None


def mask_value(value: Any, name: str = "") -> Any:
    """A JSON value with the secret keys' values hidden and card numbers masked, at any depth."""
    if isinstance(value, dict):
        return {key: mask_value(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [mask_value(inner, name) for inner in value]
    if isinstance(value, bool) or value is None:
        return value
    if name and _names_secret(name) and "*" not in str(value):
        return mask_token(value) if name == "accessToken" and isinstance(value, str) else HIDDEN
    if isinstance(value, int) and value > 10**12:
        return _scrub(str(value))
    return _scrub(value) if isinstance(value, str) else value


def mask_text(text: str) -> str:
    """Text that is no JSON, with what may be a secret or a card number hidden."""
    if not text:
        return text
    return _scrub(_SECRET_PAIR.sub(rf"\1{HIDDEN}", text))


def _scrub(text: str) -> str:
    if len(text) < 14:
        return text
    return _scrub_short(text) if len(text) <= 64 else _CARD_NUMBER.sub(r"\1******\2", text)


@lru_cache(maxsize=2048)
def _scrub_short(text: str) -> str:
    return _CARD_NUMBER.sub(r"\1******\2", text)
