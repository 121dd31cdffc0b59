"""A process for a test to kill: python tests/helpers/victim.py

For each line `URL MERCHANT_JSON` on stdin it starts a child, which makes that merchant's calls in four
threads as fast as it can. The child prints `pid NUMBER`, then a line for each answer: `paid TID`,
`cancelled TID CANCEL_TID`, `token TOKEN`, `charged TID` (a billing key), `receipt TID`. When it has ended,
its parent prints `gone`. An empty line ends the parent.
"""

import os
import sys
from collections.abc import Callable
from threading import Thread

from chain import Branch

from mock_nicepay.contract.encdata.envelope import make_encdata
from mock_nicepay.core.identity import fresh_secret
from mock_nicepay.core.records import Merchant
from mock_nicepay.core.stores import codec


def tell(*words: str) -> None:
    """Print a line in one write, so that a kill cannot cut it."""
    os.write(1, f"{' '.join(words)}\n".encode())


def work(branch: Branch, bid: str) -> None:
    """Pay, cancel a part, ask for a token, charge a billing key, issue a receipt; print each answer."""
    while True:
        payment = branch.authorise()
        if branch.approve(payment)["resultCode"] == "0000":
            tell("paid", payment.tid)
        answer = branch.cancel(payment, cancelAmt=4, orderId=fresh_secret()[:12])
        if answer["resultCode"] == "0000":
            tell("cancelled", payment.tid, answer["cancelledTid"])
        tell("token", branch.token())
        tell("charged", branch.charge(bid)["tid"])
        tell("receipt", branch.issue()["tid"])


def child(url: str, merchant: Merchant) -> None:
    """Make calls until killed."""
    branch = Branch(url, merchant)
    tell("pid", str(os.getpid()))
    bid = branch.regist()["bid"]
    threads = [Thread(target=work, args=(branch, bid), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    threads[0].join()


def main(begin: Callable[[str, Merchant], None]) -> None:
    """Start a child for each line, one at a time."""
    make_encdata("warm=up", "0" * 32, "AES-128-ECB")  # imports what is needed before the fork
    while line := sys.stdin.readline().strip():
        url, _, merchant = line.partition(" ")
        pid = os.fork()
        if not pid:
            begin(url, codec.from_text(Merchant, merchant))
            os._exit(1)
        os.waitpid(pid, 0)
        tell("gone")


if __name__ == "__main__":
    main(child)
