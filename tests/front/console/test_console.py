"""The console without a browser: who gets in, what each page shows of hostile data, what forms do."""

import json
import re
from base64 import b64encode
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from shlex import split
from time import process_time
from typing import Any
from urllib.parse import urlencode

import pytest
from cashdesk import CashDesk, part
from counter import Counter
from subscriber import Subscriber
from till import Till

from mock_nicepay.contract.endpoint import Reply, Request, settled
from mock_nicepay.core.clock import wall
from mock_nicepay.core.scenarios.library import ready_made_files
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.console.door import PAGES
from mock_nicepay.front.console.pretty import curl, json_html, span
from mock_nicepay.front.console.search import SIZE
from mock_nicepay.front.console.session import LIFETIME, Sessions, packed, unpacked
from mock_nicepay.front.console.story import story
from mock_nicepay.front.dispatch import respond
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings

HOST = "127.0.0.1:8090"
ORIGIN = f"http://{HOST}"
XSS = "<script>alert('x')</script>\"'><img src=x onerror=y>"
KEY = "the admin key"
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


class Visitor:
    """Somebody with a browser: keeps cookies, and sends forms as pages have them."""

    def __init__(self, sandbox: Sandbox, **headers: str) -> None:
        self._sandbox = sandbox
        self._headers = {"host": HOST, **headers}
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Reply:
        """The answer to a GET below `/_mock/console`."""
        return self._send("GET", path, headers)

    def text(self, path: str, **headers: str) -> str:
        """A page's HTML."""
        reply = self.get(path, **headers)
        assert 200 == reply.status, (path, reply.body[:2000])
        return reply.body.decode()

    def post(self, path: str, page: str = "/calls", **fields: str) -> Reply:
        """Send a form from `page`, with the token that page carries."""
        token = TOKEN.search(self.get(page).body.decode())
        assert token, page
        return self.send(path, {"form_token": token[1], **fields}, origin=ORIGIN)

    def send(self, path: str, fields: dict[str, str], **headers: str) -> Reply:
        """Send a form as it is."""
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


class Markup(HTMLParser):
    """Finds in a page what would run, or what somebody's text would have brought in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def suspects(cls, text: str) -> list[str]:
        """Tags and attributes that none of our templates has."""
        reader = cls()
        reader.feed(text)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Scripts are files of ours, nothing has a handler or a style of its own."""
        given = dict(attrs)
        ours = str(given.get("src")).startswith("/_mock/console/static/")
        wild = [name for name in given if name.startswith("on") or name == "style"]
        if tag in {"img", "iframe", "object", "style"} or (tag == "script" and not ours) or wild:
            self.found.append(f"{tag} {given}")


def said(reply: Reply) -> tuple[str, str]:
    """What the next page will say."""
    cookies = [value for name, value in reply.headers if name == "Set-Cookie"]
    value = next(each for each in cookies if each.startswith("mock_nicepay_said="))
    found = unpacked(value.partition("=")[2].partition(";")[0])
    assert found
    return found


@pytest.fixture
def till() -> Till:
    """A merchant of its own."""
    return Till(journal_size=20_000)


@pytest.fixture
def visitor(till: Till) -> Visitor:
    """Somebody who looks at its sandbox."""
    return Visitor(till.sandbox)


@pytest.fixture
def locked() -> Visitor:
    """Somebody at the door of a sandbox with an admin key."""
    options = {"log": "quiet", "admin_key": KEY}
    return Visitor(Sandbox(Settings.read(options, environment={})))


def hostile(till: Till) -> str:
    """A life's worth of records whose every text wants to be a script; the payment's tid."""
    put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/?<b>")
    ready = till.pay(method="vbank", order_id=XSS[:64], goods_name=XSS[:40])
    till.ask("GET", f"/v1/{XSS}", query=f"a={XSS}")
    headers = {"x-<b>": XSS, "user-agent": XSS}
    till.sandbox.handle(Request("POST", "/v1/access-token", XSS, headers, XSS.encode()))
    till.sandbox.ledger.cancel(till.pay(order_id="A").tid, 4, XSS)
    scenario = {"version": 1, "name": "<b>bold", "description": XSS, "rules": []}
    till.sandbox.choose_scenario(scenario, till.merchant.client_id)
    till.sandbox.add_merchant(name=XSS)
    till.sandbox.settle()
    return ready.tid


LOOKED_AT = [
    "/calls",
    "/calls/{call}",
    "/order",
    "/payments",
    "/payments/{tid}",
    "/checkout",
    "/billing-keys",
    "/receipts",
    "/webhooks",
    "/keys",
    "/scenario",
    "/clock",
    "/codes",
    "/api",
    "/api/{name}",
    "/reset",
]


class TestPages:
    """What they show."""

    def test_every_page_is_looked_at_here(self) -> None:
        """A new one needs a line above."""
        elsewhere = {"", "/login"}
        shown = {row.path.replace("{id}", "{call}") for row in PAGES if row.method == "GET"}

        assert set(LOOKED_AT) == shown - elsewhere

    @pytest.mark.parametrize("language", ["ko-KR,ko;q=0.9,en;q=0.8", "en-US,en;q=0.9"])
    @pytest.mark.parametrize("page", LOOKED_AT)
    def test_hostile_texts_stay_texts(
        self, till: Till, visitor: Visitor, page: str, language: str
    ) -> None:
        """In each language, of one merchant, of all and of unknown callers: nothing becomes markup."""
        tid = hostile(till)
        calls = till.sandbox.journal()
        for merchant in ("", till.merchant.client_id, "unknown"):
            for call in calls if "{call}" in page else calls[:1]:
                path = page.replace("{tid}", tid).replace("{call}", str(call.id))
                path = path.replace("{name}", "payments.get")
                about = {"merchant": merchant, "q": XSS[:8], "id": XSS[:64]}
                text = visitor.text(f"{path}?{urlencode(about)}", accept_language=language)
                text += visitor.text(f"{path}?{urlencode({'merchant': merchant})}")

                assert [] == Markup.suspects(text)

    @pytest.mark.parametrize("page", LOOKED_AT)
    def test_empty_pages_teach(self, visitor: Visitor, page: str) -> None:
        """Before the first call there is no error, but a word of what will come."""
        if "{" in page:
            assert 404 == visitor.get(page.replace("{call}", "1")).status
        else:
            assert len(visitor.text(page)) > 2000

    @pytest.mark.parametrize("page", ["/calls", "/login", "/nothing", "/static/console.css"])
    def test_the_headers_keep_others_out(self, visitor: Visitor, page: str) -> None:
        """No script from elsewhere or in the page, no frame around it, no CORS."""
        reply = visitor.get(page)
        policy = str(reply.header("content-security-policy"))

        assert "default-src 'none'; script-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert ("DENY", "nosniff") == (
            reply.header("x-frame-options"),
            reply.header("x-content-type-options"),
        )
        assert reply.header("access-control-allow-origin") is None

    @pytest.mark.parametrize(
        "name",
        ["../console.py", "..%2f..%2fcontrol.py", "x.js", "htmx.min.js/..", "/etc/passwd", ""],
    )
    def test_no_other_file_is_served(self, visitor: Visitor, name: str) -> None:
        """A path never reaches the disk."""
        assert 404 == visitor.get(f"/static/{name}").status

    def test_files_are_kept_by_their_version(self, visitor: Visitor) -> None:
        """The address in the page says it, and the licence stands beside the library."""
        address = re.search(
            r'href="/_mock/console(/static/console\.css\?v=\w+)"', visitor.text("/calls")
        )
        assert address

        assert "immutable" in str(visitor.get(address[1]).header("cache-control"))
        assert "no-cache" == visitor.get("/static/console.css?v=old").header("cache-control")
        assert b"Zero-Clause BSD" in visitor.get("/static/htmx.licence.txt").body

    @pytest.mark.parametrize(
        ("expected", "accepted", "chosen"),
        [
            ("en", "", ""),
            ("ko", "ko-KR,ko;q=0.9,en-US;q=0.8", ""),
            ("en", "en-US,en;q=0.9,ko;q=0.8", ""),
            ("en", "fr", ""),
            ("ko", "en", "ko"),
            ("en", "ko", "en"),
        ],
    )
    def test_the_language(
        self, visitor: Visitor, expected: str, accepted: str, chosen: str
    ) -> None:
        """The chosen one is remembered, else the browser's."""
        if chosen:
            visitor.post("/preferences", language=chosen)

        assert f'<html lang="{expected}"' in visitor.text("/calls", accept_language=accepted)

    def test_the_theme_is_remembered(self, visitor: Visitor) -> None:
        """A word that is none is not."""
        visitor.post("/preferences", theme="dark")
        visitor.post("/preferences", theme='"><b>', language="tlh")

        assert '<html lang="en" data-theme="dark">' in visitor.text("/calls")

    def test_an_unknown_merchant(self, visitor: Visitor) -> None:
        """A page that says so, with the nearest."""
        reply = visitor.get("/keys?merchant=S2_nobody")

        assert 404 == reply.status
        assert b"there is no merchant with the client id" in reply.body

    def test_a_page_that_is_not_there(self, visitor: Visitor) -> None:
        """And a method that is none of a page's."""
        assert 404 == visitor.get("/nothing").status
        assert 405 == visitor.send("/calls", {}, origin=ORIGIN).status
        assert 405 == visitor.get("/logout").status


class TestCalls:
    """The list and its search."""

    @pytest.mark.parametrize(
        ("expected", "query"),
        [
            (3, ""),
            (2, "code=U107"),
            (1, "q=없는"),
            (1, "call=token.issue"),
            (2, "call=payments.find"),
            (1, "order=order-7"),
            (2, "order=order"),
            (0, "q=nothing like that"),
            (2, "only=problems"),
            (0, "only=ruled"),
            (1, "q=ACCESS-TOKEN"),
        ],
    )
    def test_the_search(self, till: Till, visitor: Visitor, expected: int, query: str) -> None:
        """By order, code, endpoint and whatever stands in a call, in any case of letters."""
        till.get("find/order-7")
        till.get("find/order-없는")
        till.ask("POST", "/v1/access-token", {})
        mentioned = len(
            re.findall(r'id="call-\d+"', visitor.text(f"/calls?{urlencode(_pairs(query))}"))
        )

        assert expected == mentioned

    def test_page_after_page(self, till: Till, visitor: Visitor) -> None:
        """Each call stands on one of them, newest first."""
        for number in range(SIZE + 5):
            till.get(f"find/{number}")
        first = visitor.text("/calls")
        older = re.search(r'rel="next" href="/_mock/console([^"]+)"', first)
        assert older
        second = visitor.text(unescape(older[1]))

        listed = [re.findall(r'id="call-(\d+)"', each) for each in (first, second)]
        assert [str(number) for number in range(SIZE + 5, 0, -1)] == listed[0] + listed[1]
        assert "hx-trigger" not in second.partition('id="calls"')[2].partition(">")[0]

    def test_the_live_list_is_silent_while_nothing_is_new(
        self, till: Till, visitor: Visitor
    ) -> None:
        """204 then, and the part alone when there is something."""
        till.get("find/1")
        part = re.search(r'hx-get="/_mock/console(/calls\?seen=\d+)"', visitor.text("/calls"))
        assert part
        asks = unescape(part[1])

        assert 204 == visitor.get(asks, hx_request="true").status
        till.get("find/2")
        reply = visitor.get(asks, hx_request="true")
        assert (200, False) == (reply.status, b"<html" in reply.body)

    @pytest.mark.parametrize("page", ["/payments", "/webhooks", "/order?id=A"])
    def test_other_live_parts(self, till: Till, visitor: Visitor, page: str) -> None:
        """They too answer 204 until what they show has changed."""
        put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/")
        paid = till.pay(order_id="A")
        till.sandbox.settle()
        part = re.search(r'hx-get="/_mock/console([^"]*seen=\w+)"', visitor.text(page))
        assert part
        asks = unescape(part[1])

        assert 204 == visitor.get(asks, hx_request="true").status
        till.sandbox.ledger.cancel(paid.tid)
        till.sandbox.settle()
        assert 200 == visitor.get(asks, hx_request="true").status

    def test_one_call(self, till: Till, visitor: Visitor) -> None:
        """Why in both languages, the rule, the wire, and a curl line with the key."""
        rule = {"call": "payments.find", "reply": "hang"}
        scenario = {"version": 1, "name": "lost", "rules": [rule]}
        till.ask("POST", "/v1/access-token", {"returnCharSet": "latin-1"})
        till.sandbox.choose_scenario(scenario, till.merchant.client_id)
        till.sandbox.handle(Request("GET", "/v1/payments/find/A", headers=_login(till)))
        first, last = (unescape(visitor.text(f"/calls/{number}")) for number in (1, 2))
        cause = till.sandbox.journal()[1].cause
        assert cause

        assert cause.en in first
        assert cause.ko in first
        assert f"-u {till.merchant.client_id}:{till.merchant.secret_key}" in first
        assert "lost" in last
        assert "hang" in last
        assert "payments.find" in last

    def test_no_secret_stands_open(self, till: Till, visitor: Visitor) -> None:
        """Keys are within what must be opened first, or in an empty list's first advice."""
        till.get("find/1")
        for page in ("/calls", "/calls/1", "/keys", "/payments", "/webhooks", "/clock"):
            text = re.sub(r"<details.*?</details>", "", visitor.text(page), flags=re.DOTALL)
            assert till.merchant.secret_key not in text


class TestForms:
    """What they do, by the control plane's own functions."""

    def test_a_form_needs_its_token(self, till: Till, visitor: Visitor) -> None:
        """None, a wrong one and another sandbox's are refused, and nothing happens."""
        till.get("find/1")
        other = Visitor(Till().sandbox)
        foreign = TOKEN.search(other.text("/calls"))
        assert foreign
        for token in ("", "0" * 64, foreign[1]):
            assert 403 == visitor.send("/reset", {"form_token": token}).status

        assert 1 == len(till.sandbox.journal())

    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "http://127.0.0.1:3000"},
            {"origin": "null"},
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site", "origin": ORIGIN},
            {"host": "evil.example", "origin": "http://evil.example"},
        ],
    )
    def test_no_other_page_drives_it(
        self, till: Till, visitor: Visitor, headers: dict[str, str]
    ) -> None:
        """Not even with the right token."""
        till.get("find/1")
        token = TOKEN.search(visitor.text("/calls"))
        assert token

        assert 403 == visitor.send("/reset", {"form_token": token[1]}, **headers).status
        assert 1 == len(till.sandbox.journal())

    @pytest.mark.parametrize(
        "back",
        ["https://evil.example/", "//evil.example", "/_mock/consolex", "/_mock/console/a\nb"],
    )
    def test_it_leads_nowhere_else(self, visitor: Visitor, back: str) -> None:
        """`back` names a page of ours, or counts for nothing."""
        reply = visitor.post("/preferences", theme="dark", back=back)

        assert (303, "/_mock/console/calls") == (reply.status, reply.header("location"))

    def test_a_deposit(self, till: Till, visitor: Visitor) -> None:
        """The wrong amount is told with the bank's code, the right one pays."""
        ready = till.pay(method="vbank")
        at = f"/payments/{ready.tid}"
        wrong = visitor.post(f"{at}/deposit", at, amount="1,000")

        assert ("error", True) == (said(wrong)[0], "4122" in said(wrong)[1])
        assert "done" == said(visitor.post(f"{at}/deposit", at))[0]
        assert "paid" == till.stored(ready).status

    def test_a_part_is_cancelled(self, till: Till, visitor: Visitor) -> None:
        """And the rest; what is not a number is told."""
        paid = till.pay()
        at = f"/payments/{paid.tid}"
        wrong = visitor.post(f"{at}/cancel", at, amount="vier")
        visitor.post(f"{at}/cancel", at, amount="4", reason="변심")

        assert ("error", "amount is 'vier'; expected a whole number") == said(wrong)
        assert (1000, "변심") == (till.stored(paid).balance, till.stored(paid).cancels[0].reason)
        visitor.post(f"{at}/cancel", at)
        assert "cancelled" == till.stored(paid).status

    def test_an_account_expires_and_goods_are_shipped(self, till: Till, visitor: Visitor) -> None:
        """By their buttons."""
        ready, paid = till.pay(method="vbank"), till.pay(use_escrow=True)
        visitor.post(f"/payments/{ready.tid}/expire", "/payments")
        visitor.post(f"/payments/{paid.tid}/escrow", "/payments", stage="shipped")
        account = till.stored(ready).account

        assert account
        assert account.expires < till.sandbox.tenants(till.merchant.client_id)[0].clock.now()
        assert "shipped" == till.stored(paid).escrow_stage

    def test_webhooks(self, till: Till, visitor: Visitor) -> None:
        """Registered, tried, sent again and removed."""
        about = f"?merchant={till.merchant.client_id}"
        visitor.post(f"/webhooks{about}", method="card", url="http://127.0.0.1:9/hook")
        paid = till.pay()
        till.sandbox.settle()
        (delivery,) = till.sandbox.webhooks.deliveries(till.merchant.client_id)

        assert "error" == said(visitor.post(f"/webhooks/test{about}", method="card"))[0]
        assert "error" == said(visitor.post(f"/webhooks/{delivery.id}/resend{about}"))[0]
        assert paid.tid == delivery.tid
        visitor.post(f"/webhooks/remove{about}", method="all")
        assert "No address is registered" in visitor.text(f"/webhooks{about}")

    def test_the_clock(self, till: Till, visitor: Visitor) -> None:
        """Moved, set, set wrongly."""
        clock = till.sandbox.tenants(till.merchant.client_id)[0].clock
        before = clock.now()
        visitor.post("/clock/advance", by="31m")

        assert timedelta(minutes=31) == clock.now() - before
        assert "error" == said(visitor.post("/clock", clock="yesterday"))[0]
        assert "error" == said(visitor.post("/clock/advance", by=""))[0]
        visitor.post(f"/clock?merchant={till.merchant.client_id}", clock="2030-01-01T00:00:00+0900")
        assert 2030 == clock.now().year

    def test_keys(self, till: Till, visitor: Visitor) -> None:
        """A new pair, with its allow list; the list changed, and changed wrongly."""
        reply = visitor.post("/keys", name="한글", window="client", allow="10.0.0.0/8, 127.0.0.1")
        made = till.sandbox.merchants()[-1]
        about = f"?merchant={made.client_id}"

        assert f"/_mock/console/keys{about}" == reply.header("location")
        assert ("한글", "client", 2) == (made.name, made.window, len(made.allow))
        wrong = visitor.post(f"/keys/allow{about}", f"/keys{about}", allow="everybody")
        assert ("error", True) == (said(wrong)[0], "write CIDR rules" in said(wrong)[1])
        visitor.post(f"/keys/allow{about}", f"/keys{about}", allow="")
        assert () == till.sandbox.merchant(made.client_id).allow

    def test_further_keys(self, till: Till, visitor: Visitor) -> None:
        """Added, issued anew and deleted; five at the most, and never none."""
        own = till.merchant.client_id
        about = f"?merchant={own}"
        for window in ("client", "server", "server", "server"):
            visitor.post(f"/keys/pairs{about}", f"/keys{about}", window=window)
        client = till.sandbox.keys.living(own)[1]
        path = f"/keys/pairs/{client.calling_id}"

        assert "client" == client.window
        assert "Add a key" not in visitor.text(f"/keys{about}", accept_language="en-US")
        shown = visitor.text(f"/keys{about}")
        assert client.secret_key in shown
        assert client.secret_key not in re.sub(r"<details.*?</details>", "", shown, flags=re.DOTALL)
        visitor.post(f"{path}/reissue{about}", f"/keys{about}")
        assert client.secret_key != till.sandbox.keys.one(client.calling_id).secret_key
        told = said(visitor.post(f"{path}/delete{about}", f"/keys{about}"))
        assert client.calling_id in told[1]
        assert "Add a key" in visitor.text(f"/keys{about}", accept_language="en-US")

    @pytest.mark.parametrize(
        ("kind", "text", "address"),
        [
            ("done", "10.1.2.3 is let in (10.0.0.0/8)", "10.1.2.3"),
            ("error", "11.1.2.3: U315 허용되지 않은 IP 입니다.", "11.1.2.3"),
            ("error", "address is 'here'", "here"),
        ],
    )
    def test_the_allow_list_is_tried(
        self, till: Till, visitor: Visitor, kind: str, text: str, address: str
    ) -> None:
        """Whether a call from an address would be let in."""
        till.sandbox.set_allow(till.merchant.client_id, ["10.0.0.0/8"])
        about = f"?merchant={till.merchant.client_id}"
        told = said(visitor.post(f"/keys/allow/test{about}", f"/keys{about}", address=address))

        assert (kind, True) == (told[0], told[1].startswith(text))

    def test_reset(self, till: Till, visitor: Visitor) -> None:
        """Asked first, then done."""
        till.pay()

        assert "payments (1)" in visitor.text("/reset")
        visitor.post("/reset", "/reset")
        assert [] == till.sandbox.ledger.payments()

    def test_what_was_done_is_said_once(self, visitor: Visitor) -> None:
        """At the top of the next page, not in a part of one, and not again."""
        visitor.post("/clock/advance", by="1h")

        assert 'role="status"' not in visitor.text("/codes", hx_request="true")
        assert "+1h: it is" in visitor.text("/clock")
        assert "+1h: it is" not in visitor.text("/clock")

    def test_checkout(self) -> None:
        """A session of whatever id is listed with its page, and ended by its button, once."""
        counter = Counter()
        visitor, odd = Visitor(counter.sandbox), "주문/1?a=b&c#%41"
        counter.create(sessionId=odd, orderId="odd-1")
        about = f"?merchant={counter.merchant.client_id}"
        page = unescape(visitor.text(f"/checkout{about}"))
        assert counter.session(odd).url in page
        assert "can be paid" in page

        reply = visitor.post(f"/checkout/expire{about}", session=odd)
        assert ("done", "odd-1: the session has expired") == said(reply)
        again = said(visitor.post(f"/checkout/expire{about}", session=odd))
        assert ("error", "U325") == (again[0], again[1][:4])
        assert "can be paid" not in visitor.text(f"/checkout{about}")

    def test_receipts(self) -> None:
        """The tax office answers a receipt and a cancel of it by their buttons, once."""
        desk = CashDesk()
        visitor = Visitor(desk.sandbox)
        tid = desk.issue(orderId="cash-A", goodsName="<i>책</i>")["tid"]
        cancel = desk.take_back(tid, **part(25, 0, 0, 0))["tid"]
        page = visitor.text("/receipts")
        assert all(text in page for text in ("cash-A", "asked for", "&lt;i&gt;책", tid, cancel))

        reply = visitor.post(f"/receipts/{tid}/confirm")
        assert ("done", "cash-A: the tax office agreed") == said(reply)
        reply = visitor.post(f"/receipts/{cancel}/reject")
        assert ("done", "cash-A: the tax office said no") == said(reply)
        assert "error" == said(visitor.post(f"/receipts/{tid}/reject"))[0]
        page = visitor.text("/receipts")
        assert all(text in page for text in ("issued", "cancel turned down"))
        assert "/confirm" not in page

    def test_billing_keys(self) -> None:
        """A key is listed with its charges, suspended, let go on and deleted by its buttons, once."""
        shop = Subscriber()
        visitor = Visitor(shop.sandbox)
        assert "No billing key yet" in visitor.text("/billing-keys")
        bid = shop.regist(orderId="<b>card")["bid"]
        shop.charge(orderId="month-1")
        page = visitor.text("/billing-keys")
        assert all(text in page for text in (bid, "&lt;b&gt;card", "940612******", "month-1"))

        for what, done in (
            ("suspend", "suspended"),
            ("resume", "can be charged again"),
            ("expire", "deleted"),
        ):
            reply = visitor.post(f"/billing-keys/{bid}/{what}")
            assert ("done", f"{bid}: {done}") == said(reply)
            assert done.split()[-1] in visitor.text("/billing-keys") or what == "resume"
        assert "error" == said(visitor.post(f"/billing-keys/{bid}/expire"))[0]

    @pytest.mark.parametrize("page", ["/payments", "/checkout"])
    def test_beyond_the_last_page_is_the_first(self, page: str) -> None:
        """An old address of a list that has become shorter shows what there is."""
        counter = Counter()
        counter.create(orderId="odd-1")
        counter.visit()

        assert "odd-1" in Visitor(counter.sandbox).text(f"{page}?from=500")

    def test_many_addresses_are_not_all_listed(self, till: Till, visitor: Visitor) -> None:
        """The page says how many there are."""
        for number in range(40):
            owner = till.sandbox.add_merchant(name=f"shop {number}").client_id
            put_addresses(till.sandbox.store, owner, "all", "http://127.0.0.1:9/")

        assert "100 of 160;" in visitor.text("/webhooks")


class TestScenario:
    """The picker and the editor."""

    def test_mistakes_have_their_place(self, visitor: Visitor) -> None:
        """The reader's own words, with line, column and the nearest word; nothing plays."""
        text = "version: 1\r\nname: x\r\nrules:\r\n  - {call: payments.aprove, reply: hang}\r\n"
        part = unescape(visitor.post("/scenario/check", text=text).body.decode())
        page = visitor.post("/scenario", text=text)

        assert 'data-line="4" data-column="12"' in part
        assert "payments.approve" in part
        assert (400, True) == (page.status, "payments.aprove" in page.body.decode())

    def test_a_right_text_says_what_it_would_do(self, visitor: Visitor) -> None:
        """Before it is played."""
        text = "version: 1\nname: mine\nrules: [{call: token.issue, reply: hang}]"

        assert "rules: 1" in visitor.post("/scenario/check", text=text).body.decode()

    @pytest.mark.parametrize("text", ["", "   ", "- a\n- b", "{", "\x00", "a: &a [*a]"])
    def test_what_is_no_scenario(self, visitor: Visitor, text: str) -> None:
        """A mistake like any other."""
        assert "data-line" in visitor.post("/scenario/check", text=text).body.decode()

    def test_it_plays_and_ends(self, till: Till, visitor: Visitor) -> None:
        """For the merchant that is looked at."""
        about = f"?merchant={till.merchant.client_id}"
        tenant = till.sandbox.tenants(till.merchant.client_id)[0]
        text = "version: 1\r\nname: mine\r\nrules:\r\n  - {call: token.issue, reply: hang}\r\n"
        visitor.post(f"/scenario{about}", text=text)
        till.sandbox.handle(Request("POST", "/v1/access-token", headers=_login(till)))
        page = visitor.text(f"/scenario{about}")

        assert tenant.own
        assert "matched: 1, fired: 1" in page
        assert "name: mine" in page
        visitor.post(f"/scenario/stop{about}")
        assert tenant.own is None

    def test_a_ready_made_one_is_shown(self, visitor: Visitor) -> None:
        """Each is listed, and its text goes into the editor."""
        page = visitor.text("/scenario?name=hanging")

        assert all(f"name={name}" in page for name in ready_made_files())
        assert "name: hanging" in page


class TestLogin:
    """With an admin key."""

    def test_nothing_is_shown_before(self, locked: Visitor) -> None:
        """Every page leads to the login, a part of one as well; what is public tells nothing."""
        for row in PAGES:
            if not row.public and row.method == "GET":
                reply = locked.get(row.path.replace("{id}", "1").replace("{tid}", "1"))
                assert (303, "/_mock/console/login") == (reply.status, reply.header("location"))
        part = locked.get("/calls", hx_request="true")
        assert (401, "/_mock/console/login") == (part.status, part.header("hx-redirect"))
        assert b"S2_" not in locked.get("/nothing").body + locked.get("/login").body

    def test_nothing_is_done_before(self, locked: Visitor) -> None:
        """Whatever form is sent."""
        token = TOKEN.search(locked.get("/login").body.decode())
        assert token
        for row in PAGES:
            if not row.public and row.method == "POST":
                path = row.path.replace("{id}", "1").replace("{tid}", "1")
                reply = locked.send(path, {"form_token": token[1]}, origin=ORIGIN)
                assert "/_mock/console/login" == reply.header("location")

    def test_in_and_out(self, locked: Visitor) -> None:
        """The right key begins a session, logging out ends it."""
        assert 401 == locked.post("/login", "/login", key="guess").status
        assert {} == locked.cookies
        assert 303 == locked.post("/login", "/login", key=KEY).status
        assert ["mock_nicepay_session_8090"] == list(locked.cookies)
        assert "Log out" in locked.text("/calls")
        assert "/_mock/console/calls" == locked.get("/login").header("location")
        locked.post("/logout")
        assert 303 == locked.get("/calls").status

    def test_a_copied_cookie_ends_with_the_logout(self, locked: Visitor) -> None:
        """The session is over for all who have it, not in one browser only."""
        locked.post("/login", "/login", key=KEY)
        copied = dict(locked.cookies)
        assert 200 == locked.get("/calls").status
        locked.post("/logout")
        locked.cookies = copied

        assert "/_mock/console/login?ended=1" == locked.get("/calls").header("location")

    def test_a_session_that_has_ended_is_told_of(
        self, locked: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Twelve real hours later a page leads to words, a form does nothing, a script hears 401 in JSON."""
        locked.post("/login", "/login", key=KEY)
        token = TOKEN.search(locked.text("/calls"))
        assert token
        later = wall() + LIFETIME
        monkeypatch.setattr("mock_nicepay.front.console.session.wall", lambda: later)
        ended = "/_mock/console/login?ended=1"

        page = locked.get("/calls")
        assert (303, ended) == (page.status, page.header("location"))
        assert "Your session has ended: log in again." in locked.text("/login?ended=1")
        form = locked.send("/reset", {"form_token": token[1]}, origin=ORIGIN)
        assert (303, ended) == (form.status, form.header("location"))
        for script in ({"hx_request": "true"}, {"sec_fetch_dest": "empty"}):
            reply = locked.get("/calls", **script)
            told = {"error": f"log in again at {ended}"}
            assert (401, told) == (reply.status, json.loads(reply.body))
        assert 303 == locked.post("/login", "/login", key=KEY).status
        assert 200 == locked.get("/calls").status

    def test_a_form_belongs_to_its_session(self, locked: Visitor) -> None:
        """One from before the login is none of it."""
        token = TOKEN.search(locked.text("/login"))
        assert token
        locked.post("/login", "/login", key=KEY)

        assert 403 == locked.send("/reset", {"form_token": token[1]}, origin=ORIGIN).status

    def test_behind_tls_the_cookie_stays_there(self, locked: Visitor) -> None:
        """As the browser's own Origin says."""
        token = TOKEN.search(locked.text("/login"))
        assert token
        fields = {"form_token": token[1], "key": KEY}
        reply = locked.send("/login", fields, host="127.0.0.1", origin="https://127.0.0.1")

        assert "Secure" in str(reply.header("set-cookie"))


class TestSessions:
    """Signed and expiring."""

    def test_a_session_ends_with_its_time(self) -> None:
        """At the moment itself it is over."""
        sessions, now = Sessions("secret", KEY), wall()
        begun = sessions.begin(KEY, now)
        assert begun

        assert sessions.read(begun, now + LIFETIME - timedelta(seconds=1))
        assert sessions.read(begun, now + LIFETIME) is None

    @pytest.mark.parametrize(
        "other", [Sessions("other secret", KEY), Sessions("secret", "another key")]
    )
    def test_it_is_of_one_sandbox_and_one_key(self, other: Sessions) -> None:
        """Another's is none."""
        assert other.read(Sessions("secret", KEY).begin(KEY) or "") is None

    @pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.e30."])
    def test_what_is_no_session(self, cookie: str) -> None:
        """Also one without a signature."""
        assert Sessions("secret", KEY).read(cookie) is None

    def test_an_altered_one_is_none(self) -> None:
        """One letter is enough."""
        begun = Sessions("secret", KEY).begin(KEY) or ""
        head, claims, signature = begun.split(".")
        altered = f"{head}.{claims[:-2]}{'A' if claims[-2] != 'A' else 'B'}{claims[-1]}.{signature}"

        assert Sessions("secret", KEY).read(altered) is None

    @pytest.mark.parametrize("value", ["", "x", "W10", "bnVsbA", "WyJhIiwiYiJd", "WzEsMl0", "%%"])
    def test_what_was_not_said(self, value: str) -> None:
        """A cookie of somebody else's is not shown."""
        assert unpacked(value) is None

    def test_what_was_said(self) -> None:
        """Korean and markup come back as they were."""
        assert ("done", f"한글 {XSS}") == unpacked(packed("done", f"한글 {XSS}"))


class TestStory:
    """An order's picture."""

    def test_it_is_told_in_order(self, till: Till) -> None:
        """The payer, the approval, the money, the events, the cancel; and what is still to come."""
        put_addresses(till.sandbox.store, till.merchant.client_id, "all", "http://127.0.0.1:9/")
        params = {
            "clientId": till.merchant.client_id,
            "method": "card",
            "orderId": "A",
            "amount": 1004,
            "goodsName": "책",
            "returnUrl": "http://127.0.0.1:9/return",
        }
        visit = till.sandbox.window.pay(params, merchant=till.merchant)
        till.post(f"/v1/payments/{visit.tid}", {"amount": 1004})
        till.sandbox.settle()
        till.advance(seconds=30)
        till.post(
            f"/v1/payments/{visit.tid}/cancel",
            {"reason": "변심", "orderId": "A-cancel", "cancelAmt": 4},
        )
        till.get("find/other")
        till.sandbox.settle()
        steps = story(till.sandbox, till.sandbox.ledger.payments(), till.merchant.client_id, "A")

        assert [
            (1, 3, "window.pay"),
            (3, 3, "payer agreed"),
            (1, 2, "form to returnUrl"),
            (2, 3, "payments.approve"),
            (3, 3, "money moved"),
            (3, 2, "webhook paid"),
            (2, 3, "payments.cancel"),
            (3, 3, "cancelled"),
            (3, 2, "webhook partialCancelled"),
            (3, 2, "webhook paid"),
            (3, 2, "webhook partialCancelled"),
        ] == [(each.start, each.end, each.words[0] if each.words else each.title) for each in steps]
        assert ["later", "later"] == [each.tone for each in steps[-2:]]

    def test_money_that_moved_unheard(self, till: Till) -> None:
        """The answer is lost, and the mark stands."""
        authorised = till.authorise(order_id="A")
        rule = {"call": "payments.approve", "reply": "hang"}
        scenario = {"version": 1, "name": "lost", "rules": [rule]}
        till.sandbox.choose_scenario(scenario, till.merchant.client_id)
        request = Request(
            "POST", f"/v1/payments/{authorised.tid}", "", _login(till), b'{"amount": 1004}'
        )
        till.sandbox.handle(request)
        steps = story(till.sandbox, till.sandbox.ledger.payments(), till.merchant.client_id, "A")

        assert [False, True, False] == [each.lost for each in steps]
        assert "money moved" == (steps[-1].words or ("",))[0]

    def test_an_order_of_nobody(self, visitor: Visitor) -> None:
        """The page says so, and what would be there."""
        assert "Nothing is known about this order" in visitor.text("/order?id=nobody")

    def test_two_merchants_with_one_order(self, till: Till, visitor: Visitor) -> None:
        """Each has its own story."""
        till.pay(order_id="A")
        other = till.sandbox.add_merchant()
        till.sandbox.window.pay(
            {
                "method": "card",
                "orderId": "A",
                "amount": 1004,
                "goodsName": "책",
                "returnUrl": "http://127.0.0.1:9/",
            },
            merchant=other,
        )

        assert 2 == visitor.text("/order?id=A").count('<ol class="story">')


class TestShown:
    """Values as they are shown."""

    @pytest.mark.parametrize(
        ("expected", "value"),
        [
            ('<span class="w">null</span>', None),
            ('<span class="w">true</span>', True),
            ('<span class="n">1.5</span>', 1.5),
            ('<span class="s">&#34;&lt;b&gt;한글{}&#34;</span>', "<b>한글{}"),
            ('<span class="w">{}</span>', {}),
            (
                '{\n  <span class="k">&#34;{0}&#34;</span>: [\n    <span class="n">1</span>\n  ]\n}',
                {"{0}": [1]},
            ),
        ],
    )
    def test_json(self, expected: str, value: Any) -> None:
        """Escaped, Korean as it is."""
        assert expected == json_html(value)

    def test_json_without_bottom(self) -> None:
        """It ends."""
        value: Any = []
        for _ in range(500):
            value = [value]

        assert len(json_html(value)) < 100_000

    @pytest.mark.parametrize(
        ("expected", "seconds"),
        [("0s", 0), ("59s", 59), ("29m 41s", 1781), ("1h", 3600), ("6d 3h", 529_999)],
    )
    def test_a_span(self, expected: str, seconds: int) -> None:
        """Its two largest parts."""
        assert expected == span(seconds)

    def test_a_curl_line_is_quoted(self, till: Till) -> None:
        """Whatever a caller sent, a shell reads it as one word."""
        wild = "'; touch /tmp/x; echo '$(id)`id`"
        headers = {"x-note": wild, "content-type": "application/json", **_login(till)}
        path = f"/v1/payments/{wild}"
        till.sandbox.handle(Request("POST", path, "a=b", headers, b'{"reason": "it\'s"}'))
        line = curl(till.sandbox.journal()[0], "http://mock", till.merchant)

        words = split(line.replace("\\\n", " "))
        login = f"{till.merchant.client_id}:{till.merchant.secret_key}"

        assert ["curl", "-s", "-X", "POST"] == words[:4]
        assert words[4].startswith("http://mock/v1/payments/%27;")
        assert ["-u", login, "-H", f"x-note: {wild}"] == words[5:9]
        assert ["-d", '{"reason": "it\'s"}'] == words[-2:]
        assert "uthorization" not in line

    def test_what_nobody_calls_has_no_line(self, till: Till) -> None:
        """What a timeline did."""
        till.pay(method="vbank")
        scenario = {
            "version": 1,
            "name": "x",
            "timeline": [{"at": "+1s", "do": "payment.deposit"}],
        }
        till.sandbox.choose_scenario(scenario, till.merchant.client_id)
        till.advance(seconds=2)

        assert "" == curl(till.sandbox.journal()[0], "http://mock", till.merchant)


def test_it_is_quick_with_ten_thousand_calls(till: Till, visitor: Visitor) -> None:
    """A page in far less than a second of this process, also when the search finds nothing."""
    while len(till.sandbox.tenants(till.merchant.client_id)[0].journal) < 10_000:
        till.sandbox.handle(Request("GET", "/v1/payments/find/A", headers=_login(till)))
    before = process_time()
    visitor.text("/calls")
    visitor.text("/calls?q=nothing-like-that")

    assert process_time() - before < 2


def _login(till: Till) -> dict[str, str]:
    pair = f"{till.merchant.client_id}:{till.merchant.secret_key}"
    return {"authorization": f"Basic {b64encode(pair.encode()).decode()}"}


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = (each.partition("=") for each in query.split("&") if each)
    return [(name, value) for name, _, value in pairs]
