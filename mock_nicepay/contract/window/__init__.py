"""What the payment window is asked with, and the form it posts to a shop."""
