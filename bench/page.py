"""Writes the tables of docs/speed.md from the measurements, so that the page always agrees with them.

Each table is between `<!-- measured: NAME -->` and `<!-- end -->`, and is replaced as a whole.
"""

import re
from collections.abc import Mapping, Sequence

from common import CONNECTIONS, Rows, median, medians, ratio
from inprocess import STUBS
from servers import FLASK, FUNCTION, OURS

Found = Mapping[str, Rows]
_STEPS = ("approve", "look up", "cancel", "a shop's mixture")
_BESIDE = {"alone": "alone", "hang": "200 others hang", "late": "200 others are late by an hour"}


def filled(page: str, tables: Mapping[str, str]) -> str:
    """The page with all tables filled in. Raises `ValueError` when its places and tables differ."""
    places = re.findall(r"<!-- measured: ([\w-]+) -->", page)
    if sorted(places) != sorted(tables):
        raise ValueError(f"the page has places for {places}, and there are {sorted(tables)}")
    return re.sub(
        r"(<!-- measured: ([\w-]+) -->\n).*?(<!-- end -->)",
        lambda place: f"{place[1]}\n{tables[place[2]]}\n\n{place[3]}",
        page,
        flags=re.DOTALL,
    )


def tables_of(found: Found) -> dict[str, str]:
    """All tables of the page, from a complete run."""
    return {
        "start": _start(found["start"]),
        "sockets": _sockets(found["doors"], found["life"]),
        "times": _times(found["doors"], found["life"]),
        "doors": _doors(found["doors"]),
        "others": _others(found["others"]),
        "in-process": _in_process(found["inprocess"], found["plugin"]),
        "held": _held(found["growth"], found["held"]),
    }


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |".replace("|  |", "| |") for line in lines)


def _each(rows: Rows, name: str, heading: str, form: str = "{:,.0f}") -> str:
    """The medians at 1, 16 and 64 connections: `154 / 151 / 149`."""
    return " / ".join(form.format(median(rows[name][f"{heading} at {n}"])) for n in CONNECTIONS)


def _part(rows: Rows, ours: str, reference: str) -> str:
    """Our calls per processor second as a share of the reference's, for each connection count."""
    parts = (1 / ratio(rows, ours, reference, f"CPU µs at {n}") for n in CONNECTIONS)
    return " / ".join(f"{part:.2f}" for part in parts)


def _names(step: str) -> dict[str, str]:
    """The names of a step's rows, for us and for each reference."""
    return {who: f"{step}, {who}" for who in (OURS, FLASK, FUNCTION)}


_TOKEN = {who: f"{who}, ours (uvicorn)" for who in (OURS, FLASK, FUNCTION)}


def _steps(doors: Rows, life: Rows) -> list[tuple[str, Rows, dict[str, str]]]:
    return [("token", doors, _TOKEN), *((step, life, _names(step)) for step in _STEPS)]


def _sockets(doors: Rows, life: Rows) -> str:
    return _table(
        ("`mock-nicepay serve`", "µs", "bare Flask µs", "of bare Flask", "of a bare WSGI function"),
        [
            (
                step,
                _each(rows, names[OURS], "CPU µs"),
                _each(rows, names[FLASK], "CPU µs"),
                _part(rows, names[OURS], names[FLASK]),
                _part(rows, names[OURS], names[FUNCTION]),
            )
            for step, rows, names in _steps(doors, life)
        ],
    )


def _times(doors: Rows, life: Rows) -> str:
    return _table(
        ("", "calls a second", "p50 ms", "p99 ms", "bare Flask's p99 ms"),
        [
            (
                step,
                _each(rows, names[OURS], "calls/s"),
                _each(rows, names[OURS], "p50", "{:.1f}"),
                _each(rows, names[OURS], "p99", "{:.1f}"),
                _each(rows, names[FLASK], "p99", "{:.1f}"),
            )
            for step, rows, names in _steps(doors, life)
        ],
    )


def _doors(doors: Rows) -> str:
    servers = {"granian": "granian, one worker and thread", "waitress": "waitress"}
    return _table(
        ("", "µs", "of bare Flask"),
        [
            (
                told,
                _each(doors, f"{OURS}, {server}", "CPU µs"),
                _part(doors, f"{OURS}, {server}", f"{FLASK}, {server}"),
            )
            for server, told in servers.items()
        ],
    )


def _start(start: Rows) -> str:
    return _table(
        ("", "ready after ms", "times `python -c pass`", "MB at rest"),
        [
            (
                name,
                f"{median(start[name]['ready ms']):.0f}",
                f"{ratio_of(start[name], 'ready ms', 'python -c pass ms'):.1f}",
                f"{median(start[name]['MB']):.0f}",
            )
            for name in (OURS, FLASK)
        ],
    )


def ratio_of(row: Mapping[str, Sequence[float]], above: str, below: str) -> float:
    """The median of the ratios of two values that were measured in pairs."""
    return median([a / b for a, b in zip(row[above], row[below], strict=True)])


def _others(others: Rows) -> str:
    return _table(
        ("the token call at 16 connections", "calls a second", "of those alone", "p99 ms"),
        [
            (
                told,
                f"{median(others[name]['calls/s at 16']):,.0f}",
                f"{ratio(others, name, 'alone', 'calls/s at 16'):.2f}",
                f"{median(others[name]['p99 at 16']):.1f}",
            )
            for name, told in _BESIDE.items()
        ],
    )


def _in_process(calls: Rows, plugin: Rows) -> str:
    parts = {
        ours: f"{ratio(calls, ours, theirs, 'µs'):.2f} of its stub library"
        for ours, theirs in STUBS.items()
    }
    rows = [
        (name, f"{row['µs']:,.0f}", parts.get(name, "")) for name, row in medians(calls).items()
    ]
    imported = median(plugin["importing the pytest plugin"]["ms"]) * 1000
    return _table(("", "µs", ""), [*rows, ("importing the pytest plugin", f"{imported:,.0f}", "")])


def _held(growth: Rows, held: Rows) -> str:
    headings = list(next(iter(growth.values())))
    table = _table(
        ("", *headings),
        [
            (name, *(f"{row[heading]:,.0f}" for heading in headings))
            for name, row in medians(growth).items()
        ],
    )
    size = median(held["a payment held"]["bytes"]) / 1000
    return f"{table}\n\nA payment held costs {size:.1f} KB, so a million take {size:.1f} GB."
