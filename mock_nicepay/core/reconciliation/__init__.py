"""The book of a day: what happened, what is paid out for it."""
