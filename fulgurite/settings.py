"""What the settings of a run are where the user says nothing, as plain values."""

from typing import Any

TRAINER: dict[str, Any] = {
    "max_epochs": 30,
    "enable_model_summary": False,
    "num_sanity_val_steps": 0,  # the first validation comes soon enough, and tells the same
    "use_distributed_sampler": False,  # loaders divide rows over the processes themselves
    "log_every_n_steps": 50,
}
EARLY_STOPPING: dict[str, Any] = {
    "class_path": "lightning.pytorch.callbacks.EarlyStopping",
    "init_args": {"monitor": "val/loss", "patience": 10},
}
CHECKPOINT: dict[str, Any] = {
    "class_path": "lightning.pytorch.callbacks.ModelCheckpoint",
    "init_args": {"monitor": "val/loss", "filename": "best", "enable_version_counter": False},
}
SEED = 0
