"""The shipped configurations, found by name."""
