"""What a model says of rows that it was not fitted on."""

import numpy as np
from numpy.typing import NDArray

from datamodules.cleaning.classical import (
    Classifier,
    Floats,
    ImageClassifier,
    TableClassifier,
    TextClassifier,
)
from datamodules.cleaning.step import TrainingRows
from datamodules.progress import progress
from datamodules.splits.split import Rows


def classifier_for(training: TrainingRows, seed: int = 0) -> Classifier:
    """Return the classical model that suits the rows: images, texts or a table."""
    if training.records.images is not None:
        return ImageClassifier(seed)
    if training.text is not None:
        return TextClassifier(training.text)
    return TableClassifier(training.columns, seed)


def out_of_fold(
    training: TrainingRows, labels: Rows, classes: int, folds: int = 5, seed: int = 0
) -> Floats:
    """Return class probabilities of each training row by a model that has not seen it.

    Args:
        training: the rows; everything is fitted within each fold's rest of them.
        labels: (N,) their classes.
        classes: how many there are, C.
        folds: in how many parts the rows are dealt, at least two.
        seed: deals the rows.

    Returns:
        (N, C)
    """
    model = classifier_for(training, seed)
    fold_of = dealt(labels, folds, seed)
    probabilities = np.zeros((len(labels), classes))
    with progress("looking for wrong labels", folds) as work:
        for fold in range(folds):
            learnt, asked = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
            if not len(asked):
                continue
            present, places = np.unique(labels[learnt], return_inverse=True)
            told = (
                np.ones((len(asked), 1))
                if len(present) < 2
                else model(training.records, training.rows[learnt], places, training.rows[asked])
            )
            probabilities[np.ix_(asked, present)] = told
            work.advance()
    return probabilities


def dealt(labels: Rows, folds: int, seed: int) -> NDArray[np.int64]:
    """Deal rows into folds, each class as evenly as it goes: (N,) fold numbers."""
    order = np.lexsort((np.random.default_rng(seed).random(len(labels)), labels))
    fold_of = np.empty(len(labels), dtype=np.int64)
    fold_of[order] = np.arange(len(labels)) % folds
    return fold_of
