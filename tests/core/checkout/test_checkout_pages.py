"""The pages of sessions: whose an address is, what is posted to returnUrl, what webhooks are told."""

import json
from pathlib import Path
from typing import Any

import pytest
from counter import Counter

from mock_nicepay.contract.signing import Formula
from mock_nicepay.core.login.tokens import Tokens
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.payments.wish import Payer
from mock_nicepay.core.records import Delivery, Session
from mock_nicepay.core.scenarios.language import ReplyPlan
from mock_nicepay.core.webhooks.addresses import ALL, put_addresses

FORMS = json.loads(
    (Path(__file__).parents[3] / "fixtures" / "forms" / "checkout.json").read_text("utf-8")
)
SIGNATURE = Formula("tid + amount + ediDate")


@pytest.fixture
def counter() -> Counter:
    """A merchant with one session."""
    counter = Counter(edition="gateway")
    counter.create()
    return counter


def token_of(session: Session) -> str:
    """The token in the address of its page."""
    return session.url.split("/")[-2]


class TestAddress:
    """Which session a page's address means."""

    def test_its_own(self, counter: Counter) -> None:
        """24 letters and digits that name one session."""
        session = counter.session()

        assert (24, True) == (len(token_of(session)), token_of(session).isalnum())
        assert session == counter.sandbox.checkout.find(token_of(session), "session-1")

    @pytest.mark.parametrize("change", ["forged", "shorter", "longer", "", "가나다"])
    def test_a_forged_one_is_nobodys(self, counter: Counter, change: str) -> None:
        """And tells nothing: it is like an unknown session."""
        token = token_of(counter.session())
        changed = {"forged": token.swapcase(), "shorter": token[:-1], "longer": f"{token}a"}

        assert counter.sandbox.checkout.find(changed.get(change, change), "session-1") is None
        assert counter.sandbox.checkout.find(token, "unknown") is None

    def test_a_foreign_one_is_its_owners(self, counter: Counter) -> None:
        """Two merchants may have the same sessionId; the token says whose page it is."""
        other = Counter()
        other.sandbox, other.merchant = counter.sandbox, counter.sandbox.add_merchant()
        other.create(sessionId="session-1")
        counter.create(sessionId="session-2")
        find = counter.sandbox.checkout.find

        assert other.session() == find(token_of(other.session()), "session-1")
        assert counter.session() == find(token_of(counter.session()), "session-1")
        assert find(token_of(counter.session("session-2")), "session-1") is None
        with pytest.raises(Misuse, match="merchant="):
            counter.sandbox.checkout.session("session-1")

    def test_another_gateways_is_forged(self, counter: Counter) -> None:
        """The key is the sandbox's."""
        other = Tokens(counter.sandbox.store, "another key")

        forged = other.page(counter.merchant.client_id, "session-1")
        assert counter.sandbox.checkout.find(forged, "session-1") is None

    def test_the_dummy_page_is_for_fake_sessions(self) -> None:
        """A session with a token has none."""
        counter = Counter()
        counter.create()
        counter.create(fakeAuth=True)
        find = counter.sandbox.checkout.find_fake

        assert (None, counter.session("session-2")) == (find("session-1"), find("session-2"))

    def test_an_unknown_one_is_said_so(self, counter: Counter) -> None:
        """The control plane tells where they are listed."""
        with pytest.raises(Misuse, match="GET /_mock/checkout"):
            counter.sandbox.checkout.session("nowhere")


@pytest.mark.parametrize("row", FORMS["forms"], ids=lambda row: row["source"])
def test_the_recorded_form(row: dict[str, Any]) -> None:
    """Key by key as it was printed, but for what is drawn by chance; both signatures verify."""
    recorded = row["form"]
    counter = Counter(
        clock=recorded["ediDate"],
        merchant={"secretKey": FORMS["secretKey"], "clientId": recorded["clientId"] + "x"},
        **row["settings"],
    )
    counter.create(
        sessionId=recorded["sessionId"],
        orderId=recorded["orderId"],
        goodsName="test",
        fakeAuth="true",
    )
    form = counter.visit(recorded["sessionId"])
    drawn = ("tid", "authToken", "clientId", "signature", "receiptUrl")

    assert list(recorded) == list(form)
    assert {k: v for k, v in recorded.items() if k not in drawn} == {
        k: v for k, v in form.items() if k not in drawn
    }
    assert recorded["tid"][10:-4] == form["tid"][10:-4]
    for each in (recorded, form):
        assert each["signature"] == SIGNATURE.sign(each, FORMS["secretKey"])


@pytest.mark.parametrize("row", FORMS["parts"], ids=lambda row: row["source"])
def test_the_printed_part_of_a_form(row: dict[str, Any]) -> None:
    """Its signature verifies by the same formula."""
    assert row["form"]["signature"] == SIGNATURE.sign(row["form"], FORMS["secretKey"])


def test_a_failure_has_the_same_fields(counter: Counter) -> None:
    """In the same order, without a card; what is not there is the text null, or empty."""
    form = counter.visit(ending=ReplyPlan("close"))

    assert ["success", "sessionId", "orderId", "authToken", "tid", "clientId"] == list(form)[:6]
    assert "messageSource" == list(form)[-1]
    assert ("false", "P091", "closed", "", "null", "") == (
        form["success"],
        form["resultCode"],
        form["status"],
        form["tid"],
        form["buyerName"],
        form["mallReserved"],
    )


@pytest.mark.parametrize(
    ("there", "options"),
    [(True, {"edition": "manual"}), (True, {}), (False, {"message_source": "no"})],
)
def test_when_a_form_ends_with_message_source(there: bool, options: dict[str, str]) -> None:
    """K25 has it for checkouts though not elsewhere; E24's print lacks it."""
    counter = Counter(**options)
    counter.create()

    assert there == ("messageSource" in counter.visit())


@pytest.mark.parametrize(
    ("expected", "code"), [("nicepay", ""), ("external", "3011"), ("nicepay", "P091")]
)
def test_whose_message_a_form_tells(expected: str, code: str, counter: Counter) -> None:
    """The card company's, or NICEPAY's."""
    ending = ReplyPlan("code", code=code) if code else ReplyPlan()

    assert expected == counter.visit(ending=ending)["messageSource"]


@pytest.mark.parametrize(("bid", "method"), [(True, "cardBill"), (False, "card")])
def test_what_registers_has_a_bid(bid: bool, method: str) -> None:
    """Thirty characters after approveNo."""
    counter = Counter()
    counter.create(method=method)
    form = counter.visit()
    keys = list(form)

    assert bid == ("bid" in form)
    if bid:
        assert (30, "approveNo") == (len(form["bid"]), keys[keys.index("bid") - 1])


def test_the_payers_pick(counter: Counter) -> None:
    """As in the window; a pick that is not offered leaves the session as it is."""
    with pytest.raises(Misuse, match="99"):
        counter.visit(payer=Payer(card_code="99"))

    assert "ready" == counter.look()["status"]
    assert "04" == counter.visit(payer=Payer(card_code="04"))["cardCode"]


def test_a_receipt_the_payer_wishes() -> None:
    """Where the order says nothing the page may ask."""
    counter = Counter()
    counter.create(method="bank")
    wish = {"directReceiptType": "individual", "directReceiptNo": "01012345678"}
    counter.visit(receipt=wish)

    assert counter.payment()["issuedCashReceipt"] is True


@pytest.mark.parametrize(
    ("expected", "kind"),
    [
        (["individual"], {}),
        (["company"], {"directReceiptType": "company", "directReceiptNo": "2208162517"}),
        ([], {"directReceiptType": "unPublished"}),
    ],
)
def test_naver_pay_points_have_a_receipt(expected: list[str], kind: dict[str, str]) -> None:
    """A person's, when nothing says whose number it is."""
    counter = Counter()
    counter.create(**{"method": "naverpayPoint", "directReceiptNo": "01012345678", **kind})
    counter.sandbox.checkout.pay(counter.session())
    paid = counter.payment()

    assert ("42", None) == (paid["card"]["cardCode"], paid["card"]["cardNum"])
    assert expected == [row["receiptType"] for row in paid["cashReceipts"] or ()]


def test_opening_is_in_the_journal(counter: Counter) -> None:
    """And says what is to be paid; the first time is kept."""
    opened = counter.sandbox.checkout.open(counter.session())
    counter.advance(minutes=5)
    counter.sandbox.checkout.open(counter.session())

    assert (None, None, "커피") == (opened.result, opened.error, opened.order["goodsName"])
    assert opened.now == counter.session().opened_at
    assert "window.open" == counter.sandbox.journal(counter.merchant.client_id)[0].call


def test_the_dummy_pages_cancel(counter: Counter) -> None:
    """One of several failures, the same for the same seed."""
    picks = [counter.sandbox.checkout.dummy_failure(counter.session()) for _ in range(20)]

    assert 1 < len({pick.code for pick in picks})
    assert "failed" == counter.visit(ending=picks[0])["status"]


class TestWebhook:
    """The events of a checkout's payment."""

    @pytest.fixture
    def told(self) -> Counter:
        """A merchant with a webhook without a receiver, whose events wait a minute."""
        counter = Counter(webhook_delay="1m")
        put_addresses(
            counter.sandbox.store, counter.merchant.client_id, ALL, "http://127.0.0.1:9/hook"
        )
        counter.create(returnCharSet="euc-kr")
        return counter

    def test_the_payment_at_once_and_in_utf_8(self, told: Counter) -> None:
        """Though other events wait, and the form is in EUC-KR; with the sessionId."""
        told.visit()
        told.sandbox.settle()
        (event,) = told.sandbox.store.find(Delivery, told.merchant.client_id)

        assert ("paid", "application/json;charset=UTF-8") == (event.event, event.content_type)
        assert 1 == len(event.tries)
        assert "session-1" == json.loads(event.body)["sessionId"]

    def test_a_cancel_by_session_and_by_tid(self, told: Counter) -> None:
        """The first has the sessionId, the second not; both wait."""
        told.visit()
        told.cancel_by_session(cancelAmt=4)
        payment = told.stored(told.sandbox.ledger.payments()[0])
        told.cancel(payment)
        _, by_session, by_tid = told.sandbox.store.find(Delivery, told.merchant.client_id)

        assert "session-1" == json.loads(by_session.body)["sessionId"]
        assert "sessionId" not in json.loads(by_tid.body)
        assert by_session.due is not None
        assert by_session.due > by_session.made_at
