"""Measures mock-nicepay beside bare references and stub libraries, all in the same run.

    make bench                                 everything, some ten minutes
    make bench ARGS="--only life --rounds 2"   a part of it, quickly

The tables are printed, the picture goes to docs/images/speed.svg, every value to bench/results/.
Rounds are interleaved and medians are quoted: machines are shared and noisy, ratios are what to
take away. Nothing here is asserted.
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
from picture import Bar, picture
from servers import FLASK, FUNCTION, OURS, beside_others, doors, life, show_doors, show_life

PARTS = ("doors", "life", "others", "inprocess", "growth")
PICTURE = HERE.parent / "docs" / "images" / "speed.svg"


def measure(parts: list[str], rounds: int, seconds: float, most: int) -> dict[str, Rows]:
    """Measure those parts and print each as soon as it is known."""
    found: dict[str, Rows] = {}
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
        table(found["plugin"], "What every run of pytest pays", "{:.1f}")
    if "growth" in parts:
        found["growth"], found["held"] = growth(rounds, most)
        show_growth(found["growth"], found["held"])
    return found


def drawn(found: dict[str, Rows]) -> str:
    """The picture of a whole run."""
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
        "Microseconds of an approval, by what is held": [
            _bar(name, row["approve"], "{:,.0f}", OURS) for name, row in found["growth"].items()
        ],
    }
    return picture(groups)


def _bar(label: str, values: list[float], form: str, who: str) -> Bar:
    middle = median(values)
    return label, middle, form.format(middle), "ours" if who == OURS else "reference"


def main() -> None:
    """Measure, print, draw, keep."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--seconds", type=float, default=1.5, help="length of a load (1.5)")
    arguments.add_argument("--rounds", type=int, default=5, help="interleaved rounds (5)")
    arguments.add_argument(
        "--held", type=int, default=1_000_000, help="most payments held (a million)"
    )
    arguments.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts of it")
    options = arguments.parse_args()
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {options.rounds} rounds")
    found = measure(list(options.only), options.rounds, options.seconds, options.held)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{time.strftime('%Y%m%d-%H%M%S')}.json").write_text(
        json.dumps(found, ensure_ascii=False, indent=1)
    )
    if set(options.only) == set(PARTS):
        PICTURE.write_text(drawn(found))
        print(f"\nthe picture: {Path(os.path.relpath(PICTURE))}")


if __name__ == "__main__":
    main()
