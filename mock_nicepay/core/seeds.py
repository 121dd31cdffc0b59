"""What a sandbox begins with: merchants and card offers, from our own files and from given ones."""

from collections.abc import Iterable
from pathlib import Path

from mock_nicepay.core.cards.offers import offers_in
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.merchants.traits import merchants_in
from mock_nicepay.core.records import Merchant, Offers
from mock_nicepay.core.store import Store
from mock_nicepay.resources import folder


def seed_merchants(store: Store, given: Iterable[str], identity: Identity) -> list[Merchant]:
    """Put our own merchants and those of the given files into the store; gives back what it has.

    Raises `Misuse` naming file and entry.
    """
    files = [folder("fixtures") / "merchants.yaml", *map(Path, given)]
    return [_seeded(store, each) for path in files for each in merchants_in(path, identity)]


def _seeded(store: Store, merchant: Merchant) -> Merchant:
    """A merchant of a file, as the store has it: there it may have been changed since."""
    with store.transaction(merchant.client_id):
        known = store.get(Merchant, merchant.client_id) if store.durable else None
        if known is None:
            store.put(merchant)
    return known or merchant


def seed_offers(store: Store, given: str) -> None:
    """What card companies offer: what was given at this start, else at an earlier one, else ours.

    Raises `Misuse` naming file and entry.
    """
    if given or store.get(Offers, "offers") is None:
        store.put(offers_in(Path(given or folder("fixtures") / "plans.yaml")))
