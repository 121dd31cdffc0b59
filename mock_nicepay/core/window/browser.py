"""The payer's browser: carries the window's form to returnUrl, and shows what the shop answers."""

from mock_nicepay.contract.target import host_of
from mock_nicepay.contract.window.forms import MEDIA, encoded
from mock_nicepay.core.clock import pause
from mock_nicepay.core.outgoing.courier import Courier, Sent
from mock_nicepay.core.store import Store
from mock_nicepay.core.webhooks.addresses import registered
from mock_nicepay.core.window.visit import Visit

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

    def post(self, visit: Visit) -> Sent:
        """Post the visit's form as often as it is to come, and wait for the last answer.

        Documented (browser.once): the browser posts, is never asked again, and shows what the shop
        answers (E26). A redirect is not followed. Never raises: `problem` says what went wrong.
        """
        if visit.form is None or not visit.posts:
            return Sent(None, problem=_NO_FORM if visit.form is None else _LOST)
        if visit.first is not None:
            visit.first()
        if visit.delay:
            pause(visit.delay.total_seconds())
        sent = Sent(None)
        for _ in range(visit.posts):
            sent = self._courier.send(
                visit.return_url,
                encoded(visit.form, visit.charset),
                {"Content-Type": MEDIA},
                connect=CONNECT,
                answer=ANSWER,
                registered=self._has_webhook_there(visit),
            ).result()
        return sent

    def _has_webhook_there(self, visit: Visit) -> bool:
        """Whether the shop's own webhooks go to the host of its returnUrl."""
        client_id = (visit.form or {}).get("clientId")
        rows = registered(self._store, client_id) if client_id else []
        return host_of(visit.return_url) in {host_of(row.url) for row in rows}
