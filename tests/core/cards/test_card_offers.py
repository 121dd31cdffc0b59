"""The file of card offers: what it may say, and what is told of one that is wrong."""

from datetime import date
from pathlib import Path

import pytest
from till import Till

from mock_nicepay.core.cards.offers import months_text, offers_in
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import Plan
from mock_nicepay.resources import folder
from mock_nicepay.settings import SettingError


def read(tmp_path: Path, text: str) -> object:
    """The offers of a file with that text."""
    path = tmp_path / "plans.yaml"
    path.write_text(text, "utf-8")
    return offers_in(path)


def test_our_own_file() -> None:
    """It offers something at any amount from 50,000 won, in the window and outside."""
    offers = offers_in(folder("fixtures") / "plans.yaml")

    assert offers.points
    assert all(plan.least >= 50_000 for plan in offers.plans)
    assert {True, False, None} == {plan.auth for plan in offers.plans}


def test_all_a_plan_may_say(tmp_path: Path) -> None:
    """Codes and lists stay the texts they are."""
    text = (
        'points: ["01"]\n'
        'plans: [{card: "02", months: 02:12, from: 60000, to: 70000, until: 2023-12-31, '
        "useAuth: false}]"
    )
    offers = offers_in_text(tmp_path, text)

    assert (("01",), (Plan("02", (2, 12), 60_000, 70_000, date(2023, 12, 31), False),)) == offers


def offers_in_text(tmp_path: Path, text: str) -> tuple[tuple[str, ...], tuple[Plan, ...]]:
    """Points and plans of a file with that text."""
    path = tmp_path / "plans.yaml"
    path.write_text(text, "utf-8")
    offers = offers_in(path)
    return offers.points, offers.plans


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("cannot be read as a file of card offers", "points: ["),
        ("expected the keys `points` and `plans`", "[]"),
        ("expected the keys `points` and `plans`", "plan: []"),
        ("`points` and `plans` are lists", "points: '01'"),
        ("points: '1' is not a card code; write one such as 02", "points: ['1']"),
        ("plan 1: a plan has `card` and `months`, and may have from", "plans: [{card: '02'}]"),
        ("plan 1: a plan has `card` and", "plans: [{card: '02', months: '02', month: 2}]"),
        ("plan 1: a plan has `card` and", "plans: ['02']"),
        ("plan 2: '99' is not a card code", "plans: [{card: '02', months: '02'}, {card: '99', months: '02'}]"),
        ("plan 1: months is '2,3'; write two digits each", "plans: [{card: '02', months: '2,3'}]"),
        ("plan 1: months is '01'", "plans: [{card: '02', months: '01'}]"),
        ("plan 1: months is '37'", "plans: [{card: '02', months: '37'}]"),
        ("plan 1: from is 49999; installments begin at 50000 won", "plans: [{card: '02', months: '02', from: 49999}]"),
        ("plan 1: to is 'all'; expected an amount in won", "plans: [{card: '02', months: '02', to: all}]"),
        ("plan 1: to is 50001, which is below from, 60000", "plans: [{card: '02', months: '02', from: 60000, to: 50001}]"),
        ("plan 1: \"['02']\" is not a card code", "plans: [{card: ['02'], months: '02'}]"),
        ("points: \"['01']\" is not a card code", "points: [['01']]"),
        pytest.param("cannot be read as a file of card offers", "plans: " + 9_999 * "[", id="deep"),
        ("plan 1: until is '31.12.'; write it as 2026-12-31", "plans: [{card: '02', months: '02', until: 31.12.}]"),
        ("plan 1: useAuth is 'yes'; expected true or false", "plans: [{card: '02', months: '02', useAuth: yes}]"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(expected: str, text: str, tmp_path: Path) -> None:
    """With file and entry."""
    with pytest.raises(Misuse) as wrong:
        read(tmp_path, text)

    assert expected in wrong.value.message
    assert str(tmp_path / "plans.yaml") in wrong.value.message


def test_a_wrong_file_is_told_at_the_start(tmp_path: Path) -> None:
    """As a mistake in the option."""
    with pytest.raises(SettingError, match=r"^--plans: .*cannot be read"):
        Till(plans=str(tmp_path / "none.yaml"))


def test_months_of_several_plans_are_one_list() -> None:
    """In order, each once."""
    plans = [Plan("02", months, 50_000, 60_000) for months in ((10, 3), (2, 3))]

    assert "02:03:10" == months_text(plans)
