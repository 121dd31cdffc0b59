"""A shop's page and a payer at the payment window, in a real Chromium."""

from typing import Any

import pytest
from rig import Faults, Gateway, OpenPage, OpenShop
from till_window import LAYER, choose, open_window, pay, sent, told, use_tools, window_of

from mock_nicepay.core.records import Payment
from mock_nicepay.core.webhooks.addresses import ALL, put_addresses

pytestmark = pytest.mark.slow
BOTH = pytest.mark.parametrize("phone", [False, True], ids=["pc", "phone"])
METHODS: list[tuple[str, dict[str, Any], str]] = [
    ("card", {"amount": 128000}, "card"),
    ("directCard", {"cardCode": "06", "cardQuota": "00"}, "card"),
    ("bank", {}, "bank"),
    ("vbank", {"vbankHolder": "홍길동"}, "vbank"),
    ("cellphone", {"isDigital": True}, "cellphone"),
    ("naverpayCard", {}, "naverpay"),
    ("kakaopay", {}, "kakaopay"),
    ("kakaopayMoney", {}, "kakaopay"),
    ("samsungpayCard", {}, "samsungpay"),
    ("payco", {}, "payco"),
    ("ssgpay", {}, "ssgpay"),
    ("cardAndEasyPay", {}, "card"),
]


@pytest.mark.parametrize(
    ("method", "order", "paid_by"), METHODS, ids=[method for method, _, _ in METHODS]
)
@pytest.mark.parametrize("window", ["server", "client"])
def test_a_payer_pays_by_every_method(
    open_page: OpenPage,
    open_shop: OpenShop,
    window: str,
    method: str,
    order: dict[str, Any],
    paid_by: str,
) -> None:
    """The window is gone through, the form arrives signed, and the shop has been paid."""
    page, shop = open_page(), open_shop(window=window)
    pay(open_window(page, shop, method=method, **order))
    if method == "vbank" and window == "client":
        frame = page.wait_for_selector(f"{LAYER} iframe").content_frame()
        assert frame is not None
        frame.click("[data-go]")
    arrived = sent(page, shop)

    assert arrived.paid
    assert paid_by == {**arrived.answer, **arrived.fields}["payMethod"]
    assert "결제 완료" == page.inner_text("#result")


@BOTH
@pytest.mark.parametrize("method", ["card", "bank", "vbank", "cellphone", "cardAndEasyPay"])
def test_nothing_is_wider_than_the_window(
    open_page: OpenPage, open_shop: OpenShop, phone: bool, method: str
) -> None:
    """It scrolls up and down alone."""
    needs = {"vbank": {"vbankHolder": "홍길동"}, "cellphone": {"isDigital": True}}
    window = open_window(
        open_page(phone=phone), open_shop(), phone=phone, method=method, **needs.get(method, {})
    )
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert 0 == window.evaluate(wide)


@BOTH
@pytest.mark.parametrize("language", ["KO", "EN", "CN"])
def test_the_window_speaks_three_languages(
    open_page: OpenPage, open_shop: OpenShop, phone: bool, language: str
) -> None:
    """On a PC and on a phone, in the language that the shop asked for, and always named a mock."""
    page, shop = open_page(phone=phone), open_shop()
    window = open_window(page, shop, phone=phone, language=language)
    words = {"KO": "1,004원 결제하기", "EN": "Pay 1,004 KRW", "CN": "支付 1,004 KRW"}

    assert words[language] == window.inner_text("#pay[type=submit]")
    assert "MOCK" in window.inner_text(".mock-band")
    pay(window)
    assert sent(page, shop).paid


@BOTH
@pytest.mark.parametrize("window", ["server", "client"])
def test_euc_kr_is_euc_kr(
    open_page: OpenPage, open_shop: OpenShop, phone: bool, window: str
) -> None:
    """With returnCharSet the browser's bytes are those of EUC-KR, and the shop reads Korean."""
    page, shop = open_page(phone=phone), open_shop(window=window, charset="euc-kr")
    pay(open_window(page, shop, phone=phone, returnCharSet="euc-kr", mallReserved="똠방각하"))
    arrived = sent(page, shop)

    assert "똠방각하" == arrived.fields["mallReserved"]
    assert "mallReserved=%8Cc%B9%E6%B0%A2%C7%CF" in arrived.raw
    assert arrived.paid


@BOTH
def test_the_form_comes_from_another_site(
    open_page: OpenPage, open_shop: OpenShop, gateway: Gateway, phone: bool
) -> None:
    """As in production: a SameSite=Lax cookie of the shop's stays behind, and the origin is ours."""
    page, shop = open_page(phone=phone), open_shop()
    pay(open_window(page, shop, phone=phone))
    arrived = sent(page, shop)

    assert (("", gateway.url)) == (arrived.cookie, arrived.origin)
    assert "application/x-www-form-urlencoded" == arrived.content_type
    assert "session=lax" in {f"{c['name']}={c['value']}" for c in page.context.cookies()}


def test_one_machine_is_two_sites(
    open_page: OpenPage, open_shop: OpenShop, gateway: Gateway
) -> None:
    """A shop on 127.0.0.1, too, gets the form from another site: from the loopback's other name."""
    page, shop = open_page(), open_shop()
    shop.sells(returnUrl=f"{shop.url}/return".replace("localhost", "127.0.0.1"))
    page.goto(shop.url.replace("localhost", "127.0.0.1"))
    page.click("#pay")
    pay(window_of(page))
    arrived = sent(page, shop)

    assert ("", gateway.url.replace("127.0.0.1", "localhost")) == (arrived.cookie, arrived.origin)


DECLINES: list[tuple[str, str, dict[str, str], str, str]] = [
    ("server", "decline", {}, "C002", "authResultCode"),
    ("server", "decline", {"code": "A203"}, "A203", "authResultCode"),
    ("server", "timeout", {}, "A245", "authResultCode"),
    ("client", "decline", {"code": "3011"}, "3011", "resultCode"),
    ("client", "timeout", {}, "A245", "resultCode"),
]


@pytest.mark.parametrize(("window", "outcome", "choices", "code", "field"), DECLINES)
def test_the_payer_chooses_the_outcome(
    open_page: OpenPage,
    open_shop: OpenShop,
    window: str,
    outcome: str,
    choices: dict[str, str],
    code: str,
    field: str,
) -> None:
    """A decline with any code, or none; a window left until its time is over."""
    page, shop = open_page(), open_shop(window=window)
    shown = open_window(page, shop)
    use_tools(shown, outcome, **choices)
    shown.click("#pay[type=submit]")
    arrived = sent(page, shop)

    assert code == arrived.fields[field]
    assert not arrived.paid


def test_codes_are_searched_in_both_languages(open_page: OpenPage, open_shop: OpenShop) -> None:
    """By Korean text, by English text; chosen with the keyboard alone."""
    page, shop = open_page(), open_shop()
    window = open_window(page, shop)
    use_tools(window, "decline")
    for text in ("카드번호 오류", "card number"):
        window.fill("#code", text)
        window.wait_for_selector("#codes [data-code='3011']")
    window.fill("#code", "3011")
    window.wait_for_selector("#codes [data-code='3011']")
    window.press("#code", "ArrowDown")

    assert "code-0" == window.get_attribute("#code", "aria-activedescendant")
    window.press("#code", "Enter")
    assert ("3011", "결과: 거절 3011") == (
        window.input_value("#code"),
        window.inner_text("#tools-state"),
    )
    window.fill("#code", "그런 코드는 없다")
    window.wait_for_selector("#codes .none")


def test_a_closed_window_tells_fn_error(open_page: OpenPage, open_shop: OpenShop) -> None:
    """The cross asks first; then the layer is gone, the page can be scrolled, and has its focus back."""
    page, shop = open_page(), open_shop()
    window = open_window(page, shop)
    assert "hidden" == page.evaluate("document.body.style.overflow")
    window.click("header [data-ask-close]")
    window.click("[data-stay]")
    window.click("header [data-ask-close]")
    window.click("[data-leave]")
    (error,) = told(page)

    assert ("P091", "결제 요청을 취소하였습니다.") == (error["resultCode"], error["msg"])
    assert error["errorMsg"].startswith("[P091]")
    assert (0, "", "pay") == (
        page.locator(LAYER).count(),
        page.evaluate("document.body.style.overflow"),
        page.evaluate("document.activeElement.id"),
    )
    assert shop.arrived.empty()


def test_esc_asks_the_payer(open_page: OpenPage, open_shop: OpenShop) -> None:
    """Esc in the shop's page, too, is the window's; the shop does not hear of it."""
    page, shop = open_page(), open_shop()
    window = open_window(page, shop)
    page.evaluate(
        "document.addEventListener('keydown', e => window.heard = e.key); document.body.focus()"
    )
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    window.wait_for_selector("#leaving[open]")

    assert page.evaluate("window.heard === undefined")
    window.press("#leaving", "Escape")
    window.wait_for_selector("#leaving:not([open])", state="attached")
    assert 1 == page.locator(LAYER).count()


def test_tab_stays_in_the_window(open_page: OpenPage, open_shop: OpenShop) -> None:
    """Whoever tabs past the window's end comes in again at its beginning."""
    page, shop = open_page(), open_shop()
    window = open_window(page, shop)
    window.focus("#pay[type=submit]")
    for _ in range(3):
        page.keyboard.press("Tab")

    assert "IFRAME" == page.evaluate("document.activeElement.tagName")


def test_a_keyboard_is_enough(open_page: OpenPage, open_shop: OpenShop) -> None:
    """From the shop's button to the form: Tab, arrows, Space and Enter."""
    page, shop = open_page(), open_shop()
    shop.sells()
    page.goto(shop.url)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    window = window_of(page)
    focused = "document.activeElement && (document.activeElement.id || document.activeElement.name)"
    for wanted, key in (("cardCode", "ArrowRight"), ("agree-all", "Space"), ("pay", "Enter")):
        for _ in range(20):
            if window.evaluate(focused) == wanted:
                break
            page.keyboard.press("Tab")
        assert wanted == window.evaluate(focused)
        page.keyboard.press(key)

    assert "02" == sent(page, shop).answer["card"]["cardCode"]


def test_leaving_on_a_phone_is_told_to_the_shop(open_page: OpenPage, open_shop: OpenShop) -> None:
    """There the shop's page is gone, and its fnError with it: returnUrl hears I002."""
    page, shop = open_page(phone=True), open_shop()
    window = open_window(page, shop, phone=True)
    window.click("footer [data-ask-close]")
    window.click("[data-leave]")

    assert "I002" == sent(page, shop).fields["authResultCode"]


ERRORS: list[tuple[dict[str, Any], str]] = [
    ({"clientId": None}, "P001"),
    ({"clientId": "S2_nobody"}, "P005"),
    ({"method": None}, "P007"),
    ({"method": "cash"}, "P012"),
    ({"orderId": "x" * 65}, "P009"),
    ({"amount": "many"}, "P010"),
    ({"amount": 0}, "P017"),
    ({"amount": 49999, "cardQuota": "03"}, "P037"),
    ({"method": "vbank"}, "P007"),
    ({"method": "cardAndEasyPay", "cardCode": "04"}, "P023"),
    ({"goodsName": {"a": 1}}, "P038"),
]


@BOTH
def test_wrong_parameters_are_told_to_fn_error(
    open_page: OpenPage, open_shop: OpenShop, phone: bool
) -> None:
    """Before there is a window; the page stays where it is, on a phone as well."""
    page, shop = open_page(phone=phone), open_shop()
    page.goto(shop.url)
    for number, (order, code) in enumerate(ERRORS, 1):
        shop.sells(**order)
        page.evaluate("buy", shop.order)
        error = told(page, number)[-1]

        assert {"resultCode", "resultMsg", "msg", "errorMsg"} == set(error)
        assert (code, shop.url) == (error["resultCode"], page.url.rstrip("/"))
        assert 0 == page.locator("iframe").count()


def test_what_cannot_be_sent_is_told_to_fn_error(open_page: OpenPage, open_shop: OpenShop) -> None:
    """An object within itself; no empty layer is left over the page."""
    page, shop = open_page(), open_shop()
    page.goto(shop.url)
    page.evaluate("() => { const order = {}; order.order = order; buy(order) }")

    assert "P038" == told(page)[0]["resultCode"]
    assert 0 == page.locator(LAYER).count()


def test_the_page_may_ask_again(open_page: OpenPage, open_shop: OpenShop) -> None:
    """Several calls on one page: after an error, after leaving, and two at once open one window."""
    page, shop = open_page(), open_shop()
    shop.sells()
    page.goto(shop.url)
    page.evaluate("buy({})")
    told(page)
    page.evaluate("pay(); pay();")
    window = window_of(page)

    assert 1 == page.locator(LAYER).count()
    window.click("header [data-ask-close]")
    window.click("[data-leave]")
    told(page, 2)
    page.click("#pay")
    pay(window_of(page))
    assert sent(page, shop).paid
    assert shop.arrived.empty()


def test_the_amount_cannot_be_changed_in_the_window(
    open_page: OpenPage, open_shop: OpenShop, gateway: Gateway
) -> None:
    """What a meddler adds to the window's form is nothing; one window pays once."""
    page, shop = open_page(phone=True), open_shop()
    window = open_window(page, shop, phone=True)
    address = page.url
    window.evaluate(
        "document.getElementById('window').insertAdjacentHTML('beforeend',"
        " '<input name=amount value=10><input name=orderId value=other>')"
    )
    pay(window)
    arrived = sent(page, shop)
    page.goto(address)
    page.wait_for_url("**/return")

    assert (shop.order["orderId"], "1004") == (arrived.fields["orderId"], arrived.fields["amount"])
    assert arrived.fields == shop.came().fields
    assert 1 == len(gateway.sandbox.store.find(Payment, shop.client_id))


def test_a_shop_in_a_frame(open_page: OpenPage, open_shop: OpenShop) -> None:
    """The window opens within the frame, and the result takes the whole tab."""
    page, shop = open_page(), open_shop()
    shop.sells()
    page.goto(f"{shop.url}/framed")
    frame = page.wait_for_selector("iframe").content_frame()
    assert frame is not None
    frame.click("#pay")
    pay(window_of(frame))

    assert sent(page, shop).paid
    assert page.url.endswith("/return")


def test_the_layer_keeps_to_its_parameters(open_page: OpenPage, open_shop: OpenShop) -> None:
    """660 x 825 pixels; z-index 9999 or 11000; the page scrolls when disableScroll is false."""
    page, shop = open_page(), open_shop()
    for order, layer, scrolling in (
        ({}, "9999", "hidden"),
        ({"zIdxHigher": True, "disableScroll": False}, "11000", ""),
    ):
        open_window(page, shop, **order)
        box = page.locator(f"{LAYER} iframe").bounding_box()

        assert box is not None
        assert (660, 825) == (box["width"], box["height"])
        assert layer == page.evaluate(f"document.querySelector('{LAYER}').style.zIndex")
        assert scrolling == page.evaluate("document.body.style.overflow")


def test_a_policy_that_keeps_the_window_out_is_explained(
    open_page: OpenPage, open_shop: OpenShop
) -> None:
    """Instead of a blank layer the developer reads which directive lacks which origin."""
    page, shop = open_page(), open_shop()
    shop.policy = shop.policy.replace(f"frame-src {shop.gateway}", "frame-src 'none'")
    shop.sells()
    page.goto(shop.url)
    page.click("#pay")
    (error,) = told(page)

    assert shop.gateway in error["errorMsg"]
    assert "frame-src" in error["errorMsg"]


AUTO = [
    ("approve", "0000"),
    ("decline:3011", "3011"),
    ("decline", "C002"),
    ("timeout", "A245"),
]


@BOTH
@pytest.mark.parametrize(("auto", "code"), AUTO)
def test_the_script_address_can_finish_without_a_click(
    open_page: OpenPage, open_shop: OpenShop, phone: bool, auto: str, code: str
) -> None:
    """`?auto=` on the SDK's address, for runs that nobody clicks in."""
    page, shop = open_page(phone=phone), open_shop()
    shop.sdk += f"?auto={auto}"
    shop.sells()
    page.goto(shop.url)
    page.evaluate("pay()")

    assert code == sent(page, shop).fields["authResultCode"]


def test_auto_close_and_a_mistake_in_it(open_page: OpenPage, open_shop: OpenShop) -> None:
    """`?auto=close` calls fnError; a word that does not exist says what would be right."""
    page, shop = open_page(), open_shop()
    for auto, words in (("close", "P091"), ("aprove", "did you mean approve?")):
        shop.sdk = f"{shop.gateway}/v1/js/?auto={auto}"
        shop.sells()
        page.goto(shop.url)
        page.click("#pay")

        assert words in told(page)[0]["errorMsg"]


def test_a_scenario_decides(open_page: OpenPage, open_shop: OpenShop, gateway: Gateway) -> None:
    """A rule for window.pay wins over the payer; one for window.open ends the visit by itself."""
    page, shop = open_page(), open_shop()
    rules = [
        {"call": "window.open", "after": 1, "times": 1, "reply": "timeout"},
        {"call": "window.open", "after": 1, "times": 1, "reply": {"code": "P045"}},
        {"call": "window.pay", "times": 1, "reply": {"code": "A203"}},
    ]
    scenario = {"version": 1, "name": "decides", "rules": rules}
    gateway.sandbox.choose_scenario(scenario, shop.client_id)
    pay(open_window(page, shop))
    assert "A203" == sent(page, shop).fields["authResultCode"]

    page.goto(shop.url)
    page.click("#pay")
    assert "A245" == sent(page, shop).fields["authResultCode"]
    page.goto(shop.url)
    page.click("#pay")
    assert "P045" == told(page)[0]["resultCode"]


def test_the_tools_spoil_the_callback(open_page: OpenPage, open_shop: OpenShop) -> None:
    """A forged signature, a forged amount, a decline forged as a success: the shop believes none."""
    page, shop = open_page(), open_shop(window="client")
    for number, (outcome, forged) in enumerate(
        (("approve", "signature"), ("approve", "amount"), ("decline", "success"))
    ):
        window = open_window(page, shop, orderId=f"forged-{number}")
        use_tools(window, outcome, callback=forged)
        pay(window)
        arrived = sent(page, shop)

        assert not arrived.paid
        assert "0000" == arrived.fields["resultCode"]


def test_a_double_callback(open_page: OpenPage, open_shop: OpenShop) -> None:
    """The same form comes twice; the payer sees the answer to the second."""
    page, shop = open_page(), open_shop(window="client")
    window = open_window(page, shop)
    use_tools(window, callback="twice")
    pay(window)
    first, second = shop.came(), shop.came()

    assert first.fields == second.fields
    page.wait_for_selector("#result")
    assert shop.arrived.empty()


def test_a_callback_after_the_webhook(
    open_page: OpenPage, open_shop: OpenShop, gateway: Gateway
) -> None:
    """When the form arrives the webhook has been there: the order is known as paid already."""
    page, shop = open_page(), open_shop(window="client")
    put_addresses(gateway.sandbox.store, shop.client_id, ALL, f"{shop.url}/hook")
    window = open_window(page, shop)
    use_tools(window, callback="webhook")
    pay(window)
    arrived = shop.came()

    assert [arrived.fields["tid"]] == [event["tid"] for event in shop.events]


def test_a_callback_that_never_comes(
    open_page: OpenPage, open_shop: OpenShop, gateway: Gateway
) -> None:
    """The money has moved, the shop does not know, and the page says so."""
    page, shop = open_page(), open_shop(window="client")
    window = open_window(page, shop)
    use_tools(window, callback="never")
    pay(window)
    page.wait_for_url("**/v1/js/handover/*")

    assert "전달되지 않습니다" in page.inner_text("h1")
    assert ["paid"] == [p.status for p in gateway.sandbox.store.find(Payment, shop.client_id)]
    assert shop.arrived.empty()


@pytest.mark.parametrize(
    ("phone", "skin"),
    [
        (False, None),
        (True, None),
        (True, "red"),
        (False, "green"),
        (True, "purple"),
        (False, "gray"),
        (True, "dark"),
    ],
)
def test_nobody_is_shut_out(
    open_page: OpenPage, open_shop: OpenShop, faults: Faults, phone: bool, skin: str | None
) -> None:
    """axe finds no serious fault in any skin: at first, with the tools open, and when asked to leave."""
    page, shop = open_page(phone=phone), open_shop()
    method = "cardAndEasyPay" if phone else "vbank"
    window = open_window(page, shop, phone=phone, skinType=skin, method=method, vbankHolder="홍")
    found = faults(window)
    use_tools(window, "decline")
    window.fill("#code", "30")
    window.wait_for_selector("#codes li")
    found += faults(window)
    window.press("#code", "Escape")
    window.click("footer [data-ask-close]")
    found += faults(window)

    assert [] == found


def test_nothing_comes_from_elsewhere(open_page: OpenPage, open_shop: OpenShop) -> None:
    """Every request of a whole visit goes to the shop or to the gateway, and the console is quiet."""
    page, shop = open_page(), open_shop()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    window = open_window(page, shop)
    use_tools(window, "approve")
    choose(window, "cardCode", "04")
    pay(window)
    sent(page, shop)

    assert {shop.url, shop.gateway} == {"/".join(url.split("/")[:3]) for url in asked}
    assert [] == [text for text in said if "favicon" not in text and "404" not in text]
