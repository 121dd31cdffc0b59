"""The payment window: a payer's visit, in a browser or played."""
