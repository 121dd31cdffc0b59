"""A careful shop and a careless one at every scenario in which the difference costs money.

The careful one meets every rule and event and fulfils all that is expected; the careless one breaks
what its row of `stories` says, and the report says so.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from shops import Careful, Careless, Shop
from stories import STORIES
from town import Town

from mock_nicepay.front.report import verdict_text
from mock_nicepay.front.terminal import plain
from mock_nicepay.sandbox import Sandbox
from mock_nicepay.settings import Settings


@contextmanager
def played(name: str, make: type[Shop], *, at_start: bool = False) -> Iterator[Town]:
    """The town after the story of that scenario."""
    story = STORIES[name]
    given = {"self_check": True, "clock": "2023-02-28T12:53:17.657+0900", "log": "quiet"}
    chosen = {"scenario": (name,)} if at_start else {}
    sandbox = Sandbox(Settings.read({**given, **chosen}, environment={}))
    town = Town(sandbox, sandbox.add_merchant(), make)
    if not at_start:
        sandbox.choose_scenario(name, town.merchant.client_id)
    try:
        with town.open_webhook() if story.webhook else nullcontext():
            for act in story.acts:
                act(town)
                town.settle()
            yield town
    finally:
        sandbox.close()


def rows_of(town: Town) -> list[dict[str, object]]:
    """The report on the merchant's scenario."""
    return town.sandbox.report(town.merchant.client_id)


@pytest.mark.parametrize("at_start", [False, True], ids=["chosen", "at-start"])
@pytest.mark.parametrize("name", STORIES)
def test_the_careful_shop_passes(name: str, at_start: bool) -> None:
    """It meets every rule and event of the scenario, and all that is expected comes true."""
    with played(name, Careful, at_start=at_start) as town:
        rows = rows_of(town)

        assert "" == verdict_text(rows, plain)
        assert all(row["ok"] and not row["neverFired"] for row in rows)
        assert not town.sandbox.tenants(town.merchant.client_id)[0].clock.pending()


@pytest.mark.parametrize("name", STORIES)
def test_the_careless_shop_is_caught(name: str) -> None:
    """It breaks just what its row says, and the report names that."""
    with played(name, Careless) as town:
        (row,) = rows_of(town)
        broken = [each["expected"] for each in row["expectations"] if not each["ok"]]

        assert list(STORIES[name].breaks) == broken
        assert all(text in verdict_text([row], plain) for text in broken)
