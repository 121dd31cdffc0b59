"""Makes text fit to be kept: secrets and card data never reach the journal, a log or an error."""

import re
from typing import Any

from mock_nicepay.contract.credentials import Login, looks_live, read_login

_SECRET_NAMES = re.compile(
    r"secret|password|passwd|cardno|cardnum|cardpw|encdata|idno|track2|cavv|accesstoken|authorization"
    r"|cookie|admin-key|refundaccount|^pw$",
    re.IGNORECASE,
)
_CARD_NUMBER = re.compile(r"(?<!\d)(\d{6})\d{5,9}(\d{4})(?!\d)")
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


def mask_headers(headers: dict[str, str]) -> dict[str, str]:
    """Request headers with the login hidden."""
    return {
        name: mask_login(value)
        if name == "authorization"
        else (HIDDEN if _SECRET_NAMES.search(name) else _scrub(value))
        for name, value in headers.items()
    }


def mask_value(value: Any, name: str = "") -> Any:
    """A JSON value with the secret keys' values hidden and card numbers masked, at any depth."""
    if isinstance(value, dict):
        return {key: mask_value(inner, str(key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [mask_value(inner, name) for inner in value]
    if name and isinstance(value, str | int) and _SECRET_NAMES.search(name) and "*" not in str(value):
        return mask_token(value) if name == "accessToken" and isinstance(value, str) else HIDDEN
    return _scrub(value) if isinstance(value, str) else value


def mask_text(text: str) -> str:
    """Text that is no JSON, with what may be a secret or a card number hidden."""
    text = re.sub(r"(?i)((?:secret|password|encdata|card)\w*[\"']?\s*[:=]\s*[\"']?)[^\s\"'&,}]+", rf"\1{HIDDEN}", text)
    return _scrub(text)


def _scrub(text: str) -> str:
    return _CARD_NUMBER.sub(r"\1******\2", text) if len(text) >= 15 else text
