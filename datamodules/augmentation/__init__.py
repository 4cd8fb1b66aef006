"""Random changes to training batches, a function of (seed, epoch, row) alone."""
