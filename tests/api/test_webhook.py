"""The four calls on webhook addresses: what they store, what they try first, what they refuse."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from stall import Stall, stall_at

from mock_nicepay.core.records import WebhookUrl
from mock_nicepay.front.testing.receiver import Received
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

METHODS = ["card", "bank", "vbank", "cellphone"]
NOWHERE = "http://127.0.0.1:9/"


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> Sandbox:
    """A gateway with the settings a test asks for."""
    options = {"self_check": True, "log": "quiet", **getattr(request, "param", {})}
    return Sandbox(Settings.read(options, environment={}))


@pytest.fixture
def stall(sandbox: Sandbox) -> Iterator[Stall]:
    """A stall whose receiver listens, and is registered nowhere."""
    stall = stall_at(sandbox)
    assert stall.webhooks.url
    stall.nicepay._ask("DELETE", "/webhooks")
    yield stall
    stall.nicepay.close()
    sandbox.close()


Create = Callable[..., dict[str, Any]]


@pytest.fixture
def create(stall: Stall) -> Create:
    """Register the stall's receiver: `create("card")`, or another url."""

    def send(method: str, **more: Any) -> dict[str, Any]:
        return stall.call(
            "POST", "/v1/webhook", {"method": method, "url": stall.webhooks.url, **more}
        )

    return send


def urls(answer: dict[str, Any]) -> list[str]:
    """The methods an answer lists."""
    assert ["resultCode", "resultMsg", "messageSource", "urls"] == list(answer), answer
    return [row["method"] for row in answer["urls"]]


def diagnosis(stall: Stall) -> str:
    """Why the latest call was refused."""
    return str(stall.nicepay.journal[0]["diagnosis"]["en"])


@pytest.mark.parametrize(("listed", "word"), [(METHODS, "all"), (["vbank"], "vbank")])
def test_an_address_is_registered(
    listed: list[str], word: str, stall: Stall, create: Create
) -> None:
    """The answer lists every address; one sample event has been sent before."""
    answer = create(word, managerEmail="a@b.kr")
    assert ("0000", "nicepay", listed) == (
        answer["resultCode"],
        answer["messageSource"],
        urls(answer),
    )
    row = {"method": listed[0], "url": stall.webhooks.url, "managerEmail": "a@b.kr"}
    assert row == answer["urls"][0]
    assert answer == stall.call("GET", "/v1/webhook")
    (event,) = stall.webhooks.received
    assert (listed[0], "0000") == (event.json["payMethod"], event.json["resultCode"])
    assert event.genuine


def test_addresses_add_up(stall: Stall, create: Create) -> None:
    """Each method has one of its own; without a manager's address there is null."""
    create("bank")
    assert ["card", "bank"] == urls(create("card"))
    assert [None, None] == [row["managerEmail"] for row in create("vbank")["urls"]][:2]


@pytest.mark.parametrize("word", ["card", "all"])
def test_a_method_has_one_address(word: str, stall: Stall, create: Create) -> None:
    """Another one is U333, and is not even tried."""
    create("card")
    answer = create(word)
    assert ("U333", 1) == (answer["resultCode"], len(stall.webhooks))
    assert f"card has an address already ({stall.webhooks.url})" in diagnosis(stall)


@pytest.mark.parametrize(
    ("code", "reply", "why"),
    [
        ("U337", {"status": 404}, "HTTP 404; it must be HTTP 200"),
        ("U337", {"status": 204, "body": ""}, "HTTP 204; it must be HTTP 200"),
        ("U337", {"status": 301, "headers": {"Location": "/x"}}, "redirects are not followed"),
        ("U338", {"body": "success"}, "the body is 'success'; it must be OK and nothing else"),
        ("U338", {"body": ""}, "the body is empty; it must be OK"),
        ("0000", {"body": " ok\n"}, ""),
    ],
)
def test_an_address_is_tried(
    code: str, reply: dict[str, Any], why: str, stall: Stall, create: Create
) -> None:
    """What does not answer as it must is not stored, for create and update."""
    stall.webhooks.answer(**reply)
    assert code == create("card")["resultCode"]
    assert bool(why) == (stall.sandbox.store.find(WebhookUrl, stall.nicepay.client_id) == [])
    if why:
        assert why in diagnosis(stall)
        stall.webhooks.answer("OK", times=1)
        create("card")
        answer = stall.call("POST", "/v1/webhook/card/update", {"url": stall.webhooks.url + "2"})
        assert code == answer["resultCode"]
        assert stall.webhooks.url == stall.call("GET", "/v1/webhook")["urls"][0]["url"]


@pytest.mark.parametrize(
    ("sandbox", "answer", "english", "korean"),
    [
        (
            {"webhook_answer": "html"},
            {"headers": {"Content-Type": "text/plain"}},
            "it must be text/html",
            "Content-Type은 text/html이어야 합니다",
        ),
        (
            {"webhook_answer": "contains"},
            {"body": "success"},
            "it must have OK in it",
            "본문에 OK가 있어야 합니다",
        ),
    ],
    indirect=["sandbox"],
)
@pytest.mark.usefixtures("sandbox")
def test_an_address_is_tried_as_the_edition_says(
    answer: dict[str, Any], english: str, korean: str, stall: Stall, create: Create
) -> None:
    """A sample event is accepted as an event is, and both languages say what is wanted."""
    stall.webhooks.answer(**answer)

    assert "U338" == create("card")["resultCode"]
    assert english in diagnosis(stall)
    assert korean in stall.nicepay.journal[0]["diagnosis"]["ko"]


@pytest.mark.parametrize(
    ("expected", "sandbox"),
    [
        ("U111", {"sandbox_limits": "yes"}),
        ("U109", {"sandbox_limits": "yes", "sandbox_webhooks": "no"}),
        ("U111", {"sandbox_webhooks": "no"}),
    ],
    indirect=["sandbox"],
)
def test_older_sandboxes_had_no_webhooks(expected: str, sandbox: Sandbox, stall: Stall) -> None:
    """As the older English manuals say; a switch, for --sandbox-limits alone."""
    assert expected == stall.call("GET", "/v1/webhook")["resultCode"]


def test_a_key_that_the_address_says_is_not_kept(stall: Stall, create: Create) -> None:
    """Neither in a body nor in a redirect."""
    merchant = stall.sandbox.merchant(stall.nicepay.client_id)
    for key in (merchant.secret_key, merchant.other_secret_key):
        stall.webhooks.answer("x" * 50 + key)
        assert "U338" == create("card")["resultCode"]
        stall.webhooks.answer(status=302, headers={"Location": f"/?key={key}"})
        assert "U337" == create("card")["resultCode"]
        assert key[:6] not in str(stall.nicepay.journal)


def test_nobody_answers(stall: Stall, create: Create) -> None:
    """An address that cannot be reached is U336."""
    assert "U336" == create("card", url=NOWHERE)["resultCode"]
    assert "cannot connect to 127.0.0.1:9: connection refused" in diagnosis(stall)


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("U100", {"method": ""}),
        ("U100", {"url": None}),
        ("U132", {"method": "paypal"}),
        ("U105", {"method": "x" * 21}),
        ("U105", {"url": "http://a/" + "x" * 200}),
        ("U133", {"url": "shop.example/webhook"}),
        ("U105", {"managerEmail": "x" * 256}),
    ],
)
def test_fields_are_checked_first(
    code: str, fields: dict[str, Any], stall: Stall, create: Create
) -> None:
    """A call that must fail tries nobody's address."""
    assert code == create(**{"method": "card", **fields})["resultCode"]
    assert [] == stall.webhooks.received


def test_none_is_registered(stall: Stall) -> None:
    """U111 with an empty list."""
    answer = stall.call("GET", "/v1/webhook")
    assert ("U111", []) == (answer["resultCode"], urls(answer))


@pytest.mark.parametrize("action", ["update", "delete"])
@pytest.mark.parametrize(("code", "word"), [("U111", "bank"), ("U132", "paypal"), ("0000", "all")])
def test_the_path_names_the_method(
    code: str, word: str, action: str, stall: Stall, create: Create
) -> None:
    """An unregistered one is U111, another word U132, and `all` means those there are."""
    create("card")
    answer = stall.call("POST", f"/v1/webhook/{word}/{action}", {"url": stall.webhooks.url})
    assert code == answer["resultCode"]
    if code == "0000":
        assert (["card"] if action == "update" else []) == urls(answer)


def test_an_update_takes_the_new_address(stall: Stall, create: Create) -> None:
    """The method in the body counts for nothing."""
    create("all")
    body = {"method": "card", "url": f"{stall.webhooks.url}/new", "managerEmail": "c@d.kr"}
    answer = stall.call("POST", "/v1/webhook/bank/update", body)
    changed = {row["method"]: row["url"].endswith("/new") for row in answer["urls"]}
    assert {"card": False, "bank": True, "vbank": False, "cellphone": False} == changed
    stall.buy("bank")
    assert "/webhook/new" == stall.webhooks.received[-1].path


def test_the_last_one_is_deleted(stall: Stall, create: Create) -> None:
    """The list is then empty, and that is a success."""
    create("all")
    for left in (3, 2, 1, 0):
        answer = stall.call("POST", f"/v1/webhook/{METHODS[3 - left]}/delete")
        assert ("0000", left) == (answer["resultCode"], len(urls(answer)))
    stall.buy()
    assert 1 == len(stall.webhooks)  # the sample event alone


def test_a_scenario_undoes_it(stall: Stall, create: Create) -> None:
    """With `effect: none` the address is tried, and not kept."""
    rule = {"call": "webhook.create", "effect": "none", "reply": "ok"}
    stall.nicepay.scenario({"version": 1, "name": "undone", "rules": [rule]})
    assert METHODS == urls(create("all"))
    assert "U111" == stall.call("GET", "/v1/webhook")["resultCode"]


def test_two_at_once(stall: Stall, create: Create) -> None:
    """Whoever comes second while the first is tried is told U333; the first one's stays."""
    codes: list[str] = []

    def meanwhile(_: Received) -> str:
        if not codes:
            codes.append("")
            codes.append(create("card", url=stall.webhooks.url + "/2")["resultCode"])
        return "OK"

    stall.webhooks.answer(meanwhile)
    codes.append(create("card")["resultCode"])
    assert ["", "0000", "U333"] == codes
    assert stall.webhooks.url + "/2" == stall.call("GET", "/v1/webhook")["urls"][0]["url"]
