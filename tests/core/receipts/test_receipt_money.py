"""Whatever is taken back of a cash receipt, no won appears or is lost."""

from cashdesk import PARTS, CashDesk, part
from hypothesis import given, settings
from hypothesis import strategies as st

AMOUNTS = st.tuples(*(st.integers(0, 400) for _ in PARTS))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(AMOUNTS.filter(any), st.lists(AMOUNTS.filter(any), max_size=6), st.booleans())
def test_the_parts_add_up(
    whole: tuple[int, ...], takes: list[tuple[int, ...]], lets_time_pass: bool
) -> None:
    """Each cancel takes just what it says or nothing; the balance is what is left of every part."""
    desk = CashDesk()
    amounts = dict(zip(PARTS, whole, strict=True))
    tid = desk.issue(amount=sum(whole), **amounts)["tid"]
    left = list(whole)
    for take in takes:
        fits = all(asked <= rest for asked, rest in zip(take, left, strict=True))
        answer = desk.take_back(tid, **part(*take))
        assert (answer["resultCode"] == "0000") == fits
        if fits:
            left = [rest - asked for asked, rest in zip(take, left, strict=True)]
        if lets_time_pass:
            desk.advance(days=1)
        assert [sum(left), sum(whole) - sum(left)] == [
            desk.look(tid)[key] for key in ("balanceAmt", "cancelAmt")
        ]
    rest = desk.take_back(tid)
    assert (sum(left), 0) == (rest["cancelAmt"], rest["balanceAmt"])
