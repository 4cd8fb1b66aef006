"""A tenth of the training labels is flipped: who finds which?

``python -m benchmarks noisy-labels [--quick]`` flips labels of real sets to another class, each as
likely, and ranks the training rows by how wrong their labels look: by cleanlab's scores and by ours
of the same out-of-fold probabilities, and by the losses of one training run of a shipped config.
Validation and test rows keep their labels. Without ``--quick`` over five seeds, some 8 minutes.
"""

import sys
import warnings
from typing import NamedTuple

import lightning as L
import numpy as np
import torch
from cleanlab.filter import find_label_issues
from cleanlab.rank import get_label_quality_scores
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from callbacks.row_losses import RowLosses, loss_table
from datamodules.cleaning.label_quality import label_issues, label_quality
from datamodules.cleaning.out_of_fold import out_of_fold
from datamodules.cleaning.step import TrainingRows
from datamodules.supervised import SupervisedDataModule
from fulgurite.arguments import read_arguments
from fulgurite.experiment import Experiment

SHARE = 0.1
SEEDS = range(100, 105)  # the scores were chosen on others
SETS = {
    "digits": ["--config", "digits_cnn"],
    "mnist5k": ["--config", "digits_cnn", "--data.source", "sample:mnist5k"],
    "churn": ["--config", "credit_mlp", "--data.source", "sample:churn"],
    "credit": ["--config", "credit_mlp"],
    "reviews": ["--config", "reviews_transformer"],
}
RIVALS = ("self_confidence", "normalized_margin", "confidence_weighted_entropy")
RANKINGS = ("label_quality", *RIVALS, "mean loss", "last loss")
Marks = NDArray[np.bool_]


class Found(NamedTuple):
    """What was found of one set under one seed.

    Attributes:
        precision: average precision of each ranking.
        first: the share of wrong labels among as many first rows as there are wrong labels.
        issues: precision and recall of our decision and of cleanlab's.
        suggested: the share of wrong labels whose suggestion by the losses is the true class.
    """

    precision: dict[str, float]
    first: dict[str, float]
    issues: dict[str, tuple[float, float]]
    suggested: float


class Flipped:
    """Flips training labels of a datamodule before anything is learnt from it.

    Args:
        seed: chooses the rows and their new classes.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.wrong: Marks = np.zeros(0, dtype=bool)
        self.truth = torch.zeros(0)

    def __call__(self, data: L.LightningDataModule) -> None:
        """Flip, once the rows are prepared."""
        assert isinstance(data, SupervisedDataModule)
        data.setup("fit")
        assert data.store is not None
        assert data.store.target is not None
        assert data.split is not None
        train, target = torch.from_numpy(data.split.train), data.store.target
        classes = len(data.spec.target.names) if data.spec.target else 0
        random = np.random.default_rng(self.seed)
        chosen = np.sort(random.permutation(len(train))[: round(SHARE * len(train))])
        moved = torch.from_numpy(random.integers(1, classes, len(chosen)))
        self.wrong = np.zeros(len(train), dtype=bool)
        self.wrong[chosen] = True
        self.truth = target.clone()
        target[train[chosen]] = (target[train[chosen]] + moved) % classes


def run(words: list[str]) -> None:
    """Measure and print."""
    warnings.filterwarnings("ignore")
    quick = "--quick" in words
    sets = [word for word in words if word in SETS] or (["digits", "credit"] if quick else [*SETS])
    print(f"{'average precision':24}", *(f"{name:>28}" for name in RANKINGS))
    for name in sets:
        found = []
        for seed in list(SEEDS)[: 1 if quick else None]:
            found.append(measured(SETS[name], seed))
            print(f"{name}, seed {seed}", found[-1].precision, file=sys.stderr)
        _print(name, found)


def measured(flags: list[str], seed: int, more: tuple[str, ...] = ()) -> Found:
    """Flip, rank and compare.

    Args:
        flags: which config and set.
        seed: of the flips, the folds and the training.
        more: further settings.
    """
    words = [*flags, "--seed_everything", str(seed), "--trainer.enable_progress_bar", "false"]
    words += ["--trainer.callbacks+=RowLosses", *more]
    experiment = Experiment(read_arguments(words))
    flip = Flipped(seed)
    trainer, module, data = experiment.build(prepare=flip)
    assert isinstance(data, SupervisedDataModule)
    scores, issues = _out_of_fold(data, flip, seed)
    trainer.fit(module, data)
    losses, suggested = _losses(trainer, data, flip)
    scores |= losses
    count = int(flip.wrong.sum())
    return Found(
        {name: float(average_precision_score(flip.wrong, -s)) for name, s in scores.items()},
        {name: float(flip.wrong[s.argsort()[:count]].mean()) for name, s in scores.items()},
        {name: _precision_and_recall(marks, flip.wrong) for name, marks in issues.items()},
        suggested,
    )


def _out_of_fold(
    data: SupervisedDataModule, flip: Flipped, seed: int
) -> tuple[dict[str, NDArray[np.float64]], dict[str, Marks]]:
    """Return the scores and the decisions on the same probabilities, ours and cleanlab's."""
    assert data.split is not None
    assert data.store is not None
    assert data.store.target is not None
    assert data.spec.target is not None
    records, rows = data.read(), data.split.train
    target = data.store.target[torch.from_numpy(rows)]
    hidden = [records.target, *records.leave_out]
    columns = [name for name in records.frame.columns if name not in hidden]
    training = TrainingRows(records, rows, target, data.spec.target, columns, records.text)
    labels = target.numpy()
    told = out_of_fold(training, labels, len(data.spec.target.names), seed=seed)
    scores = {"label_quality": label_quality(told, labels)}
    scores |= {name: get_label_quality_scores(labels, told, method=name) for name in RIVALS}
    theirs = find_label_issues(labels, told, n_jobs=1)
    return scores, {"ours": label_issues(told, labels), "cleanlab's": theirs}


def _losses(
    trainer: L.Trainer, data: SupervisedDataModule, flip: Flipped
) -> tuple[dict[str, NDArray[np.float64]], float]:
    """Return the scores by the losses of training, and how often their suggestion is right."""
    callbacks = trainer.callbacks  # type: ignore[attr-defined]
    (watched,) = (callback for callback in callbacks if isinstance(callback, RowLosses))
    assert data.store is not None
    assert data.store.target is not None
    assert data.spec.target is not None
    names = data.spec.target.names
    table = loss_table(watched.state_dict(), data.store.target, names).sort("row")
    truth = np.array(names)[flip.truth[table["row"].to_numpy()]]
    right = table["suggested"].to_numpy() == truth
    scores = {f"{w} loss": -table[f"{w}_loss"].to_numpy() for w in ("mean", "last")}
    return scores, float(right[flip.wrong].mean())


def _precision_and_recall(found: Marks, wrong: Marks) -> tuple[float, float]:
    hits = int((found & wrong).sum())
    return hits / max(1, int(found.sum())), hits / max(1, int(wrong.sum()))


def _print(name: str, found: list[Found]) -> None:
    for title, part in (("", "precision"), (", first k", "first")):
        cells = [_cell([getattr(each, part)[ranking] for each in found]) for ranking in RANKINGS]
        print(f"{name + title:24}", *(f"{cell:>28}" for cell in cells))
    for who in found[0].issues:
        precision, recall = zip(*(each.issues[who] for each in found), strict=True)
        print(f"{name}, decided, {who}: precision {_cell(precision)}, recall {_cell(recall)}")
    right = _cell([each.suggested for each in found])
    print(f"{name}, true class suggested by the losses: {right}", flush=True)


def _cell(values: list[float] | tuple[float, ...]) -> str:
    spread = f" ± {np.std(values, ddof=1):.3f}" if len(values) > 1 else ""
    return f"{np.mean(values):.3f}{spread}"
