"""The console without a browser: what each page shows of hostile data, what forms do."""

import re
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest
from cashdesk import CashDesk, part
from counter import Counter
from subscriber import Subscriber
from till import Till
from visitor import ORIGIN, TOKEN, XSS, Visitor, said

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.console.door import PAGES


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
