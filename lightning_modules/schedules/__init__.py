"""The learning rate over a run: warm-up, then a cosine, drops or nothing; or one cycle."""
