"""Events, from the transaction that caused them to the receiver that accepts them."""
