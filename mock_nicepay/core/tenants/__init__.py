"""What runs for one merchant, and how it is kept where others can go on with it."""
