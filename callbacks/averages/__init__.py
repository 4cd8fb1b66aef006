"""Averages of weights, measured and kept in the place of the last ones."""
