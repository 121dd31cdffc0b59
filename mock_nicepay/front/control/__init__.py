"""The control plane: `/_mock/...`, what each action does."""
