"""The payer's browser: posts the window's form to returnUrl, and returns the shop's answer."""

from mock_nicepay.contract.target import host_of
from mock_nicepay.contract.window.return_forms import MEDIA, encoded
from mock_nicepay.core.clock import pause
from mock_nicepay.core.outgoing.courier import Courier
from mock_nicepay.core.outgoing.parcel import Sent
from mock_nicepay.core.store import Store
from mock_nicepay.core.webhooks.addresses import registered
from mock_nicepay.core.window.result import WindowResult

# Assumed (browser.patience): the time limits of a browser that NICEPAY does not publish; the
# documents ask clients of the API for the same ones.
CONNECT, ANSWER = 5.0, 30.0  # seconds

_NO_FORM = "nothing was posted: the page's fnError was called instead"
_LOST = "nothing was posted: a scenario or a magic value lost the form on its way"


class Browser:
    """The browsers of one sandbox's payers."""

    def __init__(self, courier: Courier, store: Store) -> None:
        self._courier = courier
        self._store = store

    def post(self, result: WindowResult) -> Sent:
        """Post the result's form once, or as often as a rule says, and wait for the last answer.

        Documented (browser.once): the browser posts, is never asked again, and shows what the shop
        answers (E26). A redirect is not followed. Never raises: `problem` says what went wrong.
        """
        if result.form is None or not result.posts:
            return Sent(None, problem=_NO_FORM if result.form is None else _LOST)
        if result.first is not None:
            result.first()
        if result.delay:
            pause(result.delay.total_seconds())
        sent = Sent(None)
        for _ in range(result.posts):
            sent = self._courier.send(
                result.return_url,
                encoded(result.form, result.charset),
                {"Content-Type": MEDIA},
                connect=CONNECT,
                answer=ANSWER,
                registered=self._has_webhook_there(result),
            ).result()
        return sent

    def _has_webhook_there(self, result: WindowResult) -> bool:
        """Whether the shop has a webhook at the host of its returnUrl."""
        client_id = (result.form or {}).get("clientId")
        rows = registered(self._store, client_id) if client_id else []
        return host_of(result.return_url) in {host_of(row.url) for row in rows}
