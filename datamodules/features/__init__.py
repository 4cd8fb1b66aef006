"""What turns raw values into tensors, fitted on training rows only."""
