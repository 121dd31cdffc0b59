"""Every call written down, masked, and within bounds."""
