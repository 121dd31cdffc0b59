"""Hosted checkout: sessions and their page."""
