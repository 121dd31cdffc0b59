"""A real browser: one Chromium per test process, a fresh context for each test."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from os import environ
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from rig import Gateway, OpenPage, OpenShop
from shopfront import Shopfront

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MISSING = (
    "no Chromium is installed, and these tests are never skipped: run `make test`, which installs it, "
    "or `apt-get install chromium`, or name one in CHROMIUM"
)
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14; SM-S921N) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36",
}
PATIENCE = 15_000  # milliseconds for anything in the browser


def chromium() -> str:
    """The machine's Chromium or Chrome."""
    named = environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    assert found, MISSING
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright's driver."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The machine's Chromium, headless. Root may not use its sandbox."""
    running = playwright.chromium.launch(
        executable_path=chromium(),
        args=["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"],
    )
    yield running
    running.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Make a page in a context of its own: `open_page(phone=True)`. Its console is in `.complaints`."""
    contexts = []

    def make(*, phone: bool = False, **options: Any) -> Page:
        context = browser.new_context(**{**(PHONE if phone else DESKTOP), **options})
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """The gateway that a test's shop calls."""
    with Gateway() as server:
        yield server


@pytest.fixture
def open_shop(gateway: Gateway) -> Iterator[OpenShop]:
    """Open a shop with a fresh key: `open_shop(window="client", charset="euc-kr")`."""
    with ExitStack() as doors:

        def make(*, window: str = "server", charset: str = "utf-8") -> Shopfront:
            merchant = gateway.sandbox.add_merchant(window=window, name="작은 상점")
            keys = merchant.client_id, merchant.secret_key
            return doors.enter_context(Shopfront(gateway.url, *keys, charset=charset))

        yield make


@pytest.fixture(scope="session")
def faults() -> Callable[[Any], list[str]]:
    """The serious faults that axe finds in a page or frame, one line each."""
    axe = Axe()

    def look(page: Any) -> list[str]:
        found = axe.run(page).response["violations"]
        return [
            f"{fault['id']}: {fault['help']} at {node['target']}"
            for fault in found
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]

    return look
