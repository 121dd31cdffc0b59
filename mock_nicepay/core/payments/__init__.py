"""The life of a payment: authorised, approved, deposited, cancelled; what each step needs and refuses."""
