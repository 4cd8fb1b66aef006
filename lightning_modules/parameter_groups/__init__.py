"""Which parameters the optimizer is given at which learning rate, and which of them decay."""
