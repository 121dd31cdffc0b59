"""Output for people: safe single lines, and colour and tables on a terminal.

In a pipe everything is plain: no colour, and tables are tab-separated.
"""

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

import click

COMMAND = "mock-nicepay"
Paint = Callable[[str, str], str]  # text and a style such as `bold red` to text


def is_terminal(stream: TextIO | None) -> bool:
    """Whether this stream is a terminal; False for a missing or closed one."""
    return stream is not None and not stream.closed and stream.isatty()


def one_line(text: str, limit: int = 0) -> str:
    """Text as one line without control characters: what is not printable is shown escaped.

    Paths and file names come from outside and may contain line feeds and terminal escape sequences.
    """
    if limit and len(text) > limit:
        text = f"{text[:limit]}…"
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _written_out(sign) for sign in text)


def complain(message: str) -> None:
    """Print one line about a problem to stderr."""
    click.echo(f"{COMMAND}: {one_line(' '.join(message.split()))}", err=True)


def plain(text: str, _style: str) -> str:
    """The `Paint` for streams without colour."""
    return text


def painter(stream: TextIO | None) -> Paint:
    """The `Paint` for a stream: colour on a terminal, unless NO_COLOR is set."""
    if not is_terminal(stream):
        return plain
    from rich.color import ColorSystem
    from rich.console import Console
    from rich.style import Style

    console = Console(file=stream)
    if console.no_color or console.color_system is None or console.legacy_windows:
        return plain
    return lambda text, style: Style.parse(style).render(text, color_system=ColorSystem.STANDARD)


def print_table(heads: Sequence[str], rows: Sequence[Sequence[str]], *, piped: int = 0) -> None:
    """Print a table; in a pipe tab-separated, without heads, only the first `piped` columns (0: all)."""
    clean = [[" ".join(cell.split()) for cell in row] for row in rows]
    if not is_terminal(sys.stdout):
        lines = ["\t".join(row[: piped or len(heads)]) for row in clean]
        click.echo("".join(f"{line}\n" for line in lines), nl=False)
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*heads, box=SIMPLE_HEAD)
    for row in clean:
        table.add_row(*(Text(cell) for cell in row))
    Console(file=sys.stdout).print(table)


def _written_out(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
