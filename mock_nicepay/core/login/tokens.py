"""Access tokens: an opaque text for the client, a signed JWT behind it (the reference-token pattern).

The signature covers the merchant, the times, an id and the opaque text itself. So a token that was
forged or altered in a shared store, or has another token's claims behind it, is simply unknown.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from string import ascii_letters
from typing import Any

import jwt

from mock_nicepay.contract.times import epoch, from_epoch
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.records import Token
from mock_nicepay.core.store import Store

ISSUER = "mock-nicepay"
_ALGORITHM = "HS256"
_SIGNS = ascii_letters + "0123456789"
_PAGE_TOKEN = 24
_KEPT = 8  # dead tokens a merchant keeps, so that the journal can say why one is refused


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims behind a token."""

    client_id: str
    issued: datetime
    expires: datetime
    id: str
    revoked: bool = False  # withdrawn before its expiry
    key_id: str = ""  # the client id of its key pair; empty: the merchant's first pair

    def live(self, now: datetime) -> bool:
        """Whether the token is valid. At the moment of expiry it no longer is."""
        return now < self.expires and not self.revoked


class Tokens:
    """Issues, recognises and ends access tokens. Call what changes them inside a store transaction."""

    def __init__(self, store: Store, key: str | Callable[[], str]) -> None:
        """A `key` that is a function is called again when another process may have changed the key."""
        self._store = store
        self._ask_key = key if callable(key) else lambda: key
        self.renew_key()

    def renew_key(self) -> bool:
        """Fetch the current key, for signing and verifying; returns whether it has changed."""
        # Hashed to the length that HS256 needs.
        key = sha256(self._ask_key().encode()).digest()
        if getattr(self, "_key", b"") == key:
            return False
        self._key = key
        self._verified = lru_cache(maxsize=4096)(self._verify)
        return True

    def issue(
        self,
        client_id: str,
        now: datetime,
        lifetime: timedelta,
        digits: int,
        identity: Identity,
        key_id: str = "",
    ) -> tuple[Token, Claims]:
        """The live token of one of the merchant's key pairs, or a new one when there is none.

        Documented (token.repeat): within its life the same token with the same expiry.
        Assumed (token.of-a-pair): each key pair has a token of its own.
        """
        for token, claims in self._live(client_id, now, key_id):
            return token, claims
        known = self._known(client_id, key_id)
        for stale in known[: max(0, len(known) - _KEPT + 1)]:
            self._store.delete(stale)
        if self._store.commons is not None:
            self.renew_key()
        claims = Claims(client_id, now, now + lifetime, identity.hex(32), key_id=key_id)
        opaque = identity.access_token(digits)
        while self._store.get(Token, opaque) is not None:  # a stream that a reset began anew
            opaque = identity.access_token(digits)
        return self._put(opaque, claims), claims

    def claims(self, token: Token) -> Claims | None:
        """The token's claims; None when those in the store were not signed by us."""
        signed = (token.opaque, token.client_id, token.key_id, token.claims)
        claims = self._verified(*signed)
        if claims is None and self._store.commons is not None and self.renew_key():
            return self._verified(*signed)
        return claims

    def page(self, client_id: str, session_id: str) -> str:
        """The token in the address of a checkout's page: 24 letters and digits, which only we can make.

        So a forged token, or another session's, can be recognised.
        """
        text = f"{client_id}\n{session_id}".encode("utf-8", "replace")
        number = int.from_bytes(hmac.digest(self._key, b"checkout page " + text, "sha256"), "big")
        signs = ""
        for _ in range(_PAGE_TOKEN):
            number, sign = divmod(number, len(_SIGNS))
            signs += _SIGNS[sign]
        return signs

    def expire(self, client_id: str, now: datetime) -> None:
        """End the life of the merchant's live tokens at `now`."""
        for token, claims in self._live(client_id, now):
            self._put(token.opaque, replace(claims, expires=now))

    def revoke(self, client_id: str, now: datetime, key_id: str | None = None) -> None:
        """Withdraw the merchant's live tokens: those of one key pair, or (None) of all."""
        for token, claims in self._live(client_id, now, key_id):
            self._put(token.opaque, replace(claims, revoked=True))

    def state(self, token: Token, now: datetime) -> str:
        """`live`, `expired`, `revoked`, or `forged` when the claims were not signed by us."""
        claims = self.claims(token)
        if claims is None:
            return "forged"
        if claims.revoked:
            return "revoked"
        return "live" if claims.live(now) else "expired"

    def _known(self, client_id: str, key_id: str | None) -> list[Token]:
        """The kept tokens of one of a merchant's key pairs, or (None) of all."""
        tokens = self._store.find(Token, client_id, client_id=client_id)
        return [each for each in tokens if key_id is None or each.key_id == key_id]

    def _live(
        self, client_id: str, now: datetime, key_id: str | None = None
    ) -> Iterator[tuple[Token, Claims]]:
        """The live tokens of one of a merchant's key pairs, or of all, newest first."""
        for token in reversed(self._known(client_id, key_id)):
            claims = self.claims(token)
            if claims is not None and claims.live(now):
                yield token, claims

    def _put(self, opaque: str, claims: Claims) -> Token:
        token = Token(opaque, claims.client_id, self._sign(opaque, claims), claims.key_id)
        self._store.put(token)
        return token

    def _sign(self, opaque: str, claims: Claims) -> str:
        return jwt.encode(
            {
                "iss": ISSUER,
                "sub": claims.client_id,
                "iat": epoch(claims.issued),
                "exp": epoch(claims.expires),
                "jti": claims.id,
                "tok": _fingerprint(opaque),
                **({"key": claims.key_id} if claims.key_id else {}),
                **({"rev": True} if claims.revoked else {}),
            },
            self._key,
            algorithm=_ALGORITHM,
        )

    def _verify(self, opaque: str, client_id: str, key_id: str, signed: str) -> Claims | None:
        # Expiry is checked by the merchant's clock, not by the library.
        lenient: Any = {
            "verify_exp": False,
            "verify_iat": False,
            "require": ["sub", "iat", "exp", "jti"],
        }
        try:
            claims = jwt.decode(signed, self._key, [_ALGORITHM], options=lenient, issuer=ISSUER)
        except jwt.InvalidTokenError:
            return None
        if (claims["sub"], claims.get("key", "")) != (client_id, key_id):
            return None
        if claims.get("tok") != _fingerprint(opaque):
            return None
        return Claims(
            client_id,
            from_epoch(claims["iat"]),
            from_epoch(claims["exp"]),
            claims["jti"],
            bool(claims.get("rev")),
            key_id,
        )


def _fingerprint(opaque: str) -> str:
    return sha256(opaque.encode()).hexdigest()
