"""Merchants: their traits and their key pairs."""
