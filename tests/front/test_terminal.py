"""Text for people: clean lines, and colour and tables on terminals only."""

import io
import sys

import pytest

from mock_nicepay.front.terminal import complain, is_terminal, one_line, painter, print_table


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return not self.closed


@pytest.mark.parametrize(
    ("expected", "text", "limit"),
    [
        ("한글 and ASCII", "한글 and ASCII", 0),
        ("a\\nb\\tc", "a\nb\tc", 0),
        ("\\x1b[31mred\\x07", "\x1b[31mred\x07", 0),
        ("\\u2028\\u202e\\udc80", "\u2028\u202e\udc80", 0),
        ("abc…", "abcdef", 3),
        ("abc", "abc", 3),
    ],
)
def test_one_line(expected: str, text: str, limit: int) -> None:
    """Nothing in a line can begin another one or steer a terminal; Korean stays as it is."""
    assert expected == one_line(text, limit)


def test_complains_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    """A message of several lines becomes one, on stderr."""
    complain("first\n  second \x1b[2J")

    assert ("", "mock-nicepay: first second \\x1b[2J\n") == tuple(capsys.readouterr())


@pytest.mark.parametrize(
    ("expected", "environment"),
    [
        ("\x1b[31mno\x1b[0m", {"TERM": "xterm"}),
        ("no", {"TERM": "xterm", "NO_COLOR": "1"}),
        ("no", {"TERM": "dumb"}),
    ],
)
def test_paints_on_terminals(
    monkeypatch: pytest.MonkeyPatch, expected: str, environment: dict[str, str]
) -> None:
    """A terminal that can show colour gets it, unless NO_COLOR is set."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert expected == painter(Terminal())("no", "red")


def test_paints_nothing_elsewhere() -> None:
    """A file, a pipe and a stream that is closed or gone get plain text."""
    closed = Terminal()
    closed.close()

    assert ["no"] * 3 == [painter(stream)("no", "red") for stream in (io.StringIO(), closed, None)]
    assert not is_terminal(None)


def test_prints_a_table_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal a table has heads, and text is never taken for markup."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    print_table(("Code", "한국어"), [("U104", "[red]사용자")], piped=1)

    shown = terminal.getvalue()
    assert "Code" in shown
    assert "[red]사용자" in shown


def test_prints_tabs_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe: no heads, one line a row, and no cell that holds a tab or a line feed."""
    print_table(("A", "B", "C"), [("1", "two\tand\nmore", "3"), ("4", "5", "6")], piped=2)

    assert "1\ttwo and more\n4\t5\n" == capsys.readouterr().out
