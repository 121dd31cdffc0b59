"""The state of one merchant in memory, and how it is stored and shared with other processes."""
