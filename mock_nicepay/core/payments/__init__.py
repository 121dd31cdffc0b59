"""The life of a payment: authorised, approved, deposited, cancelled; the conditions of each step."""
