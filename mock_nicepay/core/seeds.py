"""The merchants and card offers a sandbox begins with, from our own files and from given ones."""

from collections.abc import Iterable
from pathlib import Path

from mock_nicepay.core.cards.offers import offers_in
from mock_nicepay.core.identity import Identity
from mock_nicepay.core.merchants.traits import merchants_in
from mock_nicepay.core.records import Merchant, Offers
from mock_nicepay.core.store import Store
from mock_nicepay.resources import folder


def seed_merchants(store: Store, given: Iterable[str], identity: Identity) -> list[Merchant]:
    """Store our own merchants and those of the given files; returns them as the store has them.

    Raises `Misuse` naming file and entry.
    """
    files = [folder("fixtures") / "merchants.yaml", *map(Path, given)]
    return [_seeded(store, each) for path in files for each in merchants_in(path, identity)]


def _seeded(store: Store, merchant: Merchant) -> Merchant:
    """A merchant of a file, as the store has it: it may have been changed there since."""
    with store.transaction(merchant.client_id):
        known = store.get(Merchant, merchant.client_id) if store.durable else None
        if known is None:
            store.put(merchant)
    return known or merchant


def seed_offers(store: Store, given: str) -> None:
    """Store the card companies' offers: given at this start, else at an earlier one, else our own.

    Raises `Misuse` naming file and entry.
    """
    if given or store.get(Offers, "offers") is None:
        store.put(offers_in(Path(given or folder("fixtures") / "plans.yaml")))
