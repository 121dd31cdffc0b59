"""Merchants: what they are made of, their key pairs."""
