"""What a table looked like in training, and whether another looks so too."""
