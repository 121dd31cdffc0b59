"""The console's list of calls and one call: what they show and find."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from till import Till
from visitor import Visitor, login_of

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.webhooks.addresses import put_addresses
from mock_nicepay.front.console.search import SIZE


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
        till.sandbox.handle(Request("GET", "/v1/payments/find/A", headers=login_of(till)))
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


def _pairs(query: str) -> list[tuple[str, str]]:
    pairs = (each.partition("=") for each in query.split("&") if each)
    return [(name, value) for name, _, value in pairs]
