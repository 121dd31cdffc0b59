"""Reading key pairs: which other keys a caller may have used by mistake."""

from mock_nicepay.core.merchants.pairs import keys_by_mistake
from mock_nicepay.core.records import KeyPair, Merchant
from mock_nicepay.core.stores.memory import MemoryStore


def test_keys_taken_by_mistake() -> None:
    """The merchant's own other keys first, then some pairs and merchants; never the right key."""
    store = MemoryStore()
    caller = Merchant("A", "right", other_secret_key="next", former_secret_key="before")
    for record in (caller, Merchant("B", "b"), Merchant("C", "c")):
        store.put(record)
    for name in ("P", "Q", "R"):
        store.put(KeyPair(name, "B", name.lower()))
    expected = {
        "former secretKey": "before",
        "otherSecretKey": "next",
        "P": "p",
        "Q": "q",
        "B": "b",
    }
    assert expected == keys_by_mistake(store, caller, 2)


def test_keys_that_a_merchant_does_not_have() -> None:
    """Without a former or another key, only those of others are listed."""
    store = MemoryStore()
    store.put(Merchant("B", "b"))
    assert {"B": "b"} == keys_by_mistake(store, Merchant("A", "right"), 2)
