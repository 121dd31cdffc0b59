"""Killed at any moment, under load: nothing that was answered is lost, and nothing is there twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from chain import Branch

from mock_nicepay.core.records import PAID, PART_CANCELLED, BillingKey, Payment, Receipt, Token
from mock_nicepay.core.stores import codec
from mock_nicepay.front.control.tokens import token_rows

pytestmark = pytest.mark.slow

VICTIM = Path(__file__).parents[2] / "helpers" / "victim.py"
SEED = 20211105


class Victim:
    """Processes that serve a merchant, one after another, each until it is killed."""

    def __init__(self, url: str, branch: Branch) -> None:
        self._line = f"{url} {codec.to_text(branch.merchant)}\n"
        self._process = subprocess.Popen(
            [sys.executable, VICTIM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.answered: list[list[str]] = []

    def live_and_die(self, answers: int) -> None:
        """Start a process, and kill it after it has answered that many calls."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(self._line)
        stdin.flush()
        word, pid = stdout.readline().split()
        assert "pid" == word
        for _ in range(answers):
            self.answered.append(stdout.readline().split())
        os.kill(int(pid), signal.SIGKILL)
        while (line := stdout.readline()) != "gone\n":
            self.answered.append(line.split())

    def end(self) -> None:
        """Stop."""
        self._process.communicate("\n")


@pytest.fixture
def victim(url: str) -> Iterator[Victim]:
    """A process to kill."""
    branch = Branch(url)
    branch.sandbox.end()
    victim = Victim(url, branch)
    yield victim
    victim.end()


@pytest.mark.parametrize(
    "kills", [12, pytest.param(250, marks=pytest.mark.slow)], ids=["some", "hundreds"]
)
def test_what_was_answered_is_kept(kills: int, url: str, victim: Victim) -> None:
    """Payments, cancels, tokens, charges of billing keys, cash receipts; no tid was given twice."""
    when = Random(SEED)
    for _ in range(kills):
        victim.live_and_die(when.randrange(1, 25))
    branch = Branch(url)
    store = branch.sandbox.store
    kept = {payment.tid: payment for payment in store.find(Payment)}
    paid = [words[1] for words in victim.answered if words[0] == "paid"]
    charged = [words[1] for words in victim.answered if words[0] == "charged"]
    receipts = {words[1] for words in victim.answered if words[0] == "receipt"}
    cancels = [words[1:] for words in victim.answered if words[0] == "cancelled"]
    tokens = {words[1] for words in victim.answered if words[0] == "token"}

    assert [] == [tid for tid in paid if kept[tid].status not in (PAID, PART_CANCELLED)]
    assert [] == [(tid, by) for tid, by in cancels if by not in [c.tid for c in kept[tid].cancels]]
    keys = {key.bid for key in store.find(BillingKey)}
    assert [] == [tid for tid in charged if kept[tid].status != PAID or kept[tid].bid not in keys]
    assert set() == receipts - {receipt.tid for receipt in store.find(Receipt)}
    assert tokens == {token.opaque for token in store.find(Token)}
    assert {"live"} == {row["state"] for row in token_rows(branch.sandbox)}
    every = [*kept, *(cancel.tid for payment in kept.values() for cancel in payment.cancels)]
    every += [receipt.tid for receipt in store.find(Receipt)]
    assert len(every) == len(set(every))
    told = [*paid, *charged, *(by for _, by in cancels)]
    assert len(told) == len(set(told))
    assert kills <= len(told)
    branch.sandbox.end()
