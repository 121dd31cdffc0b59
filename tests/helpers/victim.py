"""A process that is there to be killed: python tests/helpers/victim.py

It reads a line, `URL MERCHANT_JSON`, and begins a child that serves that merchant in four threads
as fast as it can. The child's number, and what it has answered, comes out line by line: `paid TID`,
`cancelled TID CANCEL_TID`, `token TOKEN`, `charged TID` (a billing key), `receipt TID`. An empty
line ends it.
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
    """One line, whole: nobody is in the middle of it when the end comes."""
    os.write(1, f"{' '.join(words)}\n".encode())


def work(branch: Branch, bid: str) -> None:
    """Pay, cancel a part, ask for a token, charge a billing key, issue a receipt; tell of each answer."""
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
    """Serve until killed."""
    branch = Branch(url, merchant)
    tell("pid", str(os.getpid()))
    bid = branch.regist()["bid"]
    threads = [Thread(target=work, args=(branch, bid), daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    threads[0].join()


def main(begin: Callable[[str, Merchant], None]) -> None:
    """One child a line, one at a time."""
    make_encdata("warm=up", "0" * 32, "AES-128-ECB")  # what it takes is imported once for all
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
