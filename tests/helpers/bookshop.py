"""The sample shop of examples/shop, started as its readers start it: in its own process."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

SHOP = Path(__file__).parents[2] / "examples" / "shop" / "shop.py"
PATIENCE = 30.0  # seconds until a process that should have ended fails the test
_OPENER = build_opener(ProxyHandler({}))


@dataclass(frozen=True)
class Bookshop:
    """The running shop, and what it printed about its webhook at the start."""

    url: str
    said: str

    def new_order(self) -> str:
        """The orderId of a page that a customer has opened."""
        return self._ask("/")[1].split('orderId: "')[1].split('"')[0]

    def order(self, order_id: str) -> dict[str, Any]:
        """The shop's record of an order."""
        found: dict[str, Any] = json.loads(self._ask("/orders")[1])[order_id]
        return found

    def post(self, path: str, form: dict[str, str] | bytes) -> tuple[int, str]:
        """Send the shop a form, or a raw body."""
        return self._ask(path, form if isinstance(form, bytes) else urlencode(form).encode())

    def _ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        try:
            with _OPENER.open(f"{self.url}{path}", body, PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()


@contextmanager
def bookshop(gateway: str, client_id: str, secret_key: str) -> Iterator[Bookshop]:
    """Start the shop for a merchant of a gateway; SIGTERM ends it, with status 0."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    surroundings = {
        "NICEPAY_BASE_URL": gateway,
        "NICEPAY_CLIENT_ID": client_id,
        "NICEPAY_SECRET_KEY": secret_key,
        "SHOP_PORT": str(port),
        "PYTHONUTF8": "1",
    }
    with subprocess.Popen(
        [sys.executable, str(SHOP)],
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as program:
        try:
            assert program.stdout is not None
            ready, said = program.stdout.readline(), program.stdout.readline()
            yield Bookshop(ready.split()[-1], said.strip())
            program.terminate()
            assert 0 == program.wait(PATIENCE)
        finally:
            program.kill()
