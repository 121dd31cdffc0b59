"""How an amount falls into its tax parts, and how a partial cancel takes them back.

Documented (tax.parts): what is not tax-free holds a tenth of VAT: supply is the rest divided by
1.1, rounded half up, and VAT what is left of it (E26 info-general). All in whole units.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaxParts:
    """The three parts that add up to an amount."""

    supply: int
    vat: int
    tax_free: int

    @property
    def taxable(self) -> int:
        """What the VAT is on, and the VAT itself."""
        return self.supply + self.vat

    def minus(self, taken: "TaxParts") -> "TaxParts":
        """What is left when `taken` is gone."""
        return TaxParts(
            self.supply - taken.supply, self.vat - taken.vat, self.tax_free - taken.tax_free
        )


def tax_parts(amount: int, tax_free: int = 0) -> TaxParts:
    """The parts of `amount`, of which `tax_free` carries no tax: 1004 is 913 + 91."""
    taxable = amount - tax_free
    supply = (20 * taxable + 11) // 22  # taxable / 1.1, half up
    return TaxParts(supply, taxable - supply, tax_free)


def taken_back(left: TaxParts, amount: int, tax_free: int = 0) -> TaxParts:
    """The parts of a cancel of `amount`, out of what is left. No part of the rest falls below 0.

    Documented (tax.cancel): the same formula, but whoever takes all of the taxable rest takes the
    rest of both parts, and a VAT above the VAT left is capped, the difference moved to supply
    (E26 info-general).
    Assumed (tax.cancel-limits): a supply above the supply left is capped in the same way; what a
    cancel takes beyond the taxable rest is tax-free, though the request does not say so.
    """
    taxable = min(amount - tax_free, left.taxable)
    if taxable == left.taxable:
        return TaxParts(left.supply, left.vat, amount - taxable)
    usual = tax_parts(taxable)
    vat = min(max(usual.vat, taxable - left.supply), left.vat)
    return TaxParts(taxable - vat, vat, amount - taxable)
