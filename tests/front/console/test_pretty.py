"""Values, spans of time and curl lines as the console shows them."""

from shlex import split
from typing import Any

import pytest
from till import Till
from visitor import login_of

from mock_nicepay.contract.endpoint import Request
from mock_nicepay.front.console.pretty import curl, json_html, span


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
        headers = {"x-note": wild, "content-type": "application/json", **login_of(till)}
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
