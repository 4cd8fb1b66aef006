"""What is learnt: one module for each kind of task; backbones, losses, optimizers are injected."""
