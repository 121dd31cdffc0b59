"""Merchants as JSON: their traits, and the errors for wrong ones."""

import re
from pathlib import Path
from typing import Any

import pytest

from mock_nicepay.core.identity import Identity
from mock_nicepay.core.merchants.traits import merchant_of, merchants_in, to_json
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.resources import folder


@pytest.fixture
def identity() -> Identity:
    """A stream of its own."""
    return Identity(1, "test")


def test_everything_is_invented_when_nothing_is_given(identity: Identity) -> None:
    """A Server-approval pair of the published form, open to any login and any address."""
    made = to_json(merchant_of({}, identity))
    assert re.fullmatch(r"S2_[0-9a-f]{32}", made.pop("clientId"))
    assert re.fullmatch(r"[0-9a-f]{32}", secret := made.pop("secretKey"))
    assert re.fullmatch(r"[0-9a-f]{32}", other := made.pop("otherSecretKey"))
    assert secret != other
    assert re.fullmatch(r"UT[0-9]{7}m", made.pop("mid"))
    assert {
        "window": "server",
        "authType": "any",
        "name": None,
        "allow": [],
        "edition": None,
        "repeatsOrderIds": False,
        "recurring": "yes",
        "keyIn": "enabled",
        "cardFields": "none",
        "settlementCurrency": "KRW",
    } == made


def test_what_is_given_is_kept(identity: Identity) -> None:
    """A merchant's JSON form is returned as it was given."""
    given = {
        "clientId": "S1_mine",
        "secretKey": "a!~",
        "window": "client",
        "authType": "token",
        "name": "우리 상점",
        "mid": "nictest00m",
        "allow": ["10.0.0.0/8", "2001:db8::/32", "127.0.0.1/32"],
        "edition": "gateway",
        "otherSecretKey": "b",
        "repeatsOrderIds": True,
        "recurring": "no",
        "keyIn": "disabled",
        "cardFields": "all",
        "settlementCurrency": "USD",
    }
    assert given == to_json(merchant_of(given, identity))


def test_null_is_like_not_given(identity: Identity) -> None:
    """Each key may be null."""
    made = merchant_of(dict.fromkeys(to_json(merchant_of({}, identity))), identity)
    assert ("server", "any", "", (), "") == (
        made.window,
        made.auth_type,
        made.name,
        made.allow,
        made.edition,
    )
    assert made.client_id.startswith("S2_")


@pytest.mark.parametrize(
    ("expected", "given"), [(True, True), (True, "true"), (False, False), (False, "false")]
)
def test_a_file_writes_true_as_text(identity: Identity, expected: bool, given: object) -> None:
    """JSON has the value, a file of merchants only texts."""
    made = merchant_of({"repeatsOrderIds": given}, identity)

    assert expected == made.repeats_order_ids


def test_the_prefix_tells_the_window(identity: Identity) -> None:
    """An invented id of a Client-approval key begins with S1_."""
    assert merchant_of({"window": "client"}, identity).client_id.startswith("S1_")


def test_an_address_is_a_network_of_one(identity: Identity) -> None:
    """A bare address and a rule with host bits are taken as what they mean."""
    made = merchant_of({"allow": ["127.0.0.1", "10.1.2.3/8"]}, identity)
    assert ["127.0.0.1/32", "10.0.0.0/8"] == [str(rule) for rule in made.allow]


@pytest.mark.parametrize(
    ("expected", "entry"),
    [
        ("a merchant is a JSON object with the keys clientId, secretKey, window", []),
        ("a merchant is a JSON object with the keys clientId", None),
        ("a merchant has no 'clientid'; did you mean clientId?", {"clientid": "x"}),
        ("a merchant has no 'authtype'; did you mean authType?", {"authtype": "any"}),
        ("a merchant has no 'zzz'; it has clientId, secretKey, window", {"zzz": 1}),
        ("a merchant has no '5'; it has clientId, secretKey", {5: 1}),
        ("window is 'Server'; expected one of server, client", {"window": "Server"}),
        ("window is ''; expected one of server, client", {"window": ""}),
        ("window is '[]'; expected one of server, client", {"window": []}),
        ("authType is 'bearer'; expected one of any, basic, token", {"authType": "bearer"}),
        ("repeatsOrderIds is '1'; expected true or false", {"repeatsOrderIds": 1}),
        ("repeatsOrderIds is 'yes'; expected true or false", {"repeatsOrderIds": "yes"}),
        ("settlementCurrency is 'CNY'; expected one of KRW, USD", {"settlementCurrency": "CNY"}),
        ("edition is 'old'; expected one of union, manual, gateway", {"edition": "old"}),
        ("clientId must be 1 to 50 letters, digits, _ . -", {"clientId": ""}),
        ("clientId must be 1 to 50 letters, digits, _ . -", {"clientId": "a:b"}),
        ("clientId must be 1 to 50 letters, digits, _ . -", {"clientId": "x" * 51}),
        ("clientId must be 1 to 50 letters, digits, _ . -", {"clientId": "a\n"}),
        ("clientId must be 1 to 50 letters, digits, _ . -", {"clientId": 5}),
        ("secretKey must be 1 to 100 visible ASCII characters", {"secretKey": "a:b"}),
        ("secretKey must be 1 to 100 visible ASCII characters", {"secretKey": "비밀"}),
        ("mid must be 10 characters ending in m", {"mid": "nictest00x"}),
        ("allow must be a list of CIDR rules such as 10.0.0.0/8", {"allow": "10.0.0.0/8"}),
        ("write CIDR rules such as 10.0.0.0/8 or 127.0.0.1", {"allow": ["localhost"]}),
        ("write CIDR rules such as 10.0.0.0/8 or 127.0.0.1", {"allow": ["10.0.0.0/33"]}),
        ("write CIDR rules such as 10.0.0.0/8 or 127.0.0.1", {"allow": [None]}),
        ("allow has 1001 rules; 1000 are taken at most", {"allow": ["127.0.0.1"] * 1001}),
    ],
)
def test_a_wrong_trait_is_explained(expected: str, entry: Any, identity: Identity) -> None:
    """Which key, what it was, what would be right: one line, status 400."""
    with pytest.raises(Misuse) as wrong:
        merchant_of(entry, identity)
    assert expected in wrong.value.message
    assert (400, False) == (wrong.value.status, "\n" in wrong.value.message)


def test_the_stranger_is_nobodys_name(identity: Identity) -> None:
    """`unknown` names the journal of calls without a merchant, so no merchant may have it."""
    with pytest.raises(Misuse, match="clientId must not be 'unknown'"):
        merchant_of({"clientId": "unknown"}, identity)


def write(path: Path, data: str | bytes) -> Path:
    """A merchants file."""
    file = path / "more.yaml"
    file.write_bytes(data if isinstance(data, bytes) else data.encode())
    return file


def test_a_file_holds_many(tmp_path: Path, identity: Identity) -> None:
    """In their order, each with what was not given invented."""
    file = write(
        tmp_path,
        "merchants:\n- {clientId: a, name: 상점}\n- {}\n- {clientId: 3011, secretKey: 0123}\n",
    )
    made = merchants_in(file, identity)
    assert ["a", "3011", "0123"] == [made[0].client_id, made[2].client_id, made[2].secret_key]
    assert ("상점", True) == (made[0].name, made[1].client_id.startswith("S2_"))


def test_the_published_pairs_are_a_file_like_any_other(identity: Identity) -> None:
    """The three published pairs, and ours for the narrower types."""
    made = merchants_in(folder("fixtures") / "merchants.yaml", identity)
    assert [
        ("server", "any"),
        ("client", "any"),
        ("client", "any"),
        ("server", "basic"),
        ("server", "token"),
    ] == [(merchant.window, merchant.auth_type) for merchant in made]


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        ("expected a key `merchants` with a list", ""),
        ("expected a key `merchants` with a list", "- clientId: a"),
        ("expected a key `merchants` with a list", "merchants: {}"),
        ("cannot be read as a merchants file: ", "merchants: ["),
        ("cannot be read as a merchants file: ", b"\xff\xfe"),
        ("expected a key `merchants` with a list", "a: !!python/object:os.system {}"),
        ("more.yaml, entry 2: window is 'x'; expected", "merchants: [{}, {window: x}]"),
        ("more.yaml, entry 1: a merchant is a JSON object", "merchants: [text]"),
        ("more.yaml, entry 1: clientId must be 1 to 50", "merchants: [{clientId: a b}]"),
        (
            "more.yaml, entry 2: the client id a is given twice",
            "merchants: [{clientId: a}, {clientId: a}]",
        ),
    ],
)
def test_a_wrong_file_is_explained(
    expected: str, data: str | bytes, tmp_path: Path, identity: Identity
) -> None:
    """File, entry, key and what would be right, on one line."""
    file = write(tmp_path, data)
    with pytest.raises(Misuse) as wrong:
        merchants_in(file, identity)
    assert expected in wrong.value.message
    assert wrong.value.message.startswith(str(file))
    assert "\n" not in wrong.value.message


def test_a_missing_file_is_explained(tmp_path: Path, identity: Identity) -> None:
    """The path and the reason."""
    with pytest.raises(Misuse, match=r"absent\.yaml: cannot be read as a merchants file"):
        merchants_in(tmp_path / "absent.yaml", identity)
