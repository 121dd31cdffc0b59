"""The fields of a hosted checkout, and which fit together."""
