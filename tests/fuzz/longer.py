"""Fuzz for as long as wanted, with other examples each time: `make fuzz ARGS=100000`."""

import sys

from hostile import Target, damaged, scenario_values, scenarios, texts
from hypothesis import HealthCheck, given, settings
from nearly import NEARLY
from test_fuzz import plays

DEFAULT = 20_000  # examples of each fuzzer


def main(examples: int) -> None:
    """Run every fuzzer; the first example that breaks something ends it, made as small as it can be."""
    target = Target(merchant_limit=1000)
    doors = {
        name: (getattr(target, name)(), target.check)
        for name in ("api", "control", "console", "pages")
    }
    files = {
        "damaged scenarios": (damaged(), plays),
        "made-up scenarios": (scenarios, plays),
        "anything as a scenario": (scenario_values, plays),
        "texts as scenarios": (texts, plays),
    }
    drawn = settings(
        max_examples=examples, database=None, deadline=None, suppress_health_check=list(HealthCheck)
    )
    made = {name: kind() for name, kind in NEARLY.items()}
    nearly = {f"nearly right {name}": (each.examples(), each.check) for name, each in made.items()}
    for name, (strategy, check) in {**doors, **nearly, **files}.items():
        print(f"{name}: {examples} examples", flush=True)
        drawn(given(strategy)(check))()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
