"""The console's pictures for the documentation; `screenshots.py` takes them with the others."""

from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser
from rig import Gateway
from till_console import Shop, listening

from mock_nicepay.core.webhooks.addresses import put_addresses

NOW = "2026-01-17T14:02:17.120+0900"
LOST = {
    "version": 1,
    "name": "approval-lost",
    "rules": [{"call": "payments.approve", "times": 1, "reply": "hang"}],
}


def take(browser: Browser, folder: Path) -> None:
    """Write the pictures of the list of calls and of an order's story into `folder`."""
    with Gateway(clock=NOW) as gateway, listening() as (url, _):
        shop = Shop(gateway.sandbox, "한라상회")
        _trade(shop, url)
        page = browser.new_context(
            viewport={"width": 1180, "height": 700}, base_url=gateway.url, locale="en-US"
        ).new_page()
        page.goto(f"/_mock/console/calls{shop.about}")
        page.screenshot(path=folder / "console-calls.png")
        dark = browser.new_context(
            viewport={"width": 1180, "height": 700},
            base_url=gateway.url,
            locale="ko-KR",
            color_scheme="dark",
        ).new_page()
        dark.goto(f"/_mock/console/order{shop.about}&id=2026-0117-0042")
        dark.screenshot(path=folder / "console-order.png")


def _trade(shop: Shop, url: str) -> None:
    """An hour of business: an account, a wrong amount, and an answer that was lost."""
    put_addresses(shop.sandbox.store, shop.merchant.client_id, "all", url)
    shop.call("POST", "/v1/access-token", {})
    shop.order("2026-0117-0040", "vbank", "한라봉 3kg", 33000)
    _later(shop)
    tid = shop.order("2026-0117-0041", goods="감귤 초콜릿", amount=18000).tid
    shop.call("POST", f"/v1/payments/{tid}", {"amount": 18001})
    _later(shop)
    shop.sandbox.choose_scenario(LOST, shop.merchant.client_id)
    shop.order("2026-0117-0042", goods="제주 감귤 10kg", amount=128000)
    _later(shop)
    shop.call("GET", "/v1/payments/find/2026-0117-0042")
    _later(shop)
    shop.call("POST", "/v1/payments/netcancel", {"orderId": "2026-0117-0042"})
    shop.sandbox.settle()


def _later(shop: Shop) -> None:
    shop.sandbox.settle()
    shop.sandbox.advance(timedelta(seconds=31.25), shop.merchant.client_id)
