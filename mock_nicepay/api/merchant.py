"""The access token.

Manual: api/payment-access-token.md; records: access-token of 2021 and of 2023 (printed 2026).
"""

from typing import Any

from mock_nicepay.contract.bodies import LONG_TOKEN, TOKEN
from mock_nicepay.contract.endpoint import Answer, Family
from mock_nicepay.contract.fields import Body, ReturnCharSet
from mock_nicepay.contract.times import iso
from mock_nicepay.core.call import Context

FAMILY = Family("token")


class TokenRequest(Body):
    """The one field of the call; the edition says whether it stands in the query or the body."""

    returnCharSet = ReturnCharSet()


@FAMILY.endpoint(
    "POST",
    "/v1/access-token",
    name="issue",
    request=TokenRequest,
    reads="edition",
    reply=TOKEN,
    names_login_failure=True,
)
def issue_token(context: Context, data: dict[str, Any]) -> Answer:
    """Issue an access token, or repeat the one that still lives.

    Documented (token.repeat): within its life the same token with the same expiry; only `now`
    moves (K25 common/api.md, E26 info-basic-token).
    """
    del data  # its one field, the character set, is the pipeline's
    edition, settings = context.tenant.edition, context.settings
    if context.caller.token is not None and context.caller.claims is not None:
        token, claims = context.caller.token, context.caller.claims
    else:
        token, claims = context.tokens.issue(
            context.merchant.client_id,
            context.now,
            settings.token_lifetime,
            settings.token_digits,
            context.identity,
            context.merchant.key_id,
        )
    return Answer(
        {
            "accessToken": token.opaque,
            "tokenType": "Bearer",
            **dict.fromkeys(edition.expiry_keys, iso(claims.expires)),
            "now": iso(context.now),
        },
        shape=TOKEN if settings.token_digits == 40 else LONG_TOKEN,
    )
