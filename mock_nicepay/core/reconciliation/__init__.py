"""Reconciliation: the transactions of a day, and their settlements."""
