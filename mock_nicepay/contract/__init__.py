"""What NICEPAY publishes, as pure values: no clock, no store, no HTTP server."""
