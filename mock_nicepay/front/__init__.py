"""The doors: how people and programs reach a sandbox."""
