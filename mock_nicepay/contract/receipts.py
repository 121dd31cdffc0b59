"""Cash receipts as they are published: the words for their progress, their numbers, their four parts."""

import re
from dataclasses import dataclass

from mock_nicepay.contract.refusal import Cause

KINDS = ("individual", "company")

# Documented (receipt.statuses): a receipt's four, and the same four of what a cancel takes back
# (K25, E26).
# Assumed (receipt.withdrawn): a full cancel before the tax office has answered withdraws the request:
# issueReqCancelled; the cancel of a cancel, cancelReqCancelled, nothing brings about.
ISSUE_REQUESTED = "issueRequested"
ISSUE_WITHDRAWN = "issueReqCancelled"
ISSUED = "issued"
ISSUE_FAILED = "issueFailed"
CANCEL_REQUESTED = "cancelRequested"
CANCELLED = "cancelled"
CANCEL_FAILED = "cancelFailed"

RECEIPT_STATUSES = (ISSUE_REQUESTED, ISSUE_WITHDRAWN, ISSUED, ISSUE_FAILED)

# What a request becomes when the tax office agrees, and when it does not.
OUTCOMES = {
    ISSUE_REQUESTED: (ISSUED, ISSUE_FAILED),
    CANCEL_REQUESTED: (CANCELLED, CANCEL_FAILED),
}

_NUMBERS = {
    "individual": (re.compile(r"[0-9]{10,11}"), "a mobile number of 10 or 11 digits", "휴대폰 번호 10~11자리"),
    "company": (re.compile(r"[0-9]{10}"), "a business number of 10 digits", "사업자번호 10자리"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parts:
    """The four parts that add up to a receipt's amount, in won."""

    supply: int
    vat: int
    tax_free: int
    service: int

    @property
    def total(self) -> int:
        """What they add up to."""
        return self.supply + self.vat + self.tax_free + self.service

    def minus(self, taken: "Parts") -> "Parts":
        """What is left when `taken` is gone."""
        return Parts(
            self.supply - taken.supply,
            self.vat - taken.vat,
            self.tax_free - taken.tax_free,
            self.service - taken.service,
        )


NOTHING = Parts(0, 0, 0, 0)


def is_number(kind: str, number: str) -> bool:
    """Whether a receipt of that kind can be for that number.

    Documented (receipt.number): individual has a mobile number of 10 or 11 digits, company a
    business number of 10 digits (K25).
    """
    return _NUMBERS[kind][0].fullmatch(number) is not None


def number_flaw(kind: str, number: str) -> Cause | None:
    """What is wrong with the number a receipt is for; None when nothing is."""
    if is_number(kind, number):
        return None
    _, en, ko = _NUMBERS[kind]
    digits = sum(sign.isdecimal() for sign in number)
    return Cause(
        f"receiptNo has {len(number)} characters, {digits} of them digits; receiptType {kind} needs "
        f"{en}, digits only",
        f"receiptNo는 {len(number)}자(숫자 {digits}자)입니다. receiptType {kind}에는 {ko}를 "
        "숫자만 보내야 합니다",
    )


def masked(number: str) -> str:
    """The number a receipt is for with its middle hidden: 010****1234; nobody needs more of it."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}" if len(number) > 7 else "*"
