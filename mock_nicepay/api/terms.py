"""Terms: the texts that a payer agrees to.

Manual: api/status-terms.md. No exchange has been recorded.
"""

from typing import Any

from mock_nicepay.contract.bodies import TERMS
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, Choice, ReturnCharSet
from mock_nicepay.contract.terms import TITLES, terms
from mock_nicepay.core.call import Context

FAMILY = Family("terms")


class TermsRequest(Body):
    """Assumed (terms.u132): a termsType that is none of the four is U132."""

    termsType = Choice(*TITLES, max_bytes=50, required=True)
    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "GET",
    "/v1/terms",
    name="get",
    request=TermsRequest,
    reads="query",
    reply=TERMS,
    in_sandbox=False,
)
def get_terms(context: Context, data: dict[str, Any]) -> Answer:
    """Give one of the four texts."""
    del context
    text = terms(data["termsType"])
    return Answer({"termsTitle": text.title, "content": text.content})
