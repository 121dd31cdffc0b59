"""Magic values: which call they are for, what they ask for, and that nothing else changes."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mock_nicepay.contract.calls import CALL_NAMES, MAGIC_PARTS
from mock_nicepay.core.magic import WORDS, Magic
from mock_nicepay.core.records import AUTHORISED, Payment
from mock_nicepay.core.scenarios.language import Rule
from mock_nicepay.core.stores.memory import MemoryStore
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

Call = Callable[..., Any]
PAGE = (Path(__file__).parents[2] / "docs" / "magic-values.md").read_text("utf-8")


@pytest.fixture
def magic() -> Magic:
    """One that is switched on."""
    return Magic(MemoryStore())


def meaning(magic: Magic, *texts: str) -> dict[str, str]:
    """What texts ask for: a kind of reply or a code for each call, the four of `approve` as one."""
    rules = {name: magic.rule(name, *texts) for name in CALL_NAMES}
    told = {name: rule.reply.code or rule.reply.kind for name, rule in rules.items() if rule}
    return {name: word for name, word in told.items() if name not in MAGIC_PARTS["approve"][1:]}


def found(magic: Magic, call: str, *texts: str) -> Rule:
    """The rule, which must exist."""
    rule = magic.rule(call, *texts)
    assert rule is not None
    return rule


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ({"payments.approve": "3011"}, "mock:3011"),
        ({"payments.approve": "3011"}, "order-7-mock:3011"),
        ({"payments.approve": "3011"}, "mock:3011-0001"),
        ({"payments.approve": "3011"}, "커피 mock:3011 한 잔"),
        ({"payments.approve": "U112"}, "mock:u112"),
        ({"payments.approve": "hang"}, "MOCK:Hang"),
        ({"payments.approve": "hang"}, "mock:hang:7"),
        ({"payments.approve": "duplicate-keys"}, "mock:duplicate-keys-12"),
        ({"payments.approve": "http"}, "mock:html"),
        ({"payments.approve": "0000"}, "mock:0000"),
        ({"payments.approve": "3011"}, "mock:approve:3011"),
        ({"payments.cancel": "2032", "checkout.payment_cancel": "2032"}, "mock:cancel:2032"),
        ({"payments.netcancel": "2020"}, "mock:netcancel:2020"),
        (
            dict.fromkeys(("payments.get", "payments.find", "checkout.payment_get"), "reset"),
            "mock:get:reset",
        ),
        ({"receipt.issue": "7042", "receipt.cancel": "7042"}, "mock:receipt:7042"),
        ({"window.pay": "A203"}, "mock:window:A203"),
        ({"window.pay": "close"}, "mock:close"),
        ({"window.pay": "duplicate"}, "mock:window:duplicate"),
        ({"webhook.deliver": "duplicate"}, "mock:duplicate"),
        ({"webhook.deliver": "duplicate-after-ok"}, "mock:webhook:duplicate-after-ok-3"),
        ({"webhook.deliver": "wrong-signature"}, "mock:wrong-signature"),
        ({"payments.approve": "hang", "payments.netcancel": "2020"}, "mock:hang,mock:netcancel:2020"),
        ({"payments.approve": "hang"}, "mock:hang mock:3011"),
        ({}, "mock:"),
        ({}, "mock:mock"),
        ({}, "mock:hong"),
        ({}, "mock:window:reset"),
        ({}, "mock:webhook:3011"),
        ({}, "mock:cancel:late"),
        ({}, "hammock"),
        ({}, ""),
    ],
)  # fmt: skip
def test_meaning(expected: dict[str, str], text: str, magic: Magic) -> None:
    """A word is for its part, or for the first of approve, webhook and window where it can happen."""
    assert expected == meaning(magic, text)


def test_order_id_before_goods_name(magic: Magic) -> None:
    """Of two texts the first counts, call by call."""
    texts = ("mock:hang", "mock:3011,mock:cancel:2032")
    assert {
        "payments.approve": "hang",
        "payments.cancel": "2032",
        "checkout.payment_cancel": "2032",
    } == meaning(magic, *texts)
    assert magic.rule("payments.approve", None, "mock:hang") is not None


@pytest.mark.parametrize(
    ("text", "effect", "delay"),
    [
        ("mock:slow", "", timedelta(seconds=5)),
        ("mock:late", "late", timedelta(minutes=1)),
        ("mock:hang", "", timedelta()),
    ],
)
def test_rules_are_those_of_scenarios(
    text: str, effect: str, delay: timedelta, magic: Magic
) -> None:
    """The rule says what a scenario's would, and its text is the value."""
    rule = found(magic, "payments.approve", text)
    assert (text, effect, delay) == (rule.text, rule.effect, rule.delay)


@pytest.mark.parametrize("part", MAGIC_PARTS)
def test_slow_is_for_every_part(part: str, magic: Magic) -> None:
    """The true answer, five seconds later."""
    for call in MAGIC_PARTS[part]:
        assert f"mock:{part}:slow" == found(magic, call, f"mock:{part}:slow").text


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("`mock:hong` is not a magic value and has no effect: did you mean `hang`?", "mock:hong"),
        (
            (
                "`mock:cancel:30x1` is not a magic value and has no effect: write a result code, "
                "such as `mock:3011`, or a word, such as `mock:hang`"
            ),
            "a mock:cancel:30x1",
        ),
        ("`mock:webhook:hang` has no effect: `hang` cannot happen at webhook", "mock:webhook:hang"),
    ],
)
def test_doubt(expected: str, text: str, magic: Magic) -> None:
    """A value that means nothing is explained, in both languages."""
    cause = magic.doubt(None, text)
    assert cause is not None
    assert expected == cause.en
    assert "무시되었습니다" in cause.ko


def test_no_doubt_without_a_mark(magic: Magic) -> None:
    """Ordinary texts get no diagnosis."""
    assert magic.doubt("order-1", "mock", "mock:hang") is None


def test_switched_off() -> None:
    """No value has an effect, and none gets a diagnosis."""
    magic = Magic(MemoryStore(), on=False)
    assert (None, None) == (magic.rule("payments.approve", "mock:hang"), magic.doubt("mock:hong"))


def test_only_the_beginning_of_a_text_is_read(magic: Magic) -> None:
    """A long text takes no time."""
    assert {} == meaning(magic, "x" * 1_000_000 + "mock:hang")


def test_the_longest_fits_a_goods_name() -> None:
    """The longest value fits into forty bytes."""
    longest = max((f"mock:webhook:{word}" for word in WORDS), key=len)
    assert len(longest) <= 40


def test_every_word_is_on_the_page(magic: Magic) -> None:
    """The page lists each word with just the parts it is for."""
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| ([a-z, ]+) \| .* \|$", PAGE, re.MULTILINE))
    expected = {
        word: {
            part
            for part, calls in MAGIC_PARTS.items()
            if magic.rule(calls[0], f"mock:{part}:{word}") is not None
        }
        for word in WORDS
    }
    listed = {
        word: set(MAGIC_PARTS) if parts == "all" else set(parts.split(", "))
        for word, parts in rows.items()
    }
    assert expected == listed


# With a gateway around them


def authorised(sandbox: Sandbox, merchant: str, **traits: Any) -> str:
    """The tid of a payment that waits for its approval."""
    given = {
        "tid": "UT0000113m01012302281253170001",
        "client_id": merchant,
        "order_id": "order-1",
        "amount": 1004,
        "balance": 1004,
        "goods_name": "coffee",
        "pay_method": "card",
        "status": AUTHORISED,
        "authorised_at": sandbox.tenants(merchant)[0].clock.now(),
    }
    payment = Payment(**{**given, **traits})
    sandbox.store.put(payment)
    return payment.tid


@pytest.mark.parametrize(
    ("code", "status", "traits"),
    [
        ("3011", "failed", {"order_id": "mock:3011"}),
        ("3011", "failed", {"goods_name": "mock:3011"}),
        ("U303", "authorised", {"order_id": "mock:U303"}),
        ("0000", "paid", {"order_id": "mock:3o11"}),
        ("0000", "paid", {"order_id": "mock:cancel:2032"}),
    ],
)
def test_an_approval(
    code: str, status: str, traits: dict[str, str], sandbox: Sandbox, call: Call, published: Any
) -> None:
    """The payment's orderId or goodsName decides the answer to its approval, and its effect."""
    client_id = published.server.client_id
    tid = authorised(sandbox, client_id, **traits)
    answer = call("POST", f"/v1/payments/{tid}", body={"amount": 1004}, auth=published.server)
    payment = sandbox.store.get(Payment, tid)
    assert payment is not None
    assert (code, status) == (answer.json["resultCode"], payment.status)


@pytest.mark.parametrize(("expected", "amount"), [("U114", 1004), ("U127", "x")])
def test_a_wrong_call_is_told_as_for_any_payment(
    expected: str, amount: Any, sandbox: Sandbox, call: Call, published: Any
) -> None:
    """A declined tid is not sent to the issuer again, nor is a refused call."""
    tid = authorised(sandbox, published.server.client_id, order_id="mock:3011")
    path = f"/v1/payments/{tid}"
    call("POST", path, body={"amount": 1004}, auth=published.server)
    again = call("POST", path, body={"amount": amount}, auth=published.server)
    assert expected == again.json["resultCode"]


def test_the_journal_names_it(sandbox: Sandbox, call: Call, published: Any) -> None:
    """Instead of a scenario's name it has `magic value`, and the value is the rule."""
    tid = authorised(sandbox, published.server.client_id, order_id="A1-mock:hang")
    reply = call("POST", f"/v1/payments/{tid}", body={"amount": 1004}, auth=published.server)
    entry = sandbox.journal(published.server.client_id)[0].to_json()
    assert "hang" == reply.wire.fate
    assert {"scenario": "magic value", "line": 0, "text": "mock:hang"} == entry["rule"]


def test_what_means_nothing_is_diagnosed(sandbox: Sandbox, call: Call, published: Any) -> None:
    """The call is not changed, and the journal says what the value may have meant."""
    tid = authorised(sandbox, published.server.client_id, order_id="mock:hong")
    call("POST", f"/v1/payments/{tid}", body={"amount": 1004}, auth=published.server)
    entry = sandbox.journal(published.server.client_id)[0]
    assert "0000" == entry.code
    assert entry.cause is not None
    assert "did you mean `hang`?" in entry.cause.en


@pytest.mark.parametrize("order", ["mock:get:reset", "mock:get:reset-7"])
def test_the_order_id_of_a_path(order: str, sandbox: Sandbox, call: Call, published: Any) -> None:
    """A look-up by orderId needs no payment."""
    assert "reset" == call("GET", f"/v1/payments/find/{order}", auth=published.server).wire.fate


def test_the_order_id_of_a_cancel(sandbox: Sandbox, call: Call, published: Any) -> None:
    """A cancel's own orderId counts, too."""
    client_id = published.server.client_id
    tid = authorised(
        sandbox, client_id, status="paid", paid_at=sandbox.tenants(client_id)[0].clock.now()
    )
    body = {"reason": "test", "orderId": "c1-mock:cancel:hang"}
    reply = call("POST", f"/v1/payments/{tid}/cancel", body=body, auth=published.server)
    assert "hang" == reply.wire.fate


def test_a_scenario_comes_first(sandbox: Sandbox, call: Call, published: Any) -> None:
    """A rule that fires leaves the magic value unasked; once it is spent the value counts."""
    client_id = published.server.client_id
    rule = {"call": "payments.approve", "times": 1, "reply": {"code": "U303"}}
    sandbox.choose_scenario({"version": 1, "name": "s", "rules": [rule]}, client_id)
    tid = authorised(sandbox, client_id, order_id="mock:3011")
    codes = [
        call("POST", f"/v1/payments/{tid}", body={"amount": 1004}, auth=published.server).json[
            "resultCode"
        ]
        for _ in range(2)
    ]
    assert ["U303", "3011"] == codes


def test_nobody_elses_payment_is_looked_at(sandbox: Sandbox, call: Call, published: Any) -> None:
    """Another merchant's tid is unknown, whatever its orderId says."""
    tid = authorised(sandbox, published.english.client_id, order_id="mock:hang")
    reply = call("POST", f"/v1/payments/{tid}", body={"amount": 1004}, auth=published.server)
    assert "send" == reply.wire.fate


def test_a_setting_switches_it_off() -> None:
    """With `magic_values` off an orderId is only an orderId."""
    sandbox = Sandbox(Settings.read({"magic_values": "no"}, environment={}))
    assert sandbox.magic.rule("payments.approve", "mock:hang") is None
