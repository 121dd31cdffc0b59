"""What the browser's tests stand on: a gateway of their own, and the types of the fixtures."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page
from shopfront import Shopfront

from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

OpenPage = Callable[..., Page]
OpenShop = Callable[..., Shopfront]
Faults = Callable[[Any], list[str]]


class Gateway(BackgroundServer):
    """A server on 127.0.0.1 with a fresh sandbox of its own."""

    def __init__(self, **options: Any) -> None:
        given = {"self_check": True, "log": "quiet", **options}
        self.sandbox = Sandbox(Settings.read(given, environment={}))
        super().__init__(self.sandbox)
