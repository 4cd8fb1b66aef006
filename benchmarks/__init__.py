"""Measured claims, each beside a peer or a limit, in one run: ``python -m benchmarks``."""
