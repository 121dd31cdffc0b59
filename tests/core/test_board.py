"""Memory shared by processes: the latest text of each place, even after an interrupted write."""

import pytest

from mock_nicepay.core.board import _HALF, _HEAD, Board


def test_the_latest_is_read() -> None:
    """At each place by itself; nothing where nothing was written."""
    board = Board(3)
    for text in (b"one", b"a longer one", b"1"):
        assert board.write(1, text)
        assert [b"", text, b""] == [board.read(place) for place in range(3)]


@pytest.mark.parametrize("writings", [0, 1, 2, 3])
def test_a_writing_that_is_cut_off_leaves_the_one_before(writings: int) -> None:
    """The next write continues from there."""
    board = Board(1)
    for number in range(writings):
        board.write(0, b"%d" % number)
    before = board.read(0)
    next_half = (writings + 1) % 2 * _HALF
    _HEAD.pack_into(board._memory, next_half, 1, 2**31, writings + 1)
    assert before == board.read(0)
    board.write(0, b"new")
    assert b"new" == board.read(0)


def test_what_is_too_long_is_not_written() -> None:
    """The old text stays."""
    board = Board(2)
    assert board.write(0, b"short")
    assert not board.write(0, b"x" * _HALF)
    assert (b"short", b"") == (board.read(0), board.read(1))
