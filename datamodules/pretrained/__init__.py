"""Networks that others trained: where their files are, and what these hold."""
