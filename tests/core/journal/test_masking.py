"""What is kept of a call: never secrets or card data, everything else unchanged."""

import base64
import gc
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_nicepay.contract.credentials import read_login
from mock_nicepay.core.journal.masking import (
    _CARD_NUMBER,
    _LIVE_KEY,
    _LOGIN,
    _SECRET_PAIR,
    HIDDEN,
    _first_and_last,
    _ordinary_names_secret,
    _secret_among_letters,
    holds_live_key,
    is_harmless,
    is_suspect_text,
    mask_client_id,
    mask_finished,
    mask_headers,
    mask_text,
    mask_token,
    mask_value,
)
from mock_nicepay.sandbox import Sandbox

ID, SECRET = "S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee"
LIVE = "R2_af4543a0be4d49a98122e01ec2059a56"
TOKEN = "dc51c8b13620519b8503bef6ee18f11370e8b349"


def b64(text: str) -> str:
    """Standard Base64."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("expected", "header"),
    [
        (f"Basic {ID}:********", f"Basic {b64(f'{ID}:{SECRET}')}"),
        (f"Basic {ID}:********", f"bAsIc   {b64(f'{ID}:')}"),
        ("Basic R2_af…:********", f"Basic {b64(f'{LIVE}:{SECRET}')}"),
        ("Basic 9eb85…:********", f"Basic {b64(f'{SECRET}:{ID}')}"),
        ("Basic ********", f"Basic {ID}:{SECRET}"),
        ("Basic 9eb85…:********", f"Basic {b64(SECRET)}"),
        ("Basic ********", "Basic"),
        ("Bearer dc51c8…(40)", f"Bearer {TOKEN}"),
        ("Bearer ********", "Bearer short"),
        ("Bearer ********", "Bearer"),
        ("Other ********", f"Digest {SECRET}"),
        ("Other ********", SECRET),
        ("Other ********", f"{ID}:{SECRET}"),
        ("", ""),
        ("", "  "),
    ],
)
def test_a_login_keeps_no_secret_half(expected: str, header: str) -> None:
    """The client id stays, unless it looks live or like a secret key in its place."""
    assert {"authorization": expected} == mask_headers(
        {"authorization": header}, read_login(header)
    )


@pytest.mark.parametrize(
    ("expected", "name", "value"),
    [
        (HIDDEN, "x-secret-key", "anything"),
        (HIDDEN, "cookie", "session=1"),
        (HIDDEN, "proxy-authorization", "Basic abc"),
        (HIDDEN, "x-mock-nicepay-admin-key", "key"),
        ("application/json", "content-type", "application/json"),
        ("123456******3456", "x-note", "1234567890123456"),
        ("Basic ********", "x-forwarded-auth", f"Basic {b64(f'{ID}:{SECRET}')}"),
        ("R2_af…", "x-client", LIVE),
        ("a" * 2000, "x-long", "a" * 5000),
    ],
)
def test_other_headers_are_masked_by_name_and_content(expected: str, name: str, value: str) -> None:
    """The value of a secret header is hidden; any other is searched for secrets, and cut."""
    assert {name: expected} == mask_headers({name: value}, read_login(None))


@pytest.mark.parametrize(
    ("expected", "value"),
    [
        ({"cardNo": HIDDEN}, {"cardNo": "1234123412341234"}),
        ({"cardNo": HIDDEN}, {"cardNo": 1234}),
        ({"cardPw": HIDDEN, "idNo": HIDDEN}, {"cardPw": "12", "idNo": "800101"}),
        ({"encData": HIDDEN}, {"encData": "deadbeef" * 20}),
        ({"secretKey": HIDDEN, "client_secret": HIDDEN}, {"secretKey": "x", "client_secret": "x"}),
        ({"Password": HIDDEN, "pw": HIDDEN}, {"Password": "x", "pw": "x"}),
        ({"password": HIDDEN}, {"password": {"value": "x"}}),
        ({"password": [HIDDEN, HIDDEN]}, {"password": ["x", {"y": "z"}]}),
        ({"password": None, "secret": True}, {"password": None, "secret": True}),
        ({"refundAccount": HIDDEN}, {"refundAccount": "110123456789"}),
        ({"accessToken": "dc51c8…(40)"}, {"accessToken": TOKEN}),
        ({"access_token": HIDDEN}, {"access_token": TOKEN}),
        ({"a": [{"b": {"cardNo": HIDDEN}}]}, {"a": [{"b": {"cardNo": "1"}}]}),
        ({"a": {"note": "123412******1234"}}, {"a": {"note": "1234-1234-1234-1234"}}),
        (["123412******1234"], [1234123412341234]),
        (["123412******1234.0"], [1234123412341234.0]),
        ({"123412******1234": 1}, {"1234123412341234": 1}),
        ({"R1_12…": 1}, {"R1_123456": 1}),
        ("R1_af…", "R1_af4543a0be4d49a98122e01ec2059a56"),
        ({"h": "Basic ********"}, {"h": f"Basic {b64(f'{ID}:{SECRET}')}"}),
        ({"cardNum": "123412******1234"}, {"cardNum": "123412******1234"}),
        ({"cardName": "삼성", "cardCode": "04"}, {"cardName": "삼성", "cardCode": "04"}),
        ([1, 1.5, True, None, "", {}], [1, 1.5, True, None, "", {}]),
        ([999_999_999_999, 10**13, -(10**12)], [999_999_999_999, 10**13, -(10**12)]),
        ("pwd", "pwd"),
        ({"clientId": ID}, {"clientId": ID}),
        ({"buyerTel": "010****5678"}, {"buyerTel": "01012345678"}),
        ({"buyerTel": "010-****-5678"}, {"buyerTel": "010-1234-5678"}),
        ({"BuyerTel": "***4567"}, {"BuyerTel": 1234567}),
        (
            {"buyerTel": "call me", "buyerEmail": "h***@shop.kr"},
            {"buyerTel": "call me", "buyerEmail": "hong@shop.kr"},
        ),
        ({"receiptNo": "010****5678"}, {"receiptNo": "01012345678"}),
        ({"receiptNo": "101***5678"}, {"receiptNo": 1012345678}),
        ({"receiptNo": "2208162517"}, {"receiptNo": "2208162517"}),
        ({"directReceiptNo": "010***4567"}, {"directReceiptNo": "0101234567"}),
        (
            {"buyerTel": None, "managerEmail": "shop@shop.kr"},
            {"buyerTel": None, "managerEmail": "shop@shop.kr"},
        ),
    ],
)
def test_a_json_value_is_masked_at_any_depth(expected: object, value: object) -> None:
    """By the name of a key, and by what a text, a number or a key looks like; the rest stays."""
    assert expected == mask_value(value)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("123456******3456", "1234567890123456"),
        ("123456******3456", "1234-5678-9012-3456"),
        ("123456******3456", "1234 5678 9012 3456"),
        ("123456******3456", "1234+5678+9012+3456"),
        ("123456******3456", "1234%205678%209012%203456"),
        ("card 123456******3456, please", "card 1234567890123456, please"),
        ("카드123456******3456번", "카드1234567890123456번"),
        ("371449******8431", "371449635398431"),
        ("371449******8431", "3714 496353 98431"),
        ("305693******5904", "30569309025904"),
        ("624000******0005", "6240001234567890005"),
        ("a 123456******3456 b 123456******4321", "a 1234567890123456 b 1234567890124321"),
    ],
)
def test_a_card_number_is_masked_in_any_text(expected: str, text: str) -> None:
    """First six and last four digits stay; in one piece, or grouped by dashes, blanks or pluses."""
    assert (expected, expected) == (mask_text(text), mask_value(text))


@pytest.mark.parametrize(
    "text",
    [
        "UT0000104m00012303241646422011",
        "nicuntct1m01012107272007080A58",
        "BIKYnictest00m1104191651325596",
        "NICEUNTTB06096FF8F653AA366E7EEED1101AAAE",
        "2023-03-24T16:55:00.000+0900",
        "20230324164642",
        "20230324164642123",
        "2023-03-24 16:46:42",
        "010-1234-5678",
        "02-1234-5678 010-1234-5678",
        "1677558797657",
        "order-12345678901",
        "12345678901234567890",
        "c7a1b2d3-1234-1234-1234-123456789012",
        "110-123-456789",
        "123-45-67890",
        "card=",
        "basic goods",
        "Bearer of news",
        "",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Transaction ids, dates, telephone, account and business numbers are left as they are."""
    assert (text, text) == (mask_text(text), mask_value(text))


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("secretKey=********&amount=1004", f"secretKey={SECRET}&amount=1004"),
        ("a=1&cardNo=********", "a=1&cardNo=1234"),
        ('{"secretKey": "********", "a"', f'{{"secretKey": "{SECRET}", "a"'),
        ("{'password':'********'}", "{'password':'hunter2'}"),
        ("encData: ********", "encData: 0a1b2c"),
        ("cardNo: ********", "cardNo: 1234 5678 9012 3456"),
        ("access_token=********", f"access_token={TOKEN}"),
        ("{Authorization: Basic ********", f"{{Authorization: Basic {b64(f'{ID}:{SECRET}')}"),
        ("auth=Bearer ********&x=1", f"auth=Bearer+{TOKEN}&x=1"),
        ("clientId=R1_af…&x=1", "clientId=R1_af4543a0be4d49a98122e01ec2059a56&x=1"),
        ("orderId=9eb85607103646da9f9c02b128f2e5ee", f"orderId={SECRET}"),
        ("amount=1004&orderId=card", "amount=1004&orderId=card"),
        ("buyerTel=********&amount=1004", "buyerTel=01012345678&amount=1004"),
    ],
)
def test_text_that_is_no_json_is_masked_by_its_pairs(expected: str, text: str) -> None:
    """A query, a form and broken JSON keep the names and lose the secrets."""
    assert expected == mask_text(text)


@pytest.mark.parametrize(
    "piece", ["secret", "card ", "card" + " " * 90, "12345678 ", "Basic ", "R1_a"]
)
def test_masking_does_little_work_on_hostile_text(piece: str) -> None:
    """64 KiB of repeated beginnings are not matched from every position."""
    text = piece * (65_536 // len(piece))
    assert text == mask_text(text)


@pytest.mark.parametrize("opening", ['{"a":', "["])
def test_a_deep_value_is_cut(opening: str) -> None:
    """Deep nesting is replaced by a note."""
    closing = "}" if opening.startswith("{") else "]"
    value = json.loads(opening * 300 + "1" + closing * 300)
    assert "… (nested too deeply)" in json.dumps(mask_value(value), ensure_ascii=False)


@pytest.mark.parametrize(
    ("expected", "client_id"),
    [
        (ID, ID),
        ("R1_ab…", "R1_abcdef"),
        ("9eb85…", SECRET),
        ("my-shop", "my-shop"),
        ("x" * 64, "x" * 99),
        ("", ""),
    ],
)
def test_a_client_id_is_shown_unless_it_is_dangerous(expected: str, client_id: str) -> None:
    """Live keys and what may be a secret key are cut."""
    assert expected == mask_client_id(client_id)


@pytest.mark.parametrize(
    ("expected", "token"), [("dc51c8…(40)", TOKEN), (HIDDEN, "0123456789ab"), (HIDDEN, "")]
)
def test_a_token_is_told_by_its_beginning(expected: str, token: str) -> None:
    """Six characters of a long one, nothing of a short one."""
    assert expected == mask_token(token)


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (True, LIVE),
        (True, f"clientId={LIVE.lower()}"),
        (True, f' "{LIVE}"'),
        (False, ID),
        (False, "PR2_abcdefgh"),
        (False, "R2_"),
    ],
)
def test_a_live_key_is_noticed_wherever_it_stands(expected: bool, text: str) -> None:
    """Quoted, in lower case, after a name: it is still a live key."""
    assert expected is holds_live_key("", text)


def by_key(name: str) -> bytes:
    """A JSON body with the secret in an unexpected place."""
    return json.dumps({name: SECRET, "deep": [{SECRET: SECRET}], "n": SECRET * 3}).encode()


# Calls of a merchant who gives his own secret away, wherever a request has room for it.
HOSTILE: dict[str, dict[str, Any]] = {
    "header": {"headers": {"x-api-key": SECRET, "user-agent": f"shop/{SECRET}"}},
    "cookie": {"headers": {"cookie": f"key={SECRET}"}},
    "scenario header": {"headers": {"x-mock-nicepay-scenario": SECRET}},
    "query by name": {"query": f"secretKey={SECRET}"},
    "query by another name": {"query": f"key={SECRET}&{SECRET}=1"},
    "refused query": {"query": f"returnCharSet={SECRET}"},
    "path": {"method": "GET", "path": f"/v1/payments/{SECRET}"},
    "order in the path": {"method": "GET", "path": f"/v1/payments/find/{SECRET}"},
    "unknown path": {"path": f"/v1/{SECRET}/x"},
    "signed text": {
        "method": "GET",
        "path": "/v1/payments/T1",
        "query": f"ediDate={SECRET}&signData=x",
    },
    "escaped signed text": {
        "method": "GET",
        "path": "/v1/payments/T1",
        "query": f"ediDate={SECRET[0]}%65{SECRET[2:]}&signData=x",
    },
    "body by name": {"body": by_key("secretKey")},
    "body by another name": {"body": by_key("note")},
    "escaped body": {
        "body": json.dumps({"k": SECRET[0] + "\\u0065" + SECRET[2:]}).replace("\\\\", "\\").encode()
    },
    "body text": {"body": f"my key is {SECRET}.".encode()},
    "body in euc-kr": {"body": f"비밀키 {SECRET}".encode("cp949")},
    "broken JSON": {"body": f'{{"secretKey": "{SECRET}", "note": "{SECRET}'.encode()},
    "form": {"body": f"secretKey={SECRET}&x={SECRET}".encode()},
    "long body": {"body": ("x" * 70_000 + SECRET).encode()},
    "text cut in the middle": {"body": ("x" * 16_370 + SECRET).encode()},
    "login inside the body": {"body": json.dumps({"h": f"Basic {b64(f'{ID}:{SECRET}')}"}).encode()},
    "broken login in the body": {"body": f'{{"h": "Basic {b64(f"{ID}:{SECRET}")}"'.encode()},
}
LOGINS: dict[str, Mapping[str, str]] = {
    "his login": {"authorization": f"Basic {b64(f'{ID}:{SECRET}')}"},
    "an unknown id": {"authorization": f"Basic {b64(f'S2_nobody:{SECRET}')}"},
    "a half": {"authorization": f"Basic {b64(f'{ID}:')}"},
}


@pytest.mark.parametrize("login", LOGINS.values(), ids=LOGINS)
@pytest.mark.parametrize("sent", HOSTILE.values(), ids=HOSTILE)
def test_no_entry_of_a_journal_holds_a_secret(
    sent: dict[str, Any],
    login: Mapping[str, str],
    sandbox: Sandbox,
    call: Callable[..., Any],
) -> None:
    """Wherever a request has the secret key, no part of the entry has it, as text or as Base64."""
    request = {"method": "POST", "path": "/v1/access-token", **sent}
    headers = {**sent.get("headers", {}), **login}
    call(request.pop("method"), request.pop("path"), **{**request, "headers": headers})
    (entry,) = sandbox.journal()
    kept = json.dumps(entry.to_json(), ensure_ascii=False)
    spelt = (SECRET, b64(f"{ID}:{SECRET}"), SECRET[:20])
    assert [] == [word for word in spelt if word in kept]


@pytest.mark.parametrize(
    "header",
    [
        f"Basic {b64(f'{SECRET}:{ID}')}",
        f"Basic {b64(f'{SECRET}:{SECRET}')}",
        f"Basic {b64(SECRET)}",
        f"Basic {ID}:{SECRET}",
        f"Bearer {SECRET}",
        f"Bearer {b64(f'{ID}:{SECRET}')}",
        f"Token {SECRET}",
        SECRET,
        f"Basic {b64(f'{ID}:{SECRET}')}x",
        f"Basic {b64(f'{ID}:{SECRET}' + chr(10))}",
        f"Basic {b64(f' {ID}:{SECRET}')}",
    ],
)
def test_no_wrong_login_gives_the_secret_away(
    header: str, sandbox: Sandbox, call: Callable[..., Any]
) -> None:
    """Halves swapped, cut, not encoded, under another scheme: the entry never holds the key."""
    call("POST", "/v1/access-token", headers={"authorization": header})
    (entry,) = sandbox.journal()
    kept = json.dumps(entry.to_json(), ensure_ascii=False)
    assert [] == [word for word in (SECRET, b64(f"{ID}:{SECRET}"), SECRET[:16]) if word in kept]


# Pieces of which the quick looks are held against the thorough ones: digits of two scripts, what may
# stand between and beside them, logins, live keys, names of pairs.
PIECES = (
    *("1", "12", "1234", "123456", "3", "62", "4111", "５", "a", "Z", "가", " ", "-", "+", "%20"),
    *(
        "\0",
        "\n",
        "basic",
        "BEARER",
        "baſic",
        "R1_",
        "r2_",
        "abcd",
        "=",
        ":",
        '"',
        "'",
        "card",
        "Token",
    ),
    *(
        "ſecret",
        "apı-key",
        "api_key",
        "buyerTel",
        "*",
        "@",
        "x" * 9,
        "1234-5678-9012-3456",
        "30569309025904",
    ),
)


def test_a_word_alone_is_no_secret() -> None:
    """The token call's path next to a header with `=` needs no full check."""
    assert not is_suspect_text("/v1/access-token\0application/json;charset=utf-8")


@settings(derandomize=True)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_a_quick_look_misses_nothing(text: str) -> None:
    """A text is harmless only when masking it would change nothing, alone and beside others."""
    thorough = _SECRET_PAIR.sub(rf"\1{HIDDEN}", _thorough(text))
    assert text == thorough or is_suspect_text(text)
    assert text == _thorough(text) or not is_harmless({"a": "x" * 20, "b": [text], "c": text})
    assert [{text: 1}] == mask_value([{text: 1}]) or not is_harmless([{text: 1}])


def _thorough(text: str) -> str:
    """The text masked by the patterns alone."""
    text = _CARD_NUMBER.sub(_first_and_last, text)
    text = _LIVE_KEY.sub(r"\1…", text)
    return _LOGIN.sub(rf"\1 {HIDDEN}", text) if re.search("basic|bearer", text.lower()) else text


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**19), 10**19)
    | st.floats()
    | st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "a",
                    "cardNo",
                    "cardNum",
                    "password",
                    "x-y",
                    "token",
                    "1234123412341234",
                    "R1_abcdef",
                    "buyerTel",
                    "receiptNo",
                )
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(derandomize=True)
@given(VALUES)
def test_what_is_harmless_is_not_changed_by_masking(value: object) -> None:
    """`mask_value` returns a harmless value unchanged."""
    assert repr(mask_value(value)) == repr(mask_finished(value))
    if is_harmless(value):
        assert value == mask_value(value)


def test_what_comes_with_a_secret_is_never_harmless() -> None:
    """When a request contains a key, all its parts are searched."""
    assert (True, False) == (is_harmless({"a": 1}), is_harmless({"a": 1}, (SECRET,)))


def test_names_that_may_be_secrets_are_not_remembered() -> None:
    """Only names of letters are cached; a key or a card number used as a name is not."""
    mask_value({SECRET: 1, "1234123412341234": 2, "ordinary": 3})
    is_harmless({SECRET: 1, "1234123412341234": 2})
    kept = repr(gc.get_referents(_ordinary_names_secret)) + repr(
        gc.get_referents(_secret_among_letters)
    )
    assert (True, False, False) == ("ordinary" in kept, SECRET in kept, "1234123412341234" in kept)
