"""The pages a browser sees, without a browser: routes, headers, escaping, charsets, receipts."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from mock_nicepay.contract.endpoint import Reply, Request, settled
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Payment
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.front.app import create_app
from mock_nicepay.front.dispatch import respond
from mock_nicepay.front.pages import PAGES
from mock_nicepay.front.pages.choices import auto_ending, chosen
from mock_nicepay.front.pages.words import LANGUAGES, words
from mock_nicepay.front.server.server import BackgroundServer
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import SettingError, Settings

SERVER = ("S2_af4543a0be4d49a98122e01ec2059a56", "9eb85607103646da9f9c02b128f2e5ee")
CLIENT = ("S1_6eaa0db1afdc41f3becb770878d67d25", "e80d068e400649a6ada66777fa350d40")
NASTY = "<img src=x onerror=alert(1)>'&\"</script>"


def ask(sandbox: Sandbox, method: str, path: str, fields: Mapping[str, str] | None = None) -> Reply:
    """Send a page's request, a form when there are fields."""
    path, _, query = path.partition("?")
    body = urlencode(fields).encode() if fields else b""
    return settled(respond(sandbox, Request(method, path, query, {}, body)))


def order(**more: Any) -> dict[str, Any]:
    """The parameters of requestPay."""
    return {
        "clientId": SERVER[0],
        "method": "card",
        "orderId": "order-1",
        "amount": 1004,
        "goodsName": "책",
        "returnUrl": "http://localhost:3000/return",
        **more,
    }


def opened(sandbox: Sandbox, *, view: str = "layer", auto: str = "", **more: Any) -> Reply:
    """The answer to requestPay."""
    fields = {
        "params": json.dumps(order(**more), ensure_ascii=False),
        "view": view,
        "page": "http://localhost:3000/cart",
        "auto": auto,
    }
    return ask(sandbox, "POST", "/v1/js/open", fields)


def address(reply: Reply) -> str:
    """Where the SDK is to go from a relay page, or the frame by itself."""
    location = reply.header("location")
    if location:
        return f"/v1/js/{location}"
    found = re.search(r'data-go="\w+" href="[./]*(/v1/[^"]+)"', reply.body.decode())
    assert found, reply.body.decode()
    return found[1]


def finished(sandbox: Sandbox, fields: Mapping[str, str] | None = None, **more: Any) -> Reply:
    """The page that posts the form, after a visit."""
    window = address(opened(sandbox, **more))
    relay = ask(sandbox, "POST", window, fields or {"outcome": "approve"})
    return ask(sandbox, "GET", address(relay))


def form_in(reply: Reply, charset: str = "utf-8") -> dict[str, str]:
    """The fields of the page's form."""
    pairs = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', reply.body.decode(charset))
    return {name: unescape(value) for name, value in pairs}


# The script


@pytest.mark.parametrize("path", ["/v1/js/", "/v1/js"])
def test_the_script_has_both_spellings(sandbox: Sandbox, path: str) -> None:
    """The real address ends with a slash, and some pages leave it out."""
    reply = ask(sandbox, "GET", path)

    assert (200, "application/javascript;charset=utf-8") == (
        reply.status,
        reply.header("content-type"),
    )
    assert b"AUTHNICE" in reply.body


@pytest.mark.parametrize("word", [r"\blet\b", r"\bconst\b", "=>", "`", r"\bclass\b", r"\.\.\.\w"])
def test_the_script_is_for_old_browsers_as_well(sandbox: Sandbox, word: str) -> None:
    """ES5: shops are visited with whatever their customers have."""
    script = ask(sandbox, "GET", "/v1/js/").body.decode()
    code = re.sub(r"/\*.*?\*/|//[^\n]*|\"[^\"\n]*\"", "", script, flags=re.DOTALL)

    assert not re.search(word, code)


def test_other_methods_are_the_apis_to_refuse(sandbox: Sandbox) -> None:
    """A page answers GET and POST as its table says; the rest is told as everywhere."""
    reply = ask(sandbox, "DELETE", "/v1/js/")

    assert "U320" == json.loads(reply.body)["resultCode"]
    assert b"AUTHNICE" in ask(sandbox, "HEAD", "/v1/js/").body  # the server leaves the body out


def test_files_are_those_of_the_folder(sandbox: Sandbox) -> None:
    """A name leads nowhere else."""
    assert 200 == ask(sandbox, "GET", "/v1/js/static/window.css").status
    for name in ("other.css", "..%2Fpages%2Ffiles.py", "__init__.py"):
        assert 404 == ask(sandbox, "GET", f"/v1/js/static/{name}").status


def test_the_codes_to_be_declined_with(sandbox: Sandbox) -> None:
    """Every published code that is not a success, once, in both languages."""
    rows = json.loads(ask(sandbox, "GET", "/v1/js/codes").body)
    codes = [row["code"] for row in rows]

    assert len(codes) == len(set(codes)) > 450
    assert "카드사 인증 실패" in {row["ko"] for row in rows if row["code"] == "C002"}
    assert not {"0000", "3001", "4000"} & set(codes)


# Every page


def test_every_door_has_the_pages(sandbox: Sandbox) -> None:
    """The WSGI door, too."""
    client = create_app(sandbox).test_client()

    assert b"AUTHNICE" in client.get("/v1/js/").data
    assert 404 == client.get("/v1/js/window/unknown").status_code


def test_pages_keep_to_a_policy(sandbox: Sandbox) -> None:
    """Nothing inline, nothing from elsewhere, nothing kept; and any shop may frame the window."""
    window = ask(sandbox, "GET", address(opened(sandbox)))
    policy = window.header("content-security-policy") or ""

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors" not in policy
    assert "no-store" == window.header("cache-control")
    assert not re.search(rb"<script>|<script [^>]*>[^<]|<style|\sstyle=|\son\w+=", window.body)


def test_the_rows_name_their_places() -> None:
    """Each row's function takes the places that its path has."""
    assert {"GET", "POST"} == {row.method for row in PAGES}
    assert len(PAGES) == len({(row.method, row.path) for row in PAGES})


def test_what_a_shop_sends_is_only_text(sandbox: Sandbox) -> None:
    """Markup in any parameter arrives in the pages as the text it is."""
    for reply in (
        ask(
            sandbox,
            "GET",
            address(
                opened(sandbox, goodsName=NASTY[:38], orderId=NASTY, logoImgUrl="javascript:x")
            ),
        ),
        opened(sandbox, method=NASTY),
        opened(sandbox, auto=NASTY),
        finished(sandbox, orderId=NASTY, mallReserved="<b>'&</b>"),
        ask(sandbox, "GET", f"/issue/IssueLoader.do?{urlencode({'TID': NASTY})}"),
    ):
        text = reply.body.decode()
        assert "<img src=x" not in text
        assert "javascript:" not in text
    assert (
        "<b>'&</b>"
        == form_in(finished(sandbox, orderId="o-2", mallReserved="<b>'&</b>"))["mallReserved"]
    )


def test_an_unknown_window_is_told_so(sandbox: Sandbox) -> None:
    """Made up, or forgotten by a reset: 404, and what to do."""
    for method, path in (
        ("GET", "/v1/js/window/made-up"),
        ("POST", "/v1/js/window/made-up"),
        ("GET", "/v1/js/handover/made-up"),
        ("GET", "/v1/checkout/pay/AAAAAAAAAAAAAAAAAAAAAAAA/made-up"),
        ("POST", "/v1/fake/pay/made-up"),
    ):
        assert 404 == ask(sandbox, method, path, {"outcome": "approve"}).status


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_there_in_every_language(language: str) -> None:
    """No empty text, and no Korean outside of Korean."""
    texts = words(language).values()

    assert all(text.strip() for text in texts)
    if language != "KO":
        assert not [text for text in texts if re.search("[가-힣]", text)]


# A visit


def test_a_window_is_opened_shown_and_finished(sandbox: Sandbox) -> None:
    """From the SDK's form to the form for returnUrl."""
    form = form_in(finished(sandbox, {"outcome": "approve", "cardCode": "06", "cardQuota": "0"}))

    assert ("0000", "1004", "order-1") == (form["authResultCode"], form["amount"], form["orderId"])
    (payment,) = sandbox.store.find(Payment, SERVER[0])
    assert payment.card is not None
    assert ("06", "pc") == (payment.card.code, payment.channel)


def test_the_shop_page_is_told_who_speaks(sandbox: Sandbox) -> None:
    """An error goes to the origin of the page that called, with code, text and explanation."""
    text = opened(sandbox, amount=0).body.decode()

    assert 'data-shop="http://localhost:3000"' in text
    assert 'data-code="P017"' in text
    assert "data-error-msg=" in text


def test_on_a_phone_the_page_goes_to_the_window(sandbox: Sandbox) -> None:
    """And the payment is one by a phone."""
    reply = opened(sandbox, view="page")
    assert 'data-go="page"' in reply.body.decode()
    window = address(reply)
    ask(sandbox, "POST", window, {"outcome": "approve"})

    assert ["mobile"] == [p.channel for p in sandbox.store.find(Payment, SERVER[0])]


def test_a_pick_that_is_not_offered_is_told_in_the_window(sandbox: Sandbox) -> None:
    """The window is shown again, with what was wrong."""
    window = address(opened(sandbox))
    for fields in (
        {"cardCode": "99"},
        {"callback": "thrice"},
        {"outcome": "decline", "code": "30l1"},
    ):
        text = ask(sandbox, "POST", window, fields).body.decode()
        assert re.search(r'role="alert" *>[^<]+<', text), fields
    assert "data-go" in ask(sandbox, "POST", window, {"outcome": "approve"}).body.decode()


def test_a_window_that_is_used_leads_where_it_led(sandbox: Sandbox) -> None:
    """Back and reload end at the same form."""
    window = address(opened(sandbox))
    first = address(ask(sandbox, "POST", window, {"outcome": "approve"}))

    assert first == address(ask(sandbox, "POST", window, {"outcome": "close"}))
    assert first == address(ask(sandbox, "GET", window))


def test_the_page_that_posts_is_in_its_charset(sandbox: Sandbox) -> None:
    """EUC-KR: header, bytes and form; a letter that it has not is a question mark, as in the form."""
    reply = finished(sandbox, returnCharSet="EUC-KR", mallReserved="똠😀")

    assert "text/html;charset=euc-kr" == reply.header("content-type")
    assert b'accept-charset="euc-kr"' in reply.body
    assert "똠?" == form_in(reply, "cp949")["mallReserved"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/return", "data:text/html,x", "http://"])
def test_a_return_url_that_is_no_address_gets_nothing(sandbox: Sandbox, url: str) -> None:
    """The page says so, and has no form."""
    text = finished(sandbox, returnUrl=url).body.decode()

    assert "<form" not in text
    assert "returnUrl" in text


def test_an_account_is_shown_before_the_form_leaves(sandbox: Sandbox) -> None:
    """With Client approval, where there is one; with the receipt that was asked for in the window."""
    window = address(
        opened(sandbox, clientId=CLIENT[0], method="vbank", vbankHolder="홍길동", language="EN")
    )
    fields = {"bankCode": "088", "receiptType": "individual", "receiptNo": "010-1234-5678"}
    text = ask(sandbox, "POST", window, fields).body.decode()
    (payment,) = sandbox.store.find(Payment, CLIENT[0])

    assert payment.account is not None
    assert payment.account.number in text
    assert "data-wait" in text
    assert payment.receipt_wish is not None
    assert "01012345678" == payment.receipt_wish.number


@pytest.mark.parametrize(
    ("auto", "code"), [("approve", "0000"), ("decline:a203", "A203"), ("timeout", "A245")]
)
def test_a_setting_finishes_every_window(auto: str, code: str) -> None:
    """`auto_pay`, for runs in which nobody can change the script's address."""
    sandbox = Sandbox(Settings.read({"auto_pay": auto}, environment={}))
    form = form_in(ask(sandbox, "GET", address(opened(sandbox))))

    assert code == form["authResultCode"]


def test_a_bad_setting_is_refused() -> None:
    """With the words that there are."""
    with pytest.raises(SettingError, match="approve, decline, decline:3011, close, timeout"):
        Settings.read({"auto_pay": "aprove"}, environment={})


def test_a_scenario_lets_a_window_travel(sandbox: Sandbox) -> None:
    """Lost, or late: as the wire of the answer."""
    rules = [
        {"call": "window.open", "times": 1, "reply": "hang"},
        {"call": "window.open", "times": 1, "delay": "2s"},
    ]
    sandbox.choose_scenario({"version": 1, "name": "travels", "rules": rules}, SERVER[0])

    assert "hang" == opened(sandbox).wire.fate
    assert 2.0 == opened(sandbox).wire.delay


# The payer's choice


@pytest.mark.parametrize(
    ("expected", "language", "fields"),
    [
        ("결과코드를 확인해 주세요.", "KO", {"outcome": "decline", "code": "9zz9"}),
        ("请检查结果代码", "CN", {"outcome": "decline", "code": "0000"}),
        ("there is no result code", "EN", {"outcome": "decline", "code": "9zz9"}),
        ("쿠폰 사용 금액을 확인해 주세요.", "KO", {"coupon": "1,000"}),
        ("请检查优惠券金额", "CN", {"coupon": "1005"}),
        ("expected at most 1004, the amount", "EN", {"coupon": "1005"}),
        ("선택한 내용으로는 결제할 수 없습니다.", "KO", {"cardCode": "99"}),
    ],
)
def test_what_is_wrong_is_said_in_the_windows_language(
    expected: str, language: str, fields: dict[str, str], sandbox: Sandbox
) -> None:
    """The window stays open, with the detail in English beside it."""
    window = address(opened(sandbox, language=language))
    page = ask(sandbox, "POST", window, {"outcome": "approve", **fields}).body.decode()
    problem = re.search(r'<p id="problem"[^>]*>([^<]*)', page)

    assert problem
    assert expected in unescape(problem[1])


def test_a_coupon_is_used_in_the_window(sandbox: Sandbox) -> None:
    """Of the test tools, where cards and wallets are."""
    window = address(opened(sandbox, clientId=CLIENT[0]))
    ask(sandbox, "POST", window, {"outcome": "approve", "coupon": "500"})
    (payment,) = sandbox.store.find(Payment, CLIENT[0])

    assert 500 == payment.coupon
    assert 'name="coupon"' in ask(sandbox, "GET", address(opened(sandbox))).body.decode()
    transfer = address(opened(sandbox, method="bank", orderId="order-2"))
    assert 'name="coupon"' not in ask(sandbox, "GET", transfer).body.decode()


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (None, ""),
        (ReplyPlan(), "approve"),
        (ReplyPlan("close"), "close"),
        (ReplyPlan("timeout"), "timeout"),
        (ReplyPlan("code"), "decline"),
        (ReplyPlan("code", code="3011"), "decline:3011"),
    ],
)
def test_how_a_window_ends_by_itself(expected: ReplyPlan | None, text: str) -> None:
    """The words of `?auto=` and `auto_pay`."""
    assert expected == auto_ending(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("aprove", "did you mean approve"),
        ("pay", "expected approve"),
        ("close:3011", "with decline alone"),
        ("decline:9zz9", "no result code"),
        ("decline:0000", "success"),
    ],
)
def test_a_mistake_in_them_is_explained(text: str, words: str) -> None:
    """With what would be right."""
    with pytest.raises(Misuse, match=re.escape(words)):
        auto_ending(text)


@pytest.mark.parametrize(
    ("callback", "delay", "kind", "patched"),
    [
        ("twice", "3", "duplicate", ()),
        ("never", "0", "hang", ()),
        ("signature", "0", "ok", ("signature",)),
        ("amount", "0", "ok", ("amount",)),
        ("success", "0", "ok", ("authResultCode",)),
        ("once", "10", "ok", ()),
    ],
)
def test_what_becomes_of_the_form(
    callback: str, delay: str, kind: str, patched: tuple[str, ...]
) -> None:
    """The test tools speak the scenario language."""
    twist = chosen({"callback": callback, "delay": delay}, approves=False, phone=False).twist

    assert twist is not None
    assert (kind, int(delay)) == (twist.reply.kind, twist.delay.seconds)
    assert patched == tuple(patch.path[0] for patch in twist.patch)


def test_the_usual_form_is_left_alone() -> None:
    """Once, at once, as it is; a code without a decline is not one."""
    choice = chosen({"callback": "once", "code": "3011"}, approves=True, phone=True)

    assert (None, ReplyPlan(), {}) == (choice.twist, choice.ending, choice.receipt)
    assert "mobile" == choice.payer.channel


# Receipts


def paid(sandbox: Sandbox, **more: Any) -> Payment:
    """A payment by a Client-approval key."""
    visit = sandbox.window.pay(order(clientId=CLIENT[0], **more))
    payment = sandbox.store.get(Payment, visit.tid)
    assert payment is not None
    return payment


def receipt(sandbox: Sandbox, tid: str) -> Reply:
    """The page behind receiptUrl."""
    return ask(sandbox, "GET", f"/issue/IssueLoader.do?type=0&innerWin=Y&TID={tid}")


def test_a_receipt_of_a_payment_and_of_its_cancel(sandbox: Sandbox, call: Any) -> None:
    """Both open by their own tid, the card masked, to whoever has the tid."""
    payment = paid(sandbox)
    body = {"reason": "반품", "orderId": "cancel-1", "cancelAmt": 4}
    cancel = call("POST", f"/v1/payments/{payment.tid}/cancel", body=body, auth=CLIENT).json
    assert payment.card is not None
    page = receipt(sandbox, payment.tid).body.decode()
    cancelled = receipt(sandbox, cancel["cancelledTid"]).body.decode()

    assert all(text in page for text in ("1,004원", str(payment.card.number), "부분취소"))
    assert cancel["cancelledTid"] in page
    assert all(text in cancelled for text in ("-4원", "반품", payment.tid))


def test_a_cash_receipt(sandbox: Sandbox) -> None:
    """By its own tid."""
    payment = paid(
        sandbox, method="bank", directReceiptType="individual", directReceiptNo="01012345678"
    )
    page = receipt(sandbox, payment.receipts[0].tid).body.decode()

    assert payment.receipts[0].issue_no in page
    assert "01012345678" not in page


def test_what_is_not_paid_has_no_receipt(sandbox: Sandbox) -> None:
    """An authorisation alone, and a tid that nobody has."""
    authorised = sandbox.window.pay(order())

    for tid in (authorised.tid, "UT0000000m01012302281253170000", "", "x"):
        assert 404 == receipt(sandbox, tid).status


@pytest.mark.parametrize(
    ("options", "begins"),
    [
        ({}, "https://npg.nicepay.co.kr/issue/"),
        ({"receipt_links": "local"}, "https://npg.nicepay.co.kr/issue/"),
        ({"public_url": "https://pay.test"}, "https://pay.test/issue/"),
        ({"public_url": "https://pay.test", "edition": "gateway"}, "https://npg.nicepay.co.kr/"),
        (
            {"receipt_links": "local", "public_url": "https://pay.test/nice"},
            "https://pay.test/nice/issue/",
        ),
    ],
)
def test_where_receipt_links_lead(options: dict[str, Any], begins: str) -> None:
    """As recorded, unless it is to be here and somebody has said where that is."""
    sandbox = Sandbox(Settings.read({"admin_key": "x", **options}, environment={}))
    form = dict(sandbox.window.pay(order(clientId=CLIENT[0])).form or {})

    assert form["receiptUrl"].startswith(begins)
    assert form["receiptUrl"].endswith(f"IssueLoader.do?type=0&innerWin=Y&TID={form['tid']}")


@pytest.mark.parametrize(
    ("options", "is_here"),
    [
        ({}, True),
        ({"edition": "manual"}, False),
        ({"edition": "gateway"}, False),
        ({"edition": "gateway", "receipt_links": "local"}, True),
        ({"receipt_links": "recorded"}, False),
        ({"public_url": "https://pay.test"}, False),
    ],
)
def test_a_receipt_link_opens_where_a_server_listens(
    options: dict[str, Any], is_here: bool
) -> None:
    """Its own address, also a free port's, in the edition that is for daily use; and it opens."""
    sandbox = Sandbox(Settings.read({"log": "quiet", **options}, environment={}))
    with BackgroundServer(sandbox) as server:
        form = dict(sandbox.window.pay(order(clientId=CLIENT[0])).form or {})

        assert is_here == form["receiptUrl"].startswith(f"{server.url}/issue/")
        if is_here:
            assert form["tid"] in requests.get(form["receiptUrl"], timeout=5).text


def test_a_server_on_all_addresses_knows_none_for_its_links() -> None:
    """Which one a browser calls only the user can say: public_url."""
    sandbox = Sandbox(Settings.read({"log": "quiet", "admin_key": "x"}, environment={}))
    with BackgroundServer(sandbox, "0.0.0.0"):
        form = dict(sandbox.window.pay(order(clientId=CLIENT[0])).form or {})

    assert form["receiptUrl"].startswith("https://npg.nicepay.co.kr/issue/")
