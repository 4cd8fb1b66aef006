"""The ways to fine-tune, by the command."""

import time
from typing import Any

from benchmarks.configs import command
from benchmarks.fine_tuning.tasks import TOKENS, Dealt, Task

SIDE = 128
"""Pixels to which pictures are brought: at 224 a processor takes three times as long."""
RATE = 1e-3
"""Of the head; a backbone that is pretrained has a tenth unless it is told otherwise."""
WAYS: dict[str, list[str]] = {
    "full": [],
    "layer-wise": ["--model.parameter_groups", "LayerwiseDecay", "--model.optimizer.lr", "2e-4"],
    "head first": ["--trainer.callbacks+=HeadFirst"],
    "unfreezing": ["--trainer.callbacks+=GradualUnfreezing"],
    "LoRA": ["--model.adapter", "LoRA"],
    # features are computed once, so rows cannot be augmented
    "probe": [
        "--trainer.callbacks+=FeatureExtractor",
        "--data.augment=null",
        "--model.optimizer.lr=3e-3",
    ],
    "random weights": ["--model.backbone.weights", "random"],
}


def trained(task: Task, dealt: Dealt, way: str, epochs: int, seed: int) -> dict[str, float]:
    """Fine-tune, and return the held-out accuracy and the seconds of training.

    Args:
        task: what is learnt.
        dealt: its rows.
        way: one of :data:`WAYS`.
        epochs: of training.
        seed: of weights and order.
    """
    more = 5 if way == "probe" else 1  # epochs over features that are kept take no time
    flags: dict[str, Any] = {
        "seed_everything": seed,
        "data.source": str(dealt.file),
        "data.target": task.target,
        "data.split": "ColumnSplit",
        "data.split.column": "part",
        "data.batch_size": 16,
        "model.optimizer": "AdamW",
        "model.optimizer.lr": RATE,
        "model.optimizer.weight_decay": 0.01,
        "model.schedule": "WarmupCosine",
        "trainer.max_epochs": epochs * more,
        "early_stopping": "null",
    }
    settings = {"model": "Classification", **_of_kind(task), **flags}
    words = [f"--{name}={value}" for name, value in settings.items()]
    begun = time.perf_counter()
    run = command("fit", *words, *WAYS[way])["run"]
    seconds = time.perf_counter() - begun
    figures = command("test", "--ckpt_path", run)["metrics"]
    return {"accuracy": figures["test/accuracy"], "seconds": seconds}


def _of_kind(task: Task) -> dict[str, Any]:
    if task.kind == "text":
        return {
            "data": "TextDataModule",
            "data.text": task.inputs,
            "data.tokenizer": task.weights,
            "data.max_tokens": TOKENS,
            "model.backbone": "TransformersBackbone",
            "model.backbone.weights": task.weights,
        }
    return {
        "data": "ImageDataModule",
        "data.image": task.inputs,
        "data.size": SIDE,
        "data.channels": 3,
        "data.augment": "[RandomFlip]",
        "model.backbone": "TimmBackbone",
        "model.backbone.name": "tf_efficientnet_lite0",
        "model.backbone.weights": task.weights,
        "model.backbone.size": SIDE,
        "model.backbone.crop": 1.0,
    }
