"""What a durable store keeps of a scenario is bounded as what memory remembers is."""

from pathlib import Path

import pytest
from chain import Branch

from mock_nicepay.core.records import Heard
from mock_nicepay.core.scenarios import player
from mock_nicepay.core.tenants import keeping

SIZE = 5
WATCHING = {"expect": [{"called": "token.issue", "times": SIZE}]}


@pytest.fixture(params=["memory", "sqlite"])
def branch(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Branch:
    """A gateway that remembers five calls for the expectations of a scenario."""
    monkeypatch.setattr(player, "LEDGER_SIZE", SIZE)
    monkeypatch.setattr(keeping, "LEDGER_SIZE", SIZE)
    url = f"sqlite:///{tmp_path}/a.db" if request.param == "sqlite" else "memory://"
    branch = Branch(url)
    branch.play(WATCHING)
    return branch


@pytest.mark.parametrize(("calls", "ok"), [(3, False), (5, True), (23, True)])
def test_the_latest_calls_are_remembered(calls: int, ok: bool, branch: Branch) -> None:
    """So many at most: expectations look at those."""
    branch.codes(calls)
    (report,) = branch.sandbox.report(branch.merchant.client_id)
    assert (ok, {"token.issue": calls}) == (report["ok"], report["calls"])
    assert len(branch.sandbox.store.find(Heard)) <= SIZE
    branch.sandbox.end()


def test_it_goes_on_after_a_snapshot(branch: Branch, tmp_path: Path) -> None:
    """What another store is given is bounded there, too."""
    branch.codes(7)
    other = Branch(f"sqlite:///{tmp_path}/b.db")
    other.sandbox.load_snapshot(branch.sandbox.take_snapshot())
    loaded = other.with_key(branch.merchant)
    loaded.codes(4)
    (report,) = loaded.sandbox.report(branch.merchant.client_id)
    assert (True, {"token.issue": 11}) == (report["ok"], report["calls"])
    assert SIZE == len(other.sandbox.store.find(Heard, branch.merchant.client_id))
    branch.sandbox.end()
    other.sandbox.end()
