"""What was meant by a word that there is not."""

import pytest

from mock_nicepay.contract.spelling import did_you_mean, nearest

WORDS = ("amount", "orderId", "goodsName")


@pytest.mark.parametrize(
    ("expected", "word"),
    [
        ("amount", "amuont"),
        ("orderId", "ORDERID"),
        ("orderId", " orderid "),
        ("goodsName", "goods_name"),
        ("", "zzz"),
        ("", ""),
        ("", 7),
        ("amount", "amount" + " " * 1000),
    ],
)
def test_the_nearest(expected: str, word: object) -> None:
    """In any case, as it is spelt where it is known; nothing when none is near."""
    assert expected == nearest(word, WORDS)


def test_how_much_alike() -> None:
    """From anything at all to nearly the same."""
    assert ("amount", "") == tuple(nearest("amnt", WORDS, alike=each) for each in (0, 0.9))


@pytest.mark.parametrize(
    ("expected", "word"), [("did you mean amount?", "amout"), ("it has three words", "zzz")]
)
def test_the_hint(expected: str, word: str) -> None:
    """The nearest word, or what to say otherwise."""
    assert expected == did_you_mean(word, WORDS, "it has three words")
