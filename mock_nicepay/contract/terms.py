"""The texts a payer is to agree to, before a merchant's own page takes a payment.

Assumed (terms.text): placeholders of ours, in plain Korean text with line breaks; NICEPAY's own are
not for us to hand on. They say of themselves what they are.
"""

from dataclasses import dataclass
from functools import cache
from importlib import resources

# Documented (terms.types): four kinds (K25).
TITLES = {
    "ElectronicFinancialTransactions": "전자금융거래 이용약관",
    "CollectPersonalInfo": "개인정보 수집 및 이용 동의",
    "SharingPersonalInformation": "개인정보 제3자 제공 동의",
    "TelecommunicationCharging": "통신과금서비스 이용약관",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """One of the texts."""

    title: str
    content: str  # at most 30,000 bytes


@cache
def terms(kind: str) -> Terms:
    """The text of one kind. Raises `KeyError` for a kind there is not."""
    title = TITLES[kind]
    file = resources.files("mock_nicepay.contract").joinpath(f"data/terms/{kind}.txt")
    return Terms(title, file.read_text("utf-8"))
