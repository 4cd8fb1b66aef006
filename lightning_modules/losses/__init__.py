"""Losses that torch lacks, each called as ``loss(logits, target)``."""
