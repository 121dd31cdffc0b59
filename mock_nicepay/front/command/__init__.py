"""The command `mock-nicepay`, with a module for each larger subcommand."""
