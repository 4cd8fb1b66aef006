"""What is to be predicted: its kind, its classes, and its rows as tensors."""
