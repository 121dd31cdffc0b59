"""The command `mock-nicepay`, a module for each of its larger parts."""
