"""Card data in AES: its ciphers, its fields, and why one does not open."""
