"""Cards of which a number is known, and what card companies offer."""
