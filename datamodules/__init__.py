"""Data: sources, cleaning, splits, features, augmentation, loaders. Imports no other room."""
