"""The gateway's state and rules; knows no web framework, and no endpoint by name."""
