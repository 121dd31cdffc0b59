"""The console at `/_mock/console`: server-rendered pages over the control plane's own functions."""
