"""Random lives of payments against a model of the money: none is made, lost or given back twice."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from till import REFUND, Till

from mock_nicepay.core.records import Payment

ORDERS = st.sampled_from(["A", "B", "C", "D", "E"])
AMOUNTS = st.sampled_from([1, 7, 12, 1004, 50_000])
METHODS = st.sampled_from(["card", "card", "vbank", "vbank", "bank", "cellphone", "kakaopay"])
NUMBERS = st.integers(0, 4)  # which payment is meant, counted from the latest; 0: of all
SPANS = [*[{"minutes": 1}] * 5, {"minutes": 31}, {"minutes": 45}, {"days": 4}, {"days": 200}]


@dataclass
class Life:
    """What the model knows of one payment: where the payer's money is."""

    tid: str
    order: str
    amount: int
    method: str
    begun: timedelta
    state: str = "authorised"  # then approved; of an account also deposited
    since: timedelta = timedelta()
    returned: list[int] = field(default_factory=list)

    @property
    def left(self) -> int:
        """What has not been given back."""
        return self.amount - sum(self.returned)


class Money(RuleBasedStateMachine):
    """Calls in any order; the model says for each what must come of it."""

    def __init__(self) -> None:
        super().__init__()
        self.till = Till()
        self.lives: list[Life] = []
        self.used: set[str] = set()  # orderIds of cancels
        self.now = timedelta()

    @initialize(amount=AMOUNTS, method=METHODS)
    def begin(self, amount: int, method: str) -> None:
        """Most of what can go wrong needs a payment."""
        self.authorise_now("A", 1004, "card", 400)
        self.approve_now(self.lives[-1], 0)
        self.authorise_now("B", amount, method, 0)
        self.approve_now(self.lives[-1], 0)

    def some(self, number: int) -> Life:
        """One of the lives; mostly one that has been approved."""
        approved = [life for life in self.lives if life.state != "authorised"]
        among = approved if number else self.lives
        return among[-1 - number % len(among)]

    def paid_under(self, order: str) -> list[Life]:
        """The payment of an orderId."""
        return [life for life in self.lives if life.order == order and life.state != "authorised"]

    @rule(order=ORDERS, amount=AMOUNTS, method=METHODS, free=st.integers(0, 12))
    def authorise(self, order: str, amount: int, method: str, free: int) -> None:
        """The payer agrees."""
        self.authorise_now(order, amount, method, free)

    def authorise_now(self, order: str, amount: int, method: str, free: int) -> None:
        """The authorisation, as the model knows it."""
        payment = self.till.authorise(
            order_id=order, amount=amount, method=method, tax_free=min(free, amount)
        )
        self.lives.append(Life(payment.tid, order, amount, method, self.now))

    @rule(order=ORDERS, amount=AMOUNTS, method=METHODS)
    def pay(self, order: str, amount: int, method: str) -> None:
        """The payer agrees, and the merchant has it approved at once."""
        self.authorise_now(order, amount, method, 0)
        self.approve_now(self.lives[-1], 0)

    @rule(number=NUMBERS, more=st.sampled_from([0, 0, 0, 1]))
    def approve(self, number: int, more: int) -> None:
        """Once, in time, for the right amount, and once for each orderId."""
        self.approve_now(self.some(number), more)

    def approve_now(self, life: Life, more: int) -> None:
        """The approval, and what must come of it."""
        code = self.code(f"/v1/payments/{life.tid}", {"amount": life.amount + more})
        if life.state != "authorised":
            assert "U114" == code
        elif self.now - life.begun > timedelta(minutes=30):
            assert "A245" == code
        elif more:
            assert "A123" == code
        elif self.paid_under(life.order) or life.order in self.used:
            assert "U112" == code
        else:
            assert "0000" == code
            life.state, life.since = "approved", self.now

    @rule(number=NUMBERS, wrong=st.booleans())
    def deposit(self, number: int, wrong: bool) -> None:
        """Only to an account that waits, and only the right amount."""
        life = self.some(number)
        body = {"amount": life.amount + 1} if wrong else {}
        came = self.control(f"/payments/{life.tid}/deposit", body)
        waits = life.method == "vbank" and life.state == "approved" and life.left
        if waits and not wrong and self.now - life.since <= timedelta(days=7, milliseconds=-657):
            assert came
            life.state, life.since = "deposited", self.now
        else:
            assert not came

    @rule(
        number=NUMBERS,
        quarters=st.sampled_from([0, 1, 1, 2, 3, 4, 5]),
        order=st.sampled_from(["new", "new", "part", "part", "A"]),
        free=st.sampled_from([0, 0, 1]),
    )
    def cancel_a_part(self, number: int, quarters: int, order: str, free: int) -> None:
        """A part goes back when it is there, under an orderId of its own."""
        life = self.some(number)
        name = f"new-{len(self.used)}" if order == "new" else order
        amount = life.left * quarters // 4 + (quarters == 5) or 1
        body = {"cancelAmt": amount, "orderId": name, "taxFreeAmt": free}
        code = self.code(f"/v1/payments/{life.tid}/cancel", {"reason": "x", **body, **REFUND})
        if code == "0000":
            assert life.state != "authorised"
            assert name not in self.used
            assert not self.paid_under(name)
            assert 0 < amount <= life.left
            life.returned.append(amount)
        else:
            may = life.state == ("deposited" if life.method == "vbank" else "approved")
            assert not (
                may
                and name not in self.used
                and not self.paid_under(name)
                and amount <= life.left
                and free == 0
                and life.method != "cellphone"
                and self.now - life.since < timedelta(days=180)
            ), code
        if code == "0000" or code.isdecimal():
            self.used.add(name)

    @rule(number=NUMBERS, own=st.booleans())
    def cancel_the_rest(self, number: int, own: bool) -> None:
        """All that is left goes back, once."""
        life = self.some(number)
        name = life.order if own else f"whole-{len(self.used)}"
        body = {"reason": "x", "orderId": name, **REFUND}
        code = self.code(f"/v1/payments/{life.tid}/cancel", body)
        self.gave_back(life, code, late="2016")
        if code == "0000":
            self.used.add(name)

    @rule(order=ORDERS)
    def net_cancel(self, order: str) -> None:
        """All that is left of the orderId's payment, within its hour."""
        code = self.code("/v1/payments/netcancel", {"orderId": order})
        lives = self.paid_under(order)
        if not lives:
            assert "U107" == code
        elif code != "0000":
            life = lives[0]
            late = self.now - life.since > timedelta(hours=1)
            assert not life.left or late or life.state == "deposited"
        else:
            assert self.now - lives[0].since <= timedelta(hours=1)
            self.gave_back(lives[0], code, late="2020")

    @rule(span=st.sampled_from(SPANS))
    def time_passes(self, span: dict[str, int]) -> None:
        """By some minutes or by many days."""
        self.till.advance(**span)
        self.now += timedelta(**span)

    @invariant()
    def the_books_agree(self) -> None:
        """Each payment's balance is what was paid less what was given back; so are its tax parts."""
        for life in self.lives:
            payment = self.till.sandbox.store.get(Payment, life.tid)
            assert payment is not None
            assert (life.amount, life.left) == (payment.amount, payment.balance)
            assert life.returned == [each.amount for each in payment.cancels]
            assert payment.balance == payment.supply + payment.vat + payment.tax_free
            assert min(payment.supply, payment.vat, payment.tax_free) >= 0
            assert self.status(life) == payment.status

    @invariant()
    def an_order_is_paid_once(self) -> None:
        """And its look-up finds that payment."""
        for order in "ABCDE":
            lives, found = self.paid_under(order), self.till.get(f"find/{order}")
            assert len(lives) <= 1
            assert (lives[0].tid if lives else None) == found.get("tid")

    def gave_back(self, life: Life, code: str, late: str) -> None:
        """What must have come of giving back all that is left."""
        if code == "0000":
            assert life.state != "authorised"
            assert life.left > 0
            life.returned.append(life.left)
        elif life.state == "authorised":
            assert "U122" == code
        elif not life.left:
            assert "2015" == code
        else:
            assert late == code
            assert self.now - life.since > timedelta(days=6)

    def status(self, life: Life) -> str:
        """The status that answers must show."""
        if life.state == "authorised":
            return "authorised"
        if life.returned:
            return "partialCancelled" if life.left else "cancelled"
        return "ready" if life.method == "vbank" and life.state == "approved" else "paid"

    def code(self, path: str, body: dict[str, Any]) -> str:
        """The result code of a call."""
        return str(self.till.post(path, body)["resultCode"])

    def control(self, path: str, body: dict[str, Any]) -> bool:
        """Whether the control plane's deposit was taken."""
        return self.till.control("POST", path, body)[0] == 200


TestMoney = Money.TestCase
TestMoney.settings = settings(
    max_examples=40,
    stateful_step_count=30,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
