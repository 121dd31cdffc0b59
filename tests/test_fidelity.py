"""The fidelity page and the rules in the code are the same list, with the same standing."""

import re
from pathlib import Path

import mock_nicepay
from mock_nicepay.contract.editions import EDITIONS

PAGE = Path(__file__).parent.parent / "docs" / "fidelity.md"
_IN_CODE = re.compile(r"(Recorded|Documented|Assumed)\s+\(([a-z0-9.-]+)\)")
_ROW = re.compile(
    r"^\| `([a-z0-9.-]+)` \| (Recorded|Documented|Assumed) \|([^|]*)\|(.+)\|$", re.MULTILINE
)


def test_every_rule_is_listed_with_its_standing() -> None:
    """A rule marked in the code stands on the page, and the other way round."""
    in_code = {
        (rule, standing)
        for path in Path(mock_nicepay.__file__).parent.rglob("*.py")
        for standing, rule in _IN_CODE.findall(path.read_text("utf-8"))
    }
    on_page = {(rule, standing) for rule, standing, _, _ in _ROW.findall(PAGE.read_text("utf-8"))}

    assert on_page == in_code


def test_rules_are_in_order_and_named_once() -> None:
    """The table is sorted, and no rule has two standings."""
    rules = [rule for rule, *_ in _ROW.findall(PAGE.read_text("utf-8"))]

    assert sorted(set(rules)) == rules


def test_what_is_not_assumed_has_a_source() -> None:
    """Recorded and documented rules name where they come from."""
    assert [] == [
        rule
        for rule, standing, source, _ in _ROW.findall(PAGE.read_text("utf-8"))
        if standing != "Assumed" and not source.strip()
    ]


def test_the_switches_are_those_of_the_editions() -> None:
    """The table of editions says what the code says."""
    text = PAGE.read_text("utf-8")
    for switch in (
        "bearer_for_token",
        "expiry_key",
        "charset_from",
        "message_source",
        "tid_signs_find",
        "session_keys",
        "session_id_bytes",
        "checkout_goods_bytes",
        "checkout_url_bytes",
        "fake_auth",
        "session_in_lookups",
        "hours_before_date",
        "beta_dates",
        "regist_keys",
        "deleted_bid",
        "bid_status",
        "webhook_answer",
        "sandbox_webhooks",
        "receipt_links",
    ):
        values = [getattr(EDITIONS[name], switch) for name in ("union", "manual", "gateway")]
        words = [{True: "yes", False: "no"}.get(value, str(value)) for value in values]

        assert f"| `{switch}` | {' | '.join(words)} |" in text
