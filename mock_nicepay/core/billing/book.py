"""The billing keys for the control plane and the console, with the card company's actions."""

from typing import Any

from mock_nicepay.contract.times import iso
from mock_nicepay.core.billing.keys import delete_key, suspend_key
from mock_nicepay.core.desk import Desk
from mock_nicepay.core.misuse import Misuse
from mock_nicepay.core.records import DELETED, BillingKey, Merchant, Payment
from mock_nicepay.core.store import Store


class BillingBook:
    """The billing keys of one sandbox's merchants."""

    def __init__(self, store: Store, desk: Desk) -> None:
        self._store = store
        self._desk = desk

    def registered(self, client_id: str = "") -> list[BillingKey]:
        """The keys in any state, newest first; of one merchant, or of all."""
        return self._store.find(BillingKey, client_id)[::-1]

    def key(self, bid: str, client_id: str = "") -> BillingKey:
        """The key with that bid. Raises `Misuse` (404) if unknown, or another merchant's."""
        key = self._store.get(BillingKey, bid)
        if key is None or (client_id and key.client_id != client_id):
            raise Misuse(
                f"there is no billing key {bid[:64]!r}; GET /_mock/billing-keys lists them", 404
            )
        return key

    def delete(self, bid: str, client_id: str = "") -> BillingKey:
        """Delete a key as its merchant's own call does; returns the stored key. Raises `Misuse`."""
        with self._desk.serve(self._owner(bid, client_id)) as context:
            return delete_key(context, self._usable(bid))

    def suspend(self, bid: str, *, on: bool, client_id: str = "") -> BillingKey:
        """Suspend or resume a key, as the card company does; returns the stored key.

        Raises `Misuse` for one that is deleted.
        """
        with self._desk.serve(self._owner(bid, client_id)) as context:
            return suspend_key(context, self._usable(bid), on=on)

    def to_json(self, key: BillingKey) -> dict[str, Any]:
        """A key with all its details and its payments."""
        paid = self._store.find(Payment, key.client_id, bid=key.bid)
        return {
            "bid": key.bid,
            "merchant": key.client_id,
            "orderId": key.order_id,
            "tid": key.tid,
            "status": key.status,
            "method": key.method or "card",
            "payMethod": key.pay_method,
            "card": _card_json(key),
            "goodUntil": key.good_until or None,
            "madeAt": iso(key.made_at),
            "deletedAt": iso(key.ended_at) if key.ended_at else None,
            "charges": [
                {
                    "tid": payment.tid,
                    "orderId": payment.order_id,
                    "status": payment.status,
                    "amount": payment.amount,
                }
                for payment in reversed(paid)
            ],
        }

    def _usable(self, bid: str) -> BillingKey:
        key = self.key(bid)
        if key.status == DELETED:
            raise Misuse(f"{bid[:64]} is deleted; nothing can be done to it", 409)
        return key

    def _owner(self, bid: str, client_id: str) -> Merchant:
        merchant = self._store.get(Merchant, self.key(bid, client_id).client_id)
        if merchant is None:
            raise Misuse(f"the merchant of {bid[:64]} is gone", 404)
        return merchant


def _card_json(key: BillingKey) -> dict[str, Any] | None:
    if key.card is None:
        return None
    return {"code": key.card.code, "name": key.card.name, "number": key.card.number}
