"""The console's page of scenarios: the picker and the editor."""

from html import unescape

import pytest
from till import Till
from visitor import Visitor, login_of

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.core.scenarios.library import ready_made_files


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
        till.sandbox.handle(Request("POST", "/v1/access-token", headers=login_of(till)))
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
