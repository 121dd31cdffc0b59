"""The two inquiries of card offers, over the API."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from till import Till

from mock_nicepay.contract.signing import Formula
from mock_nicepay.core.payments.wish import Payer

PLANS = """
points: ["01", "04"]
plans:
  - {card: "02", months: "02:03"}
  - {card: "02", months: "06", from: 300000, to: 500000}
  - {card: "04", months: "12", until: 2023-03-15, useAuth: true}
  - {card: "06", months: "02", useAuth: false}
"""
SIGNED = Formula("ediDate")


class Asker(Till):
    """A merchant that asks for card offers."""

    def event(self, **fields: Any) -> Any:
        """What is offered at 50,000 won in the window, when nothing is said."""
        return self._inquire("event", {"amount": 50000, "useAuth": "true", **fields})

    def plans(self, **fields: Any) -> Any:
        """What is offered in the window, when nothing is said."""
        return self._inquire("interest-free", {"useAuth": "true", **fields})

    def _inquire(self, what: str, fields: dict[str, Any]) -> Any:
        sent = {name: value for name, value in fields.items() if value is not None}
        return self.ask("GET", f"/v1/card/{what}", query=urlencode(sent))[1]


@pytest.fixture
def asker(tmp_path: Path) -> Asker:
    """With a file of its own."""
    path = tmp_path / "plans.yaml"
    path.write_text(PLANS, "utf-8")
    return Asker(plans=str(path))


@pytest.mark.parametrize(
    ("expected", "fields"),
    [
        ({"02": "02:03", "04": "12"}, {}),
        ({"02": "02:03", "06": "02"}, {"useAuth": "false"}),
        ({"02": "02:03:06", "04": "12"}, {"amount": 300000}),
        ({"02": "02:03:06", "04": "12"}, {"amount": 500000}),
        ({"02": "02:03", "04": "12"}, {"amount": 500001}),
        ({}, {"amount": 49999}),
        ({}, {"amount": 1}),
    ],
)
def test_what_an_amount_gets(expected: dict[str, str], fields: Any, asker: Asker) -> None:
    """From 50,000 won on; the points do not depend on it."""
    answer = asker.event(**fields)

    assert "01:04" == answer["cardPoint"]
    assert expected == {
        row["cardCode"]: row["freeInstallment"] for row in answer["interestFree"] or []
    }
    assert bool(expected) == (answer["interestFree"] is not None)


def test_every_plan_with_its_amounts_and_end(asker: Asker) -> None:
    """A plan without a last day runs to the end of the month."""
    first, second = asker.plans()["interestFree"]

    assert ("02", "KB국민") == (first["cardCode"], first["cardName"])
    assert [
        {
            "minAmt": 50000,
            "maxAmt": 99999999999999,
            "installment": "02:03",
            "eventToDate": "2023-02-28T23:59:59.000+0900",
        },
        {
            "minAmt": 300000,
            "maxAmt": 500000,
            "installment": "06",
            "eventToDate": "2023-02-28T23:59:59.000+0900",
        },
    ] == first["freeInstallment"]
    assert ["2023-03-15T23:59:59.000+0900"] == [
        plan["eventToDate"] for plan in second["freeInstallment"]
    ]


@pytest.mark.parametrize(("expected", "days"), [(["02", "04"], 15), (["02"], 16)])
def test_a_plan_ends_with_its_last_day(expected: list[str], days: int, asker: Asker) -> None:
    """By the merchant's clock; the month of the others has changed meanwhile."""
    asker.advance(days=days, hours=11)  # shortly before midnight
    rows = asker.plans()["interestFree"]

    assert expected == [row["cardCode"] for row in rows]
    assert "2023-03-31T23:59:59.000+0900" == rows[0]["freeInstallment"][0]["eventToDate"]


@pytest.mark.parametrize("call", ["event", "plans"])
class TestBoth:
    """What both inquiries have in common."""

    def test_the_answer_is_signed_over_its_own_edi_date(self, call: str, asker: Asker) -> None:
        """Whatever the request's is; which is signed over that, when it is signed."""
        sign = SIGNED.sign({"ediDate": "theirs"}, asker.merchant.secret_key)
        answer = getattr(asker, call)(ediDate="theirs", signData=sign)

        assert ("0000", "2023-02-28T12:53:17.657+0900") == (answer["resultCode"], answer["ediDate"])
        assert SIGNED.sign(answer, asker.merchant.secret_key) == answer["signature"]
        assert "U312" == getattr(asker, call)(signData=sign)["resultCode"]

    @pytest.mark.parametrize(
        ("expected", "fields"),
        [
            ("U100", {"useAuth": None}),
            ("U133", {"useAuth": "yes"}),
            ("U133", {"useAuth": "TRUE"}),
            ("U313", {"mid": "UT0000000m"}),
            ("U105", {"mid": "UT0000000mm"}),
            ("0000", {"ediDate": "2023-02-28T12:53:17.657+0900"}),
        ],
    )
    def test_what_is_taken(
        self, expected: str, fields: dict[str, Any], call: str, asker: Asker
    ) -> None:
        """Another merchant's mid is none of this one's."""
        assert expected == getattr(asker, call)(**fields)["resultCode"]

    def test_its_own_mid_will_do(self, call: str, asker: Asker) -> None:
        """It takes priority, and says the same."""
        assert "0000" == getattr(asker, call)(mid=asker.merchant.mid)["resultCode"]

    def test_the_sandbox_answers_the_same_whatever_is_asked(self, call: str) -> None:
        """Also below 50,000 won, and for billing."""
        sandbox = Asker(sandbox_limits="yes")
        fields = {"amount": 1} if call == "event" else {}
        answers = [
            getattr(sandbox, call)(**extra)["interestFree"]
            for extra in ({}, {"useAuth": "false"}, fields)
        ]

        assert [["04"]] * 3 == [[row["cardCode"] for row in each] for each in answers]
        assert answers[0] == answers[1] == answers[2]

    def test_nothing_at_all(self, call: str, tmp_path: Path) -> None:
        """A code of its own for each."""
        path = tmp_path / "none.yaml"
        path.write_text("plans: []", "utf-8")
        asker = Asker(plans=str(path))

        expected = {"event": "A118", "plans": "A119"}[call]
        assert {"resultCode", "resultMsg"} == set(answer := getattr(asker, call)())
        assert expected == answer["resultCode"]


@pytest.mark.parametrize(
    ("expected", "amount", "payer"),
    [
        (True, 50_000, Payer("02", 3)),
        (False, 50_000, Payer("02", 6)),
        (True, 300_000, Payer("02", 6)),
        (False, 50_000, Payer("06", 2)),  # that plan is for billing alone
        (False, 50_000, Payer("02", 0)),
    ],
)
def test_the_window_keeps_to_the_plans(
    expected: bool, amount: int, payer: Payer, asker: Asker
) -> None:
    """What is offered is what a payment shows."""
    card = asker.pay(amount=amount, payer=payer).card

    assert card is not None
    assert expected == card.interest_free


@pytest.mark.parametrize(("expected", "amount"), [("U100", None), ("U127", 0), ("U127", "a lot")])
def test_the_event_needs_an_amount(expected: str, amount: Any, asker: Asker) -> None:
    """A positive one."""
    assert expected == asker.event(amount=amount)["resultCode"]


def test_points_alone_and_plans_alone(tmp_path: Path) -> None:
    """What there is none of is null."""
    path = tmp_path / "points.yaml"
    path.write_text('points: ["01"]', "utf-8")
    points = Asker(plans=str(path)).event()
    path.write_text('plans: [{card: "02", months: "02"}]', "utf-8")
    plans = Asker(plans=str(path)).event()

    assert ("01", None) == (points["cardPoint"], points["interestFree"])
    assert (None, 1) == (plans["cardPoint"], len(plans["interestFree"]))
