"""Takes the pictures of the documentation: `python tests/browser/screenshots.py docs/images`."""

import sys
from pathlib import Path
from typing import Any

import console_pictures
from conftest import DESKTOP, PHONE, chromium
from playwright.sync_api import Browser, Page, sync_playwright
from rig import Gateway
from shopfront import Shopfront
from till_window import choose, open_window, pay, sent, use_tools

ORDER = {"amount": 128000, "goodsName": "제주 감귤 10kg", "orderId": "2026-0117-0042"}


def main(folder: Path) -> None:
    """Write the pictures into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with Gateway() as gateway, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        merchant = gateway.sandbox.add_merchant(name="한라상회")
        keys = merchant.client_id, merchant.secret_key
        with Shopfront(gateway.url, *keys, charset="utf-8") as shop:
            on_a_pc(browser, shop, folder)
            on_a_phone(browser, shop, folder)
        console_pictures.take(browser, folder)
        browser.close()


def on_a_pc(browser: Browser, shop: Shopfront, folder: Path) -> None:
    """The layer in front of the shop, and the receipt of what was paid."""
    page = _page(browser, DESKTOP)
    window = open_window(page, shop, **ORDER)
    choose(window, "cardCode", "06")
    page.screenshot(path=folder / "window-pc.png")
    pay(window)
    tid = sent(page, shop).fields["tid"]
    page.set_viewport_size({"width": 560, "height": 720})
    page.goto(f"{shop.gateway}/issue/IssueLoader.do?type=0&innerWin=Y&TID={tid}")
    page.screenshot(path=folder / "receipt.png")


def on_a_phone(browser: Browser, shop: Shopfront, folder: Path) -> None:
    """The window as a page, with its test tools open."""
    page = _page(browser, {**PHONE, "device_scale_factor": 1})
    order = {**ORDER, "orderId": "2026-0117-0043", "method": "cardAndEasyPay", "skinType": "green"}
    window = open_window(page, shop, phone=True, **order)
    use_tools(window, "decline", code="3011", callback="twice")
    page.screenshot(path=folder / "window-phone.png")


def _page(browser: Browser, options: dict[str, Any]) -> Page:
    return browser.new_context(**options).new_page()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
