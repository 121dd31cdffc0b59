"""The page of result codes: what each means, in Korean and English, and how to have it answered."""

from mock_nicepay.contract.tables import search_codes
from mock_nicepay.front.console.look import Look, Page

SIZE = 100


def codes(look: Look) -> Page:
    """The published codes that fit what was typed."""
    q = look.arguments.get("q", "")
    found = search_codes(q)
    values = {"found": found[:SIZE], "total": len(found), "q": q}
    return Page("codes_part.html" if look.is_part else "codes.html", values)
