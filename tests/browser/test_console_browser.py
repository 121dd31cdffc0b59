"""The console in a real browser: people look, search, type, click; other sites' pages may not."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from rig import Faults, Gateway, OpenPage
from till_console import Shop, listening

from mock_nicepay.core.webhooks.addresses import put_addresses

NOW = "2026-01-31T14:02:17.120+0900"
KEY = "the admin key"
WILD = "<img src=x onerror=alert(1)>"


@pytest.fixture
def console_gateway() -> Iterator[Gateway]:
    """A gateway whose clock stands still."""
    with Gateway(clock=NOW) as server:
        yield server


@pytest.fixture
def shop(console_gateway: Gateway) -> Shop:
    """A merchant on it."""
    return Shop(console_gateway.sandbox)


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console says."""
    return []


@pytest.fixture
def allowing_errors(complaints: list[str]) -> Iterator[None]:
    """For a page that is to be refused: the browser notes each answer that is not a success."""
    yield
    complaints.clear()


@pytest.fixture
def page(open_page: OpenPage, console_gateway: Gateway, complaints: list[str]) -> Iterator[Page]:
    """A page in English; at its end its console has said nothing."""
    opened = open_page(locale="en-US", base_url=console_gateway.url)
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    yield opened

    assert [] == complaints


def go(page: Page, path: str) -> None:
    """Open a page of the console."""
    page.goto(f"/_mock/console{path}")


def test_a_call_appears_by_itself(page: Page, shop: Shop) -> None:
    """The empty list teaches how to make one; then it is there, and leads to all that is known."""
    go(page, f"/calls{shop.about}")
    expect(page.get_by_role("heading", name="No call yet")).to_be_visible()
    shop.call("GET", "/v1/payments/find/A-1")
    page.get_by_role("link", name="payments.find").click()

    expect(page.get_by_role("heading", name="payments.find")).to_be_visible()
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    page.get_by_text("As curl, with the key").click()
    expect(page.locator("#curl")).to_contain_text(shop.merchant.secret_key)


def test_a_pause_is_a_pause(page: Page, shop: Shop) -> None:
    """The switch ends the liveness, and a second click brings what has happened meanwhile."""
    shop.call("GET", "/v1/payments/find/A-1")
    page.clock.install()
    go(page, f"/calls{shop.about}")
    switch = page.get_by_role("button", name="Live")
    switch.click()
    shop.call("GET", "/v1/payments/find/A-2")

    expect(switch).to_have_attribute("aria-pressed", "false")
    page.clock.run_for(10_000)
    expect(page.locator("#calls tbody tr")).to_have_count(1)
    switch.click()
    page.clock.run_for(2_500)
    expect(page.locator("#calls tbody tr")).to_have_count(2)


def test_the_search(page: Page, shop: Shop) -> None:
    """By what is typed, as it is typed; the address remembers it, and Back goes back."""
    for order in ("A-1", "B-2"):
        shop.order(order)
    go(page, f"/calls{shop.about}")
    rows = page.locator("#calls tbody tr")
    expect(rows).to_have_count(4)
    page.keyboard.press("/")
    page.keyboard.type("B-2")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile("q=B-2"))
    page.get_by_label("Endpoint").select_option("payments.approve")
    expect(rows).to_have_count(1)
    page.get_by_label("Code").fill("3011")
    expect(page.get_by_role("heading", name="No call matches")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Code")).to_have_value("3011")
    page.get_by_role("link", name="Show all").click()
    expect(rows).to_have_count(4)


def test_hostile_texts_do_nothing(page: Page, shop: Shop) -> None:
    """No dialog, no image: they are shown as they are."""
    paid = shop.order(WILD, goods=WILD)
    shop.call("GET", f"/v1/{WILD}")
    for path in ("/calls", "/payments", f"/payments/{paid.tid}", "/calls/1", "/calls/3"):
        go(page, path + shop.about)
        expect(page.get_by_text(WILD).first).to_be_visible()


def test_an_order_as_a_picture(page: Page, shop: Shop) -> None:
    """From the list to the picture, and from an arrow to its call."""
    shop.order("A-1")
    go(page, f"/payments{shop.about}")
    page.get_by_role("link", name="A-1").click()
    story = page.get_by_role("list").filter(has_text="window.pay")

    expect(story).to_contain_text("money moved")
    story.get_by_role("link", name="payments.approve").click()
    expect(page.get_by_role("heading", name="Request")).to_be_visible()


def test_a_deposit(page: Page, shop: Shop) -> None:
    """A button in the list, and another amount on the payment's own page."""
    ready = shop.order("V-1", "vbank")
    go(page, f"/payments/{ready.tid}{shop.about}")
    page.get_by_label("Transfer another amount").fill("1000")
    page.locator("form.row").get_by_role("button", name="Deposit").click()
    expect(page.get_by_role("alert")).to_contain_text("4122")
    go(page, f"/payments{shop.about}")
    page.get_by_role("button", name="Deposit").click()

    expect(page.get_by_role("status")).to_contain_text("V-1: deposited")
    assert "paid" == shop.payment(ready.tid).status
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#payments")).to_contain_text("cancelled")
    assert "cancelled" == shop.payment(ready.tid).status


def test_a_webhook_is_sent_again(page: Page, shop: Shop) -> None:
    """First nobody listens, then somebody does."""
    with listening() as (url, heard):
        heard["answer"] = "NO"
        put_addresses(shop.sandbox.store, shop.merchant.client_id, "all", url)
        shop.order("A-1")
        shop.sandbox.settle()
        go(page, f"/webhooks{shop.about}")
        expect(page.locator("#deliveries")).to_contain_text("it must be OK and nothing else")
        heard["answer"] = "OK"
        page.get_by_role("button", name="Resend").click()
        expect(page.get_by_role("status")).to_contain_text("it was accepted")
        expect(page.locator("#deliveries")).to_contain_text("delivered")
        page.get_by_role("button", name="Test call").first.click()
        expect(page.get_by_role("status")).to_contain_text("it was accepted")

    assert 3 == heard["count"]


@pytest.mark.usefixtures("page", "allowing_errors")
def test_a_scenario_with_a_mistake(page: Page, shop: Shop) -> None:
    """Told as it is typed, with its place, to which a click leads; put right it plays and ends."""
    go(page, f"/scenario{shop.about}")
    editor = page.get_by_role("textbox", name="Editor")
    editor.fill("version: 1\nname: mine\nrules:\n  - {call: payments.aprove, reply: hang}\n")
    mistake = page.get_by_role("button", name="payments.aprove")
    expect(mistake).to_contain_text("4:12")
    expect(mistake).to_contain_text("payments.approve")
    mistake.click()
    expect(editor).to_be_focused()
    assert "payments.aprove, reply: hang}" == page.evaluate(
        "(t => t.value.slice(t.selectionStart, t.selectionEnd))(document.getElementById('text'))"
    )
    page.get_by_role("button", name="Play it").click()
    expect(page.get_by_text("1 mistake")).to_be_visible()
    expect(editor).to_have_value(re.compile("payments.aprove"))
    editor.fill(editor.input_value().replace("aprove", "approve"))
    expect(page.get_by_text("is ready to play (rules: 1")).to_be_visible()
    page.get_by_role("button", name="Play it").click()
    expect(page.get_by_role("status")).to_contain_text("mine is playing")
    assert shop.sandbox.tenants(shop.merchant.client_id)[0].own
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("every call has its true outcome")).to_be_visible()


@pytest.mark.parametrize(
    ("expected", "button"),
    [("14:33:17", "+31 min"), ("15:02:17", "+1 h"), ("2026-02-07", "+7 d")],
)
def test_the_clock(page: Page, shop: Shop, expected: str, button: str) -> None:
    """A button moves it, on the page and in the header."""
    go(page, f"/clock{shop.about}")
    page.get_by_role("button", name=button, exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("it is 2026-")
    expect(page.locator(".big")).to_contain_text(expected)
    expect(page.get_by_role("banner")).to_contain_text(expected)


def test_another_merchant_language_and_theme(page: Page, shop: Shop) -> None:
    """By the header, and remembered."""
    other = Shop(shop.sandbox)
    shop.call("GET", "/v1/payments/find/A-1")
    go(page, f"/calls{other.about}")
    expect(page.get_by_role("heading", name="No call yet")).to_be_visible()
    page.get_by_label("Merchant").select_option(shop.merchant.client_id)
    expect(page.locator("#calls tbody tr")).to_have_count(1)
    page.get_by_label("Language").select_option("ko")
    expect(page.get_by_role("heading", name="호출")).to_be_visible()
    page.get_by_label("테마").select_option("dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    go(page, "/keys")
    expect(page.get_by_role("heading", name="키", exact=True)).to_be_visible()


def test_a_secret_is_shown_on_a_click(page: Page, shop: Shop) -> None:
    """Not before."""
    go(page, f"/keys{shop.about}")
    secret = page.get_by_text(shop.merchant.secret_key)
    expect(secret).to_be_hidden()
    page.get_by_text("show", exact=True).click()

    expect(secret).to_be_visible()


def test_reset_asks_first(page: Page, shop: Shop) -> None:
    """One page to think, one button to do it; all by keyboard."""
    shop.order("A-1")
    go(page, f"/reset{shop.about}")
    expect(page.get_by_text("Forget what this merchant did?")).to_be_visible()
    page.get_by_role("button", name="Forget all of it").focus()
    page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("was reset")
    assert [] == shop.sandbox.ledger.payments(shop.merchant.client_id)


LOOKED_AT = [
    "/calls",
    "/calls/2",
    "/order{about}&id=A-1",
    "/payments",
    "/payments/{tid}",
    "/checkout",
    "/webhooks",
    "/keys",
    "/scenario",
    "/clock",
    "/codes?q=30",
    "/reset",
    "/nothing",
]


@pytest.mark.parametrize(
    "look", [{}, {"color_scheme": "dark", "locale": "ko-KR"}, {"phone": True, "locale": "ko-KR"}]
)
def test_everybody_can_use_it(
    open_page: OpenPage, console_gateway: Gateway, shop: Shop, faults: Faults, look: dict[str, Any]
) -> None:
    """No serious fault by axe on any page, in light and dark; nothing is wider than a phone."""
    put_addresses(shop.sandbox.store, shop.merchant.client_id, "all", "http://127.0.0.1:9/")
    shop.order("A-1")
    tid = shop.order("V-1", "vbank").tid
    shop.call("POST", "/v1/access-token", {})
    shop.call("GET", "/v1/payments/find/none")
    shop.sandbox.settle()
    page = open_page(base_url=console_gateway.url, **look)
    for path in LOOKED_AT:
        go(page, path.format(about=shop.about, tid=tid))

        assert [] == faults(page), path
        assert 0 == page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        ), path


def test_login(open_page: OpenPage, faults: Faults) -> None:
    """The key opens it, another does not; the cookie is nobody's but the server's."""
    with Gateway(admin_key=KEY) as server:
        page = open_page(locale="en-US", base_url=server.url)
        go(page, "/payments")
        expect(page).to_have_url(re.compile("/login$"))
        assert [] == faults(page)
        page.get_by_label("Admin key").fill("guess")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("not the admin key")
        page.get_by_label("Admin key").fill(KEY)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Calls")).to_be_visible()
        (cookie,) = page.context.cookies()
        assert (True, "Strict", "/_mock/console") == (
            cookie["httpOnly"],
            cookie["sameSite"],
            cookie["path"],
        )
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_label("Admin key")).to_be_visible()
        go(page, "/calls")
        expect(page).to_have_url(re.compile("/login$"))


HOSTILE = """<!doctype html><title>an innocent page</title>
<form id="f" method="post" action="%(url)s/_mock/reset"></form>
<form id="c" method="post" action="%(url)s/_mock/console/reset"><input name="form_token" value="x"></form>
<iframe id="frame" src="%(url)s/_mock/console/reset"></iframe>"""


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_no_other_site_drives_it(
    open_page: OpenPage, console_gateway: Gateway, shop: Shop, host: str
) -> None:
    """By form, by fetch, by frame, from another port and from another name: nothing happens."""
    shop.call("GET", "/v1/payments/find/A-1")
    url = console_gateway.url
    with listening(HOSTILE % {"url": url}) as (address, _):
        page = open_page()
        address = address.replace("127.0.0.1", host)
        for form in ("f", "c"):
            page.goto(address)
            with page.expect_navigation():
                page.evaluate(f"document.getElementById('{form}').submit()")
            expect(page.get_by_text("another origin may drive")).to_be_visible()
        page.goto(address)
        asked = page.evaluate(
            """async url => {
                const tries = [["POST", "no-cors"], ["POST", "cors"], ["DELETE", "cors"]];
                const seen = [];
                for (const [method, mode] of tries) {
                    try {
                        const answer = await fetch(url + "/_mock/reset", {method, mode});
                        seen.push(answer.type);
                    } catch (refused) { seen.push("refused"); }
                }
                try { await (await fetch(url + "/_mock/journal")).json(); seen.push("read"); }
                catch (refused) { seen.push("refused"); }
                return seen;
            }""",
            url,
        )
        framed = page.frame_locator("#frame").get_by_role("button")

        assert ["refused", "refused", "refused"] == asked[1:]
        assert 0 == framed.count()
    assert 1 == len(shop.sandbox.journal(shop.merchant.client_id))
