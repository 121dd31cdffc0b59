"""HTTP calls that the gateway itself makes, and which hosts they may reach."""
