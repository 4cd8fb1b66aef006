"""Ways to divide rows into training, validation and test."""
