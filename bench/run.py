"""Measures mock-nicepay against bare references and stub libraries, all in the same run.

    make bench                                 everything, about fifteen minutes
    make bench ARGS="--only life --rounds 2"   one part, quickly
    make bench ARGS="--from bench/results/X"   the page and the picture of an earlier complete run

Prints the tables and writes all values to bench/results/. A complete run also writes the tables of
docs/speed.md and draws docs/images/speed.svg. Rounds are interleaved and medians reported: machines
are shared and noisy, so ratios say more than absolute values. Nothing is asserted.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from common import HERE, Rows, median, table
from growth import growth, show_growth
from inprocess import in_process, plugin_import, show_in_process
from page import filled, tables_of
from picture import Bar, picture
from servers import FLASK, FUNCTION, OURS, beside_others, doors, life, show_doors, show_life, start

PARTS = ("start", "doors", "life", "others", "inprocess", "growth")
PAGE = HERE.parent / "docs" / "speed.md"
PICTURE = HERE.parent / "docs" / "images" / "speed.svg"


def measure(parts: list[str], rounds: int, seconds: float, most: int) -> dict[str, Rows]:
    """Measure these parts, and print each as soon as it is measured."""
    found: dict[str, Rows] = {}
    if "start" in parts:
        found["start"] = start(rounds)
        table(found["start"], "Start, and memory at rest", "{:,.1f}")
    if "doors" in parts:
        found["doors"] = doors(rounds, seconds)
        show_doors(found["doors"])
    if "life" in parts:
        found["life"] = life(rounds)
        show_life(found["life"])
    if "others" in parts:
        found["others"] = beside_others(rounds, seconds)
        table(found["others"], "While 200 other calls wait for their answer", "{:,.1f}")
    if "inprocess" in parts:
        found["inprocess"], found["plugin"] = in_process(rounds), plugin_import(rounds)
        show_in_process(found["inprocess"])
        table(found["plugin"], "The cost for every run of pytest", "{:.1f}")
    if "growth" in parts:
        found["growth"], found["held"] = growth(rounds, most)
        show_growth(found["growth"], found["held"])
    return found


def drawn(found: dict[str, Rows]) -> str:
    """The picture of a complete run."""
    groups: dict[str, list[Bar]] = {
        "Microseconds of processor time a call, 16 connections": [
            _bar(f"{step}, {who}", found[part][name]["CPU µs at 16"], "{:,.0f}", who)
            for step, part, suffix in (
                ("token", "doors", ", ours (uvicorn)"),
                ("approve", "life", ""),
                ("look up", "life", ""),
                ("cancel", "life", ""),
                ("a shop's mixture", "life", ""),
            )
            for who in (FUNCTION, FLASK, OURS)
            for name in [f"{who}{suffix}" if part == "doors" else f"{step}, {who}"]
        ],
        "Microseconds of a token call in process": [
            _bar(name, row["µs"], "{:,.0f}", OURS if "our" in name or "Sandbox" in name else "")
            for name, row in found["inprocess"].items()
            if "merchant" not in name
        ],
        "Microseconds of an approval, by stored data": [
            _bar(name, row["approve"], "{:,.0f}", OURS) for name, row in found["growth"].items()
        ],
    }
    return picture(groups)


def _bar(label: str, values: list[float], form: str, who: str) -> Bar:
    middle = median(values)
    return label, middle, form.format(middle), "ours" if who == OURS else "reference"


def main() -> None:
    """Measure, print and save; write the page and the picture of a complete run."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seconds", type=float, default=1.5, help="length of a load (1.5)")
    arguments.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    arguments.add_argument(
        "--held", type=int, default=1_000_000, help="most payments stored (a million)"
    )
    arguments.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to run")
    arguments.add_argument(
        "--from", dest="kept", type=Path, help="measure nothing: show an earlier complete run"
    )
    options = arguments.parse_args()
    if options.kept is not None:
        show(**json.loads(options.kept.read_text()))
        return
    machine = f"{os.cpu_count()} cores, CPython {sys.version.split()[0]}"
    told = f"{time.strftime('%-d %B %Y')}: {machine}, {options.rounds} round{'s' * (options.rounds != 1)}"
    print(told)
    found = measure(list(options.only), options.rounds, options.seconds, options.held)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(
        json.dumps({"told": told, "found": found}, ensure_ascii=False, indent=1)
    )
    if set(options.only) == set(PARTS):
        show(told, found)


def show(told: str, found: dict[str, Rows]) -> None:
    """Write the page and the picture of a complete run; `told` says when and where it was made."""
    PAGE.write_text(filled(PAGE.read_text(), {"machine": told, **tables_of(found)}))
    PICTURE.write_text(drawn(found))
    print(
        f"\nthe page and the picture: {', '.join(os.path.relpath(each) for each in (PAGE, PICTURE))}"
    )


if __name__ == "__main__":
    main()
