"""Access tokens: how long one lives, and that none can be forged through the store."""

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from threading import Barrier, Thread
from typing import Any

import jwt
import pytest

from mock_nicepay.contract.times import KST
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.login.tokens import Claims, Tokens
from mock_nicepay.core.records import Token
from mock_nicepay.core.stores.memory import MemoryStore

NOW = datetime(2023, 2, 28, 12, 53, 17, 657_000, KST)
LIFE = timedelta(minutes=30)
TICK = timedelta(milliseconds=1)
KEY = "the key of this test, long enough for HS256"


class Desk:
    """A store, its tokens, and merchants who ask for some."""

    def __init__(self, key: str = KEY, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.tokens = Tokens(self.store, key)
        self.identities: dict[str, Identity] = {}

    def ask(
        self, now: datetime = NOW, client_id: str = "A", digits: int = 40, life: timedelta = LIFE
    ) -> tuple[Token, Claims]:
        """What `client_id` gets when it asks for a token."""
        identity = self.identities.setdefault(client_id, Identity(1, client_id))
        with self.store.transaction():
            return self.tokens.issue(client_id, now, life, digits, identity)

    def held(self, client_id: str = "A") -> list[Token]:
        """The tokens the store has for a merchant."""
        return self.store.find(Token, client_id, client_id=client_id)


@pytest.fixture
def desk() -> Desk:
    """A desk that has issued nothing yet."""
    return Desk()


@pytest.mark.parametrize(
    ("same", "later"),
    [
        (True, timedelta()),
        (True, LIFE - TICK),
        (False, LIFE),
        (False, LIFE + TICK),
        (True, -timedelta(days=1)),
    ],
)
def test_a_token_is_repeated_in_its_life_only(same: bool, later: timedelta, desk: Desk) -> None:
    """Until the last millisecond the same token with the same expiry, from then on a new one."""
    token, claims = desk.ask(NOW)
    again, claims_again = desk.ask(NOW + later)
    assert (same, same) == (token.opaque == again.opaque, claims.expires == claims_again.expires)


def test_a_new_token_lives_as_long_as_the_first(desk: Desk) -> None:
    """Its life is counted from its own issue."""
    desk.ask(NOW)
    _, claims = desk.ask(NOW + LIFE + TICK)
    assert (NOW + LIFE + TICK, NOW + 2 * LIFE + TICK) == (claims.issued, claims.expires)


@pytest.mark.parametrize("digits", [40, 64])
def test_a_token_has_as_many_digits_as_is_set(digits: int, desk: Desk) -> None:
    """Lower-case hex of the wanted length."""
    token, _ = desk.ask(digits=digits)
    assert (digits, set()) == (len(token.opaque), set(token.opaque) - set("0123456789abcdef"))


def test_claims_say_what_a_token_stands_for(desk: Desk) -> None:
    """Merchant, times and an id, read from the store as they were issued."""
    token, claims = desk.ask()
    assert claims == Desk(store=desk.store).tokens.claims(token)
    assert ("A", NOW, NOW + LIFE, 32) == (
        claims.client_id,
        claims.issued,
        claims.expires,
        len(claims.id),
    )


def test_merchants_have_tokens_of_their_own(desk: Desk) -> None:
    """Even with the same stream of chance, no token is given to two merchants."""
    desk.identities = {"A": Identity(1, "same"), "B": Identity(1, "same")}
    token, _ = desk.ask(client_id="A")
    other, _ = desk.ask(client_id="B")
    assert token.opaque != other.opaque
    assert ["A", "B"] == [each.client_id for each in desk.store.find(Token)]


def signed(claims: dict[str, Any], key: str = KEY, algorithm: str = "HS256") -> str:
    """A JWT with these claims, signed as our own are."""
    return jwt.encode(claims, sha256(key.encode()).digest(), algorithm=algorithm)


def read(token: Token) -> dict[str, Any]:
    """The claims in a JWT, whoever signed it."""
    claims: dict[str, Any] = jwt.decode(token.claims, options={"verify_signature": False})
    return claims


def edited(token: Token, **changes: Any) -> str:
    """The JWT with some claims changed and the signature as it was."""
    head, _, signature = token.claims.split(".")
    body = json.dumps({**read(token), **changes}).encode()
    return f"{head}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}.{signature}"


# What somebody who can write into the store puts there; each gets a live token of A and one of B.
FORGERIES: dict[str, Callable[[Token, Token], Token]] = {
    "another key": lambda a, b: replace(a, claims=signed(read(a), "another key")),
    "an empty key": lambda a, b: replace(a, claims=edited(a).rpartition(".")[0] + "."),
    "another merchant's claims": lambda a, b: replace(a, claims=b.claims),
    "another merchant's claims and name": lambda a, b: replace(a, client_id="B", claims=b.claims),
    "given to another merchant": lambda a, b: replace(a, client_id="B"),
    "a made-up token": lambda a, b: replace(a, opaque="0" * 40),
    "a longer life": lambda a, b: replace(a, claims=edited(a, exp=read(a)["exp"] + 9999)),
    "another name inside": lambda a, b: replace(a, client_id="B", claims=edited(a, sub="B")),
    "no algorithm": lambda a, b: replace(a, claims=jwt.encode(read(a), None, algorithm="none")),
    "another algorithm": lambda a, b: replace(a, claims=signed(read(a), KEY, "HS512")),
    "another issuer": lambda a, b: replace(a, claims=signed({**read(a), "iss": "me"})),
    "no issuer": lambda a, b: replace(
        a, claims=signed({name: value for name, value in read(a).items() if name != "iss"})
    ),
    "no id": lambda a, b: replace(
        a, claims=signed({name: value for name, value in read(a).items() if name != "jti"})
    ),
    "no text": lambda a, b: replace(a, claims=""),
    "no JWT": lambda a, b: replace(a, claims="a.b.c"),
    "no ASCII": lambda a, b: replace(a, claims="가.나.다"),
}


def test_a_copy_of_a_token_is_signed_like_it(desk: Desk) -> None:
    """The forgeries below fail for what they change, not for how the test signs them."""
    token, claims = desk.ask()
    assert claims == desk.tokens.claims(replace(token, claims=signed(read(token))))


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_token_is_not_known(forge: Callable[[Token, Token], Token], desk: Desk) -> None:
    """It has no claims, and the merchant's next request gets a new token."""
    token, _ = desk.ask(client_id="A")
    other, _ = desk.ask(client_id="B")
    forged = forge(token, other)
    desk.store.delete(token)
    desk.store.put(forged)
    assert None is desk.tokens.claims(forged)
    assert forged.opaque != desk.ask(client_id=forged.client_id)[0].opaque


@pytest.mark.parametrize("key", ["k", "비밀", "x" * 200])
def test_any_key_signs(key: str) -> None:
    """A short key works like a long one, without a warning."""
    desk = Desk(key)
    token, claims = desk.ask()
    assert claims == Desk(key, desk.store).tokens.claims(token)


def test_servers_with_another_key_do_not_know_each_other(desk: Desk) -> None:
    """On a shared store, only servers with the same key accept each other's tokens."""
    token, claims = desk.ask()
    assert claims == Tokens(desk.store, KEY).claims(token)
    assert None is Tokens(desk.store, "another key of the same length or so").claims(token)


def test_an_expired_token_is_over_at_that_moment(desk: Desk) -> None:
    """Its claims say so, in the store, and the next request gets a new token."""
    token, _ = desk.ask()
    ended = NOW + timedelta(minutes=5)
    desk.tokens.expire("A", ended)
    (kept,) = desk.held()
    claims = desk.tokens.claims(kept)
    assert claims is not None
    assert (ended, False, True) == (
        claims.expires,
        claims.live(ended),
        claims.live(ended - TICK),
    )
    assert token.opaque != desk.ask(ended)[0].opaque


def test_a_revoked_token_is_replaced(desk: Desk) -> None:
    """It keeps its claims with a mark among them; the next request gets a new one."""
    token, claims = desk.ask()
    desk.tokens.revoke("A", NOW)
    assert replace(claims, revoked=True) == desk.tokens.claims(desk.held()[0])
    assert "revoked" == desk.tokens.state(desk.held()[0], NOW)
    assert token.opaque != desk.ask()[0].opaque


@pytest.mark.parametrize("end", [Tokens.expire, Tokens.revoke])
def test_only_live_tokens_of_that_merchant_end(
    end: Callable[[Tokens, str, datetime], None], desk: Desk
) -> None:
    """A dead token and another merchant's stay as they are."""
    desk.ask(NOW)
    dead = desk.held()[0]
    desk.ask(NOW + LIFE)
    other, _ = desk.ask(NOW + LIFE, client_id="B")
    end(desk.tokens, "A", NOW + LIFE)
    assert not desk.tokens.claims(desk.held("A")[1]).live(NOW + LIFE)
    assert (dead, other) == (desk.held("A")[0], desk.held("B")[0])


def test_only_the_latest_tokens_are_kept(desk: Desk) -> None:
    """A merchant's dead tokens do not pile up, and the live one is among those that stay."""
    asked = [desk.ask(NOW + n * LIFE)[0].opaque for n in range(30)]
    assert asked[-8:] == [token.opaque for token in desk.held()]


def test_two_threads_get_one_token(desk: Desk) -> None:
    """Eight requests at once, on a merchant that has no token yet, are given the same one."""
    barrier = Barrier(8)
    got: list[str] = []

    def ask() -> None:
        barrier.wait()
        got.append(desk.ask()[0].opaque)

    threads = [Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (8, 1, 1) == (len(got), len(set(got)), len(desk.held()))
