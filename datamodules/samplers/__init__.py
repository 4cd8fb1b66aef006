"""Which training rows an epoch has, and how often."""
