"""What is mended before the split: only what one row can tell."""
