"""What others do with the same rows and the same number of epochs."""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor, nn

from benchmarks.fine_tuning.tasks import TOKENS, Dealt, Task
from datamodules.pretrained.place import locate
from datamodules.pretrained.tensors import read_tensors
from datamodules.sources.pixels import decode

RATES = {"text": (1e-4, 3e-4), "image": (1e-4, 1e-3)}
"""Learning rates that a peer may try; the one with the lowest validation loss counts."""
BATCH = 16
SIDE = 128


def classical(task: Task, dealt: Dealt) -> dict[str, float]:
    """Logistic regression on TF-IDF or on pixels, of all labelled rows."""
    begun = time.perf_counter()
    inputs = [*dealt.train[0], *dealt.val[0]]
    target = np.concatenate([dealt.train[1], dealt.val[1]])
    if task.kind == "text":
        vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=1, sublinear_tf=True)
        model = make_pipeline(vectors, LogisticRegression(max_iter=2000, C=10))
        model.fit(inputs, target)
        right = model.predict(dealt.test[0]) == dealt.test[1]
    else:
        model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
        model.fit(_pixels(inputs, 32).reshape(len(inputs), -1), target)
        pixels = _pixels(dealt.test[0], 32).reshape(len(dealt.test[0]), -1)
        right = model.predict(pixels) == dealt.test[1]
    return {"accuracy": float(right.mean()), "seconds": time.perf_counter() - begun}


def peer(task: Task, dealt: Dealt, epochs: int, seed: int) -> dict[str, float]:
    """The loop that most use: the transformers Trainer for texts, one of timm's for pictures."""
    begun = time.perf_counter()
    loop = _trainer if task.kind == "text" else _timm_loop
    rates = RATES[task.kind]
    _, accuracy = min(loop(task, dealt, epochs, seed, rate) for rate in rates)
    return {"accuracy": accuracy, "seconds": (time.perf_counter() - begun) / len(rates)}


class _Rows(torch.utils.data.Dataset[dict[str, Any]]):
    def __init__(self, tokenizer: Any, rows: tuple[list[str], NDArray[np.int64]]) -> None:
        self.encoded = tokenizer(rows[0], truncation=True, max_length=TOKENS)
        self.target = rows[1]

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, row: int) -> dict[str, Any]:
        parts = {name: values[row] for name, values in self.encoded.items()}
        return {**parts, "labels": int(self.target[row])}


def _trainer(task: Task, dealt: Dealt, epochs: int, seed: int, rate: float) -> tuple[float, float]:
    """Return the lowest validation loss and the held-out accuracy there."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    folder = locate(task.weights).folder
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    transformers.set_seed(seed)
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        folder, num_labels=dealt.classes
    )
    train, val, test = (_Rows(tokenizer, rows) for rows in (dealt.train, dealt.val, dealt.test))
    with tempfile.TemporaryDirectory() as output:
        arguments = transformers.TrainingArguments(
            output,
            num_train_epochs=epochs,
            per_device_train_batch_size=BATCH,
            per_device_eval_batch_size=64,
            learning_rate=rate,
            lr_scheduler_type="cosine",
            warmup_steps=max(1, epochs * len(train) // BATCH // 10),
            weight_decay=0.01,
            eval_strategy="epoch",
            save_strategy="epoch",
            save_total_limit=1,
            load_best_model_at_end=True,
            metric_for_best_model="eval_loss",
            report_to=[],
            seed=seed,
            use_cpu=True,
            disable_tqdm=True,
            logging_strategy="no",
            log_level="error",
            dataloader_pin_memory=False,
        )
        trainer = transformers.Trainer(
            model, arguments, train_dataset=train, eval_dataset=val, processing_class=tokenizer
        )
        trainer.remove_callback(transformers.PrinterCallback)
        trainer.train()
        logits = trainer.predict(test).predictions
    return float(trainer.state.best_metric), float((logits.argmax(1) == dealt.test[1]).mean())


def _timm_loop(
    task: Task, dealt: Dealt, epochs: int, seed: int, rate: float
) -> tuple[float, float]:
    """Return the lowest validation loss and the held-out accuracy there."""
    import timm
    from timm.optim import create_optimizer_v2
    from timm.scheduler import CosineLRScheduler

    torch.manual_seed(seed)
    model = timm.create_model("tf_efficientnet_lite0", num_classes=dealt.classes)
    tensors = read_tensors(locate(task.weights).files)
    body = {name: value for name, value in tensors.items() if not name.startswith("classifier")}
    model.load_state_dict(body, strict=False)
    optimizer = create_optimizer_v2(model, "adamw", lr=rate, weight_decay=0.01)
    train, val, test = (_pictures(rows[0]) for rows in (dealt.train, dealt.val, dealt.test))
    targets = [torch.from_numpy(rows[1]) for rows in (dealt.train, dealt.val)]
    steps = -(-len(train) // BATCH)
    warmup = max(1, epochs * steps // 10)
    schedule = CosineLRScheduler(
        optimizer, epochs * steps, warmup_t=warmup, warmup_lr_init=rate / 100, t_in_epochs=False
    )
    best, lowest = model.state_dict(), float("inf")
    for epoch in range(epochs):
        model.train()
        for number, rows in enumerate(torch.randperm(len(train)).split(BATCH)):
            schedule.step_update(epoch * steps + number)
            images = train[rows]
            flipped = torch.rand(len(rows)) < 0.5
            images[flipped] = images[flipped].flip(-1)
            loss = F.cross_entropy(model(images), targets[0][rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        of_val = float(F.cross_entropy(_logits(model, val), targets[1]))
        if of_val < lowest:
            lowest = of_val
            best = {name: value.clone() for name, value in model.state_dict().items()}
    model.load_state_dict(best)
    return lowest, float((_logits(model, test).argmax(1).numpy() == dealt.test[1]).mean())


@torch.inference_mode()
def _logits(model: nn.Module, images: Tensor) -> Tensor:
    model.eval()
    return torch.cat([model(part) for part in images.split(64)])


def _pictures(paths: list[str]) -> Tensor:
    """Return pictures as timm hands them to that network: (N, 3, SIDE, SIDE) around 0."""
    return torch.from_numpy(_pixels(paths, SIDE)).div(127.5).sub(1)


def _pixels(paths: list[str], side: int) -> NDArray[np.float32]:
    return np.stack([decode(Path(path), side, side, 3) for path in paths]).astype(np.float32)
