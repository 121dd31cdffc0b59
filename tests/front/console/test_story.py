"""An order's story: its steps, in the order of time."""

from till import Till
from visitor import Visitor, login_of

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.console.story import story


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
            "POST", f"/v1/payments/{authorised.tid}", "", login_of(till), b'{"amount": 1004}'
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
