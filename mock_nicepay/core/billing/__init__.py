"""Billing keys: registered, charged, suspended, deleted."""
