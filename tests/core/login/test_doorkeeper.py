"""Who is calling, whether the login opens the endpoint, and why not."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from mock_nicepay.api import ENDPOINTS
from mock_nicepay.contract.editions import EDITIONS
from mock_nicepay.contract.refusal import Refusal
from mock_nicepay.contract.times import KST
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.login.doorkeeper import Doorkeeper
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.records import Merchant, Token
from mock_nicepay.core.stores.memory import MemoryStore

NOW = datetime(2023, 2, 28, 12, 53, 17, 657_000, KST)
ID, SECRET = "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"
TOKEN_CALL, LOOK_UP = "token.issue", "payments.get"
CALLS = {endpoint.name: endpoint for endpoint in ENDPOINTS}


def basic(login: str) -> str:
    """A Basic header around some text."""
    return f"Basic {base64.b64encode(login.encode()).decode()}"


RIGHT = basic(f"{ID}:{SECRET}")


class Door:
    """A doorkeeper over a store with one merchant."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.tokens = Tokens(self.store, "the key of this test, long enough for HS256")
        self.keeper = Doorkeeper(self.store, self.tokens)
        self.put()

    def put(self, **traits: Any) -> None:
        """The merchant with other traits."""
        self.store.put(Merchant(ID, SECRET, **traits))

    def token(self) -> str:
        """The merchant's live access token."""
        identity = Identity(1, ID)
        return self.tokens.issue(ID, NOW, timedelta(minutes=30), 40, identity)[0].opaque

    def ask(
        self,
        header: str | None,
        call: str = TOKEN_CALL,
        edition: str = "union",
        now: datetime = NOW,
        peer: str = "127.0.0.1",
    ) -> str:
        """The code a call is refused with, empty when it is let in."""
        try:
            self.admit(header, call, edition, now, peer)
        except Refusal as refusal:
            return refusal.code
        return ""

    def why(self, header: str | None, **where: Any) -> str:
        """The English reason of a refusal."""
        with pytest.raises(Refusal) as refused:
            self.admit(header, **where)
        assert refused.value.cause is not None
        assert not refused.value.cause.ko.isascii()
        return refused.value.cause.en

    def admit(
        self,
        header: str | None,
        call: str = TOKEN_CALL,
        edition: str = "union",
        now: datetime = NOW,
        peer: str = "127.0.0.1",
    ) -> Merchant:
        """Go through the door."""
        caller = self.keeper.identify(header)
        return self.keeper.admit(caller, CALLS[call], EDITIONS[edition], now, peer)


@pytest.fixture
def door() -> Door:
    """A door with one merchant behind it."""
    return Door()


@pytest.mark.parametrize(
    ("at_token_call", "header"),
    [
        ("", RIGHT),
        ("U304", None),
        ("U304", "Digest x"),
        ("U304", basic(ID)),
        ("U304", "Basic"),
        ("U101", "Basic not-base64!"),
        ("U101", f"Basic {ID}:{SECRET}"),
        ("U117", basic(f"{ID}:")),
        ("U117", basic(f":{SECRET}")),
        ("U116", basic(f"{ID}:wrong")),
        ("U116", basic(f"{ID}:{SECRET}\n")),
        ("U116", basic(f"{ID[:-1]}0:{SECRET}")),
        ("U116", basic("\ufffd:\ufffd")),
        ("U116", basic("R2_af4543a0be4d49a98122e01ec2059a56:x")),
        ("U104", "Bearer 0000000000000000000000000000000000000000"),
        ("U104", "Bearer"),
    ],
)
def test_each_failure_has_its_code_at_the_token_call_only(
    at_token_call: str, header: str | None, door: Door
) -> None:
    """The token call names what is wrong; everywhere else it is U104."""
    elsewhere = "U104" if at_token_call else ""
    assert (at_token_call, elsewhere) == (door.ask(header), door.ask(header, LOOK_UP))


@pytest.mark.parametrize(
    ("expected", "auth_type", "call", "login"),
    [
        ("", "any", LOOK_UP, "basic"),
        ("", "any", LOOK_UP, "bearer"),
        ("", "basic", LOOK_UP, "basic"),
        ("", "token", TOKEN_CALL, "basic"),
        ("", "token", LOOK_UP, "bearer"),
        ("U104", "token", LOOK_UP, "basic"),
    ],
)
def test_the_authorization_type_decides_which_login_opens(
    expected: str, auth_type: str, call: str, login: str, door: Door
) -> None:
    """A `token` key logs in by token, except where the token is issued."""
    door.put(auth_type=auth_type)
    header = RIGHT if login == "basic" else f"Bearer {door.token()}"
    assert expected == door.ask(header, call)


@pytest.mark.parametrize(
    ("expected", "edition", "call"),
    [
        ("", "union", TOKEN_CALL),
        ("", "manual", TOKEN_CALL),
        ("U304", "gateway", TOKEN_CALL),
        ("", "gateway", LOOK_UP),
    ],
)
def test_the_edition_decides_whether_a_token_gets_a_token(
    expected: str, edition: str, call: str, door: Door
) -> None:
    """A live token opens every call, but the token call in some editions only."""
    assert expected == door.ask(f"Bearer {door.token()}", call, edition)


@pytest.mark.parametrize("call", [TOKEN_CALL, LOOK_UP])
@pytest.mark.parametrize(
    ("expected", "later"),
    [
        ("", timedelta(minutes=30, milliseconds=-1)),
        ("U104", timedelta(minutes=30)),
        ("U104", timedelta(days=1)),
    ],
)
def test_a_token_opens_until_it_expires(
    expected: str, later: timedelta, call: str, door: Door
) -> None:
    """By the merchant's clock, and no longer than to the millisecond before."""
    assert expected == door.ask(f"Bearer {door.token()}", call, now=NOW + later)


def test_a_token_without_its_merchant_opens_nothing(door: Door) -> None:
    """A store that has lost the merchant is no way in, at either kind of call."""
    token = door.token()
    door.store.delete(Merchant(ID, SECRET))
    assert ["U104", "U104"] == [door.ask(f"Bearer {token}", call) for call in (TOKEN_CALL, LOOK_UP)]


@pytest.mark.parametrize(
    ("expected", "allow", "peer"),
    [
        ("", (), "203.0.113.9"),
        ("", ("203.0.113.0/24",), "203.0.113.9"),
        ("U315", ("203.0.113.0/24",), "203.0.114.9"),
        ("", ("10.0.0.0/8", "203.0.113.9"), "203.0.113.9"),
        ("", ("203.0.113.0/24",), "::ffff:203.0.113.9"),
        ("U315", ("203.0.113.0/24",), "2001:db8::1"),
        ("", ("2001:db8::/32",), "2001:db8::1"),
        ("U315", ("2001:db8::/32",), "203.0.113.9"),
        ("U315", ("0.0.0.0/0",), ""),
        ("U315", ("0.0.0.0/0",), "localhost"),
    ],
)
@pytest.mark.parametrize("call", [TOKEN_CALL, LOOK_UP])
def test_the_address_must_be_allowed(
    expected: str, allow: tuple[str, ...], peer: str, call: str, door: Door
) -> None:
    """An empty list allows all; a rule is v4 or v6, and a mapped v4 address counts as v4."""
    door.put(allow=tuple(ip_network(rule) for rule in allow))
    assert expected == door.ask(RIGHT, call, peer=peer)


def test_the_address_is_checked_after_the_login(door: Door) -> None:
    """A stranger is not told that there is a list."""
    door.put(allow=(ip_network("10.0.0.0/8"),))
    assert "U116" == door.ask(basic(f"{ID}:wrong"))
    assert "the caller's address 127.0.0.1 is not in the merchant's allow list (10.0.0.0/8)" == (
        door.why(RIGHT)
    )


@pytest.mark.parametrize(
    ("expected", "header"),
    [
        ("trailing line feed: was it made with echo without -n?", basic(f"{ID}:{SECRET}\n")),
        ("trailing line feed: was it made with echo without -n?", basic(f"{ID}:{SECRET}\r\n")),
        ("the secret key has spaces or quotes around it", basic(f"{ID}: {SECRET}")),
        ("the secret key has spaces or quotes around it", basic(f'{ID}:"{SECRET}"')),
        ("the secret key was sent in upper case", basic(f"{ID}:{SECRET.upper()}")),
        ("the secret key is cut off after 31 of 32 characters", basic(f"{ID}:{SECRET[:-1]}")),
        (f"{ID} is known, but this is not its secret key", basic(f"{ID}:{SECRET}x")),
        ("the two halves are swapped", basic(f"{SECRET}:{ID}")),
        ("Base64-encoded twice", basic(f"{base64.b64encode(f'{ID}:x'.encode()).decode()}:x")),
        ("the client id has spaces or quotes around it", basic(f" {ID}:{SECRET}")),
        ("the client id has spaces or quotes around it", basic(f"'{ID}':{SECRET}")),
        (f"the nearest known is {ID}", basic(f"{ID[:-1]}0:{SECRET}")),
        ("add one with POST /_mock/merchants", basic("S2_someone-else:x")),
        ("A LIVE KEY WAS SENT TO A MOCK", basic("R2_af4543a0be4d49a98122e01ec2059a56:x")),
        ("the Bearer token is empty", "Bearer"),
        ("the token was sent with quotes around it", 'Bearer "abc"'),
        ("this looks like Basic credentials", f"Bearer {RIGHT.removeprefix('Basic ')}"),
        ("no such token was issued here", "Bearer abc"),
    ],
)
def test_a_refused_login_is_explained(expected: str, header: str, door: Door) -> None:
    """The journal names the mistake a developer is likely to have made."""
    assert expected in door.why(header)


@pytest.mark.parametrize(
    "header",
    [
        basic(f"{ID}:{SECRET}\n"),
        basic(f"{ID}:{SECRET.upper()}"),
        basic(f"{ID}:{SECRET}x"),
        basic(f"{SECRET}:{ID}"),
        basic(f"{SECRET}:{SECRET}"),
        basic(f"{ID[:-1]}0:{SECRET}"),
        basic("R2_af4543a0be4d49a98122e01ec2059a56:x"),
        f"Bearer {RIGHT.removeprefix('Basic ')}",
    ],
)
def test_no_reason_gives_a_secret_away(header: str, door: Door) -> None:
    """Neither the secret key nor a live key is repeated."""
    reason = door.why(header)
    assert ([], False) == (
        [word for word in (SECRET, SECRET.upper(), "R2_af4543") if word in reason],
        SECRET[:16] in reason,
    )


def test_a_dead_token_is_told_from_an_unknown_one(door: Door) -> None:
    """Expired by how much, withdrawn, or altered in the store: each has its own reason."""
    token = door.token()
    late = door.why(f"Bearer {token}", now=NOW + timedelta(minutes=31))
    assert (
        "the token expired at 2023-02-28T13:23:17.657+0900, 60 s ago by the merchant's clock; "
        "ask for a new one" == late
    )
    record = door.store.get(Token, token)
    assert record is not None
    door.tokens.revoke(record.client_id, NOW)
    assert "the token was withdrawn before its time" in door.why(f"Bearer {token}")
    door.store.put(replace(record, claims=record.claims[:-8]))
    assert "the claims behind this token do not verify" in door.why(f"Bearer {token}")


def test_a_call_is_known_even_when_it_is_refused(door: Door) -> None:
    """A wrong secret, an empty one and a dead token still name their merchant, for the journal."""
    token = door.token()
    door.tokens.revoke(ID, NOW)
    for header in (basic(f"{ID}:wrong"), basic(f"{ID}:"), f"Bearer {token}"):
        caller = door.keeper.identify(header)
        assert ID == (caller.merchant and caller.merchant.client_id)


def test_a_key_without_the_usual_prefix_is_a_key_like_others(door: Door) -> None:
    """Older keys have no prefix, and a live-looking key that is ours is let in."""
    for client_id in ("af0d116236df437f831483ee9c500bc4", "R2_ours"):
        door.store.put(Merchant(client_id, "secret"))
        assert "" == door.ask(basic(f"{client_id}:secret"))
