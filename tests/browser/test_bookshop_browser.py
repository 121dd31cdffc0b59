"""The sample shop as its customer sees it, in a real Chromium."""

import pytest
from bookshop import bookshop
from rig import Gateway, OpenPage
from till_window import pay, window_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("phone", [False, True], ids=["pc", "phone"])
def test_a_customer_buys_a_book(open_page: OpenPage, gateway: Gateway, phone: bool) -> None:
    """A click on the button, the window, and the shop's page says that it is paid."""
    merchant = gateway.sandbox.add_merchant()
    with bookshop(gateway.url, merchant.client_id, merchant.secret_key) as shop:
        page = open_page(phone=phone)
        page.goto(shop.url)
        page.click("#buy")
        pay(window_of(page, phone=phone))
        page.wait_for_url(f"{shop.url}/return")

        assert "paid" == page.inner_text("body").rpartition(": ")[2]
