"""Cash receipts, and the tax office that answers later."""
