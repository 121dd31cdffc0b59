"""A visitor of the console without a browser: keeps cookies and sends forms as a browser does."""

import re
from base64 import b64encode
from urllib.parse import urlencode

from till import Till

from mock_nicepay.contract.endpoint import Reply, Request, settled
from mock_nicepay.front.console.session import unpacked
from mock_nicepay.front.dispatch import respond
from mock_nicepay.sandbox import Sandbox

HOST = "127.0.0.1:8090"
ORIGIN = f"http://{HOST}"
XSS = "<script>alert('x')</script>\"'><img src=x onerror=y>"
KEY = "the admin key"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


class Visitor:
    """A visitor with its own cookies."""

    def __init__(self, sandbox: Sandbox, **headers: str) -> None:
        self._sandbox = sandbox
        self._headers = {"host": HOST, **headers}
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Reply:
        """GET a path below `/_mock/console`; returns the answer."""
        return self._send("GET", path, headers)

    def text(self, path: str, **headers: str) -> str:
        """A page's HTML."""
        reply = self.get(path, **headers)
        assert 200 == reply.status, (path, reply.body[:2000])
        return reply.body.decode()

    def post(self, path: str, page: str = "/calls", **fields: str) -> Reply:
        """Send a form of `page`, with that page's CSRF token."""
        token = TOKEN.search(self.get(page).body.decode())
        assert token, page
        return self.send(path, {"form_token": token[1], **fields}, origin=ORIGIN)

    def send(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        """Send a form without adding a token."""
        return self._send("POST", path, headers, urlencode(fields).encode())

    def _send(self, method: str, path: str, headers: dict[str, str], body: bytes = b"") -> Reply:
        path, _, query = path.partition("?")
        sent = {**self._headers, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        request = Request(method, f"/_mock/console{path}", query, sent, body)
        reply = settled(respond(self._sandbox, request))
        self._keep(reply)
        return reply

    def _keep(self, reply: Reply) -> None:
        for name, value in reply.headers:
            if name == "Set-Cookie":
                pair, *traits = value.split("; ")
                assert {"HttpOnly", "SameSite=Strict", "Path=/_mock/console"} <= set(traits)
                cookie, _, text = pair.partition("=")
                self.cookies[cookie] = text
                if "Max-Age=0" in traits:
                    del self.cookies[cookie]


def said(reply: Reply) -> tuple[str, str]:
    """The message that the next page will show."""
    cookies = [value for name, value in reply.headers if name == "Set-Cookie"]
    value = next(each for each in cookies if each.startswith("mock_nicepay_said="))
    found = unpacked(value.partition("=")[2].partition(";")[0])
    assert found
    return found


def login_of(till: Till) -> dict[str, str]:
    """The Authorization header of a merchant's own server."""
    pair = f"{till.merchant.client_id}:{till.merchant.secret_key}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}
