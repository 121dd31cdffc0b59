"""What a payer does at the payment window, in a real browser."""

from typing import Any

from playwright.sync_api import Frame, Page
from shopfront import Arrived, Shopfront

LAYER = "[data-nicepay=layer]"
TRIES = 200  # each takes at least two drawn frames


def open_window(page: Page, shop: Shopfront, *, phone: bool = False, **order: Any) -> Page | Frame:
    """Press the shop's button and wait for the window: a frame on a PC, the page itself on a phone."""
    shop.sells(**order)
    page.goto(shop.url)
    page.click("#pay")
    return window_of(page, phone=phone)


def window_of(page: Page | Frame, *, phone: bool = False) -> Page | Frame:
    """The window that is open, or opening, over a page or over a frame of one."""
    if phone:
        page.wait_for_url("**/v1/js/window/*")
        page.wait_for_selector("#pay[type=submit]")
        return page
    frame = page.wait_for_selector(f"{LAYER} iframe").content_frame()
    assert frame is not None
    frame.wait_for_selector("#pay[type=submit]")
    _wait_for_the_mouse(frame)
    return frame


def _wait_for_the_mouse(frame: Frame) -> None:
    """Until the mouse reaches a frame of another site.

    Such a frame is drawn by a process of its own, and the browser learns a moment after it is drawn
    where it lies: what is clicked before lands in the page behind it.
    """
    band = frame.locator(".mock-band")
    for _ in range(TRIES):
        band.hover()
        if band.evaluate("band => band.matches(':hover')"):
            return
        frame.page.mouse.move(0, 0)  # the next try is a movement again
    raise AssertionError(f"after {TRIES} movements over {frame.url} the mouse has not reached it")


def choose(window: Page | Frame, name: str, value: str) -> None:
    """Pick one of several, as a click on its label does."""
    window.locator(f"input[name={name}][value='{value}']:enabled").check(force=True)


def use_tools(window: Page | Frame, outcome: str = "approve", **choices: str) -> None:
    """Open the test tools and choose an outcome; `code`, `delay` and `callback` besides."""
    window.click("#tools summary")
    choose(window, "outcome", outcome)
    if "code" in choices:
        window.fill("#code", choices.pop("code"))
        window.press("#code", "Escape")
    for name, value in choices.items():
        window.select_option(f"select[name={name}]", value)


def pay(window: Page | Frame) -> None:
    """Agree to the terms and press the button."""
    window.check("#agree-all")
    window.click("#pay[type=submit]")


def sent(page: Page, shop: Shopfront) -> Arrived:
    """What came to the shop, once the browser shows its answer."""
    arrived = shop.came()
    page.wait_for_selector("#result")
    return arrived


def told(page: Page, count: int = 1) -> list[dict[str, str]]:
    """What the page's fnError was called with, after so many calls."""
    page.wait_for_selector(f"#told[data-count='{count}']")
    heard: list[dict[str, str]] = page.evaluate("window.told")
    return heard
