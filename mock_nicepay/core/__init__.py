"""What a gateway remembers and decides: no web framework, no endpoint by name."""
