"""The control plane's action on access tokens: list those that were issued, with their claims."""

from datetime import datetime
from typing import Any

from mock_nicepay.contract.times import iso
from mock_nicepay.core.login.tokens import Claims
from mock_nicepay.core.records import STRANGER, Token
from mock_nicepay.front.control.asked import Asked
from mock_nicepay.sandbox import Sandbox


def list_tokens(sandbox: Sandbox, asked: Asked) -> Any:
    """List the access tokens with their claims and the seconds until each expires."""
    found = _tokens(sandbox, asked.merchant)
    return {"total": len(found), "tokens": [_row(sandbox, each) for each in asked.page(found)]}


def token_rows(sandbox: Sandbox, client_id: str = "") -> list[dict[str, Any]]:
    """The access tokens of one merchant, or of all, each at the present time of its merchant."""
    return [_row(sandbox, token) for token in _tokens(sandbox, client_id)]


def _tokens(sandbox: Sandbox, client_id: str) -> list[Token]:
    is_key = client_id not in ("", STRANGER)
    owner = sandbox.merchant(client_id).client_id if is_key else client_id
    return sandbox.store.find(Token, owner)


def _row(sandbox: Sandbox, token: Token) -> dict[str, Any]:
    now = sandbox.tenants(token.client_id)[0].clock.now()
    claims = sandbox.tokens.claims(token)
    return {
        "accessToken": token.opaque,
        "merchant": token.client_id,
        "clientId": token.key_id or token.client_id,
        "state": sandbox.tokens.state(token, now),
        "secondsLeft": _seconds_left(claims, now) if claims else 0,
        "claims": _claims(claims) if claims else None,
    }


def _seconds_left(claims: Claims, now: datetime) -> int:
    return max(0, int((claims.expires - now).total_seconds()))


def _claims(claims: Claims) -> dict[str, str]:
    return {
        "sub": claims.client_id,
        "jti": claims.id,
        "iat": iso(claims.issued),
        "exp": iso(claims.expires),
    }
