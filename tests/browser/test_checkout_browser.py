"""Hosted checkout and its dummy page in a real Chromium: a session made by API is paid on its page."""

from typing import Any

import pytest
import requests
from playwright.sync_api import Page
from rig import Faults, OpenPage, OpenShop
from shopfront import Shopfront
from till_window import choose, pay, sent, use_tools

pytestmark = pytest.mark.slow
BOTH = pytest.mark.parametrize("phone", [False, True], ids=["pc", "phone"])


def create(shop: Shopfront, **fields: Any) -> dict[str, Any]:
    """Make a session, as the shop's server does."""
    shop.sells(sessionId="session-1", **fields)
    answer = requests.post(
        f"{shop.gateway}/v1/checkout",
        json=shop.order,
        auth=(shop.client_id, shop.secret_key),
        timeout=10,
    )
    session: dict[str, Any] = answer.json()
    assert "0000" == session["resultCode"], session
    return session


def status_of(shop: Shopfront) -> str:
    """What the session's look-up says."""
    answer = requests.get(
        f"{shop.gateway}/v1/checkout/session-1",
        auth=(shop.client_id, shop.secret_key),
        timeout=10,
    )
    return str(answer.json()["status"])


@BOTH
@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("card", {"returnCharSet": "EUC-KR", "mallReserved": "한글"}),
        ("cardAndEasyPay", {"language": "EN"}),
        ("tosspay", {"language": "CN", "skinType": "dark"}),
    ],
)
def test_a_session_is_paid_on_its_page(
    open_page: OpenPage,
    open_shop: OpenShop,
    faults: Faults,
    phone: bool,
    method: str,
    fields: dict[str, Any],
) -> None:
    """The window on an address of its own; the form has the sessionId, and the shop is paid."""
    charset = "euc-kr" if "returnCharSet" in fields else "utf-8"
    page, shop = open_page(phone=phone), open_shop(window="client", charset=charset)
    page.goto(create(shop, method=method, **fields)["url"])

    assert [] == faults(page)
    pay(page)
    arrived = sent(page, shop)
    assert arrived.paid
    assert ("session-1", "paid") == (arrived.fields["sessionId"], arrived.fields["status"])
    assert fields.get("mallReserved", "") == arrived.fields["mallReserved"]
    assert "" == arrived.cookie
    assert "paid" == status_of(shop)


def test_an_account_is_shown_before_the_shop_is(open_page: OpenPage, open_shop: OpenShop) -> None:
    """Bank, number, holder and deadline; the payer presses on; a receipt was asked for in the page."""
    page, shop = open_page(), open_shop(window="client")
    page.goto(create(shop, method="vbank", vbankHolder="홍길동")["url"])
    choose(page, "bankCode", "088")
    choose(page, "receiptType", "individual")
    page.fill("input[name=receiptNo]", "010-1234-5678")
    pay(page)
    page.wait_for_selector(".account")
    account = page.inner_text(".account")

    assert all(text in account for text in ("신한은행", "홍길동", "1,004원"))
    assert shop.arrived.empty()
    page.click("[data-go]")
    assert sent(page, shop).fields["vbankNumber"] in account


@pytest.mark.parametrize(
    ("outcome", "code", "status"), [("decline", "3011", "failed"), ("close", "P091", "closed")]
)
def test_a_session_that_is_not_paid(
    open_page: OpenPage, open_shop: OpenShop, outcome: str, code: str, status: str
) -> None:
    """A decline and a payer who leaves are told to returnUrl, and the session keeps them."""
    page, shop = open_page(), open_shop(window="client")
    page.goto(create(shop)["url"])
    if outcome == "close":
        page.click("footer [data-ask-close]")
        page.click("[data-leave]")
    else:
        use_tools(page, outcome, code=code)
        pay(page)
    arrived = sent(page, shop)

    assert (code, status) == (arrived.fields["resultCode"], arrived.fields["status"])
    assert status == status_of(shop)


def test_a_second_visit_is_told_to_the_shop(open_page: OpenPage, open_shop: OpenShop) -> None:
    """The first payment stands; whoever opens the page again is sent on with P045."""
    page, shop = open_page(), open_shop(window="client")
    url = create(shop)["url"]
    page.goto(url)
    pay(page)
    sent(page, shop)
    page.goto(url)
    page.wait_for_url("**/return")

    assert "P045" == shop.came().fields["resultCode"]
    assert "paid" == status_of(shop)


def test_a_forged_address_shows_nothing(open_page: OpenPage, open_shop: OpenShop) -> None:
    """Another token is nobody's page."""
    page, shop = open_page(), open_shop(window="client")
    url = create(shop)["url"]
    token = url.split("/")[-2]
    answer = page.goto(url.replace(token, "A" * len(token)))

    assert answer is not None
    assert 404 == answer.status
    assert "1,004" not in page.content()


@pytest.mark.parametrize(("button", "paid"), [("Next", True), ("Cancel", False)])
def test_the_dummy_page(
    open_page: OpenPage, open_shop: OpenShop, faults: Faults, button: str, paid: bool
) -> None:
    """Next pays, Cancel is a failure code; the page says what NICEPAY's says."""
    page, shop = open_page(), open_shop(window="client")
    page.goto(create(shop, fakeAuth="true")["url"])

    assert "/v1/fake/pay/session-1" in page.url
    assert [] == faults(page)
    _reads(page, "Not specified", "1004 Won", "KB PAY")
    page.click(f"text={button}")
    arrived = sent(page, shop)
    assert paid == arrived.paid
    assert paid == (arrived.fields["resultCode"] == "0000")


@pytest.mark.parametrize("fake", [False, True], ids=["window", "dummy"])
def test_several_clicks_pay_once(open_page: OpenPage, open_shop: OpenShop, fake: bool) -> None:
    """The second click is not a second visit, which would tell the shop P045."""
    page, shop = open_page(), open_shop(window="client")
    page.goto(create(shop, fakeAuth=fake)["url"])
    if not fake:
        page.check("#agree-all")
    page.evaluate(
        """() => {
          const button = document.querySelector("#pay, [name=next]");
          button.click();
          button.click();
          setTimeout(() => button.click());
        }"""
    )

    assert "0000" == sent(page, shop).fields["resultCode"]


def test_a_page_in_a_frame_goes_on_by_itself(open_page: OpenPage, open_shop: OpenShop) -> None:
    """No SDK stands around it: the form leaves from the frame."""
    page, shop = open_page(), open_shop(window="client")
    url = create(shop)["url"]
    page.goto(f"{shop.url}/framed")
    page.evaluate("url => { document.querySelector('iframe').src = url }", url)
    frame = page.frame_locator("iframe")
    frame.locator("#agree-all").check()
    frame.locator("#pay").click()

    assert shop.came().paid
    frame.locator("#result").wait_for()


def _reads(page: Page, *texts: str) -> None:
    shown = page.inner_text("main")
    assert all(text in shown for text in texts), shown
