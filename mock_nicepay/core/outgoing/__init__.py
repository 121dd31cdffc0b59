"""Calls that the gateway itself makes, and how far they may go."""
