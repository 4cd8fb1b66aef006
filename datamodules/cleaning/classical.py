"""Classical models of a few seconds, which say how likely each class is to a row."""

from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from datamodules.edges import edge_strengths
from datamodules.features.categorical import Categorical
from datamodules.features.numeric import Numeric
from datamodules.features.table import TableFeatures
from datamodules.features.values import as_text
from datamodules.records import Records
from datamodules.splits.split import Rows

Floats = NDArray[np.float64]

SIDE = 32
"""Longer sides of images are made so short: what a label says can be seen in few pixels."""
DIRECTIONS = 9
BOOSTED = 255
"""Categories of a column that boosting takes as such; with more, their ids are taken as numbers."""


class Classifier(Protocol):
    """A model that is fitted on some rows and asked about others."""

    def __call__(self, records: Records, train: Rows, labels: Rows, asked: Rows) -> Floats:
        """Return the probability of each class of ``labels``, in their order, (M, C).

        Args:
            records: every row of the source; only the rows that are named are looked at.
            train: (N,) row numbers to learn from.
            labels: (N,) their classes.
            asked: (M,) row numbers to be told of.
        """
        ...


class TableClassifier:
    """The mean of gradient boosting and logistic regression on the columns of a table.

    Boosting sees missing values and categories as they are; the regression sees what
    :class:`~datamodules.features.table.TableFeatures` makes of them, categories one-hot. Under a
    tenth of wrong labels the mean ranks them better than either.

    Args:
        columns: that may be looked at.
        seed: makes boosting repeatable.
    """

    def __init__(self, columns: list[str], seed: int = 0) -> None:
        self.columns = columns
        self.seed = seed

    def __call__(self, records: Records, train: Rows, labels: Rows, asked: Rows) -> Floats:
        """Return the mean of both models' probabilities."""
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.linear_model import LogisticRegression

        skip = [name for name in records.frame.columns if name not in self.columns]
        features = TableFeatures(Numeric([]), Categorical([]), [], skip)
        seen, others = records.take(train), records.take(asked)
        features.fit(seen)
        few = [size <= BOOSTED for size in _sizes(features)]
        boosting = HistGradientBoostingClassifier(
            # small steps and small trees: the defaults learn a tenth of wrong labels by heart
            learning_rate=0.05,
            max_leaf_nodes=8,
            l2_regularization=1.0,
            categorical_features=[False] * len(_counted(features)) + few,
            random_state=self.seed,
        ).fit(_as_given(features, seen), labels)
        linear = LogisticRegression(C=0.1, max_iter=500).fit(_one_hot(features, seen), labels)
        boosted: Floats = boosting.predict_proba(_as_given(features, others))
        regressed: Floats = linear.predict_proba(_one_hot(features, others))
        return (boosted + regressed) / 2


class ImageClassifier:
    """Logistic regression on landmarks in the space of pixels and of the directions of edges.

    The Nyström method (Williams and Seeger 2001) of a Gaussian kernel, on principal components.

    Args:
        seed: chooses the landmarks.
        landmarks: at most so many training images, to which the others are compared.
    """

    def __init__(self, seed: int = 0, landmarks: int = 500) -> None:
        self.seed = seed
        self.landmarks = landmarks

    def __call__(self, records: Records, train: Rows, labels: Rows, asked: Rows) -> Floats:
        """Return the probabilities."""
        from sklearn.decomposition import PCA
        from sklearn.kernel_approximation import Nystroem
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        assert records.images is not None
        parts = image_parts(records.images[torch.from_numpy(train)])
        scales = [1 / max(float(part.var(dim=0).sum()), 1e-12) ** 0.5 for part in parts]
        seen = _joined(parts, scales)
        others = _joined(image_parts(records.images[torch.from_numpy(asked)]), scales)
        pipeline = make_pipeline(
            PCA(min(60, *seen.shape), random_state=self.seed),
            Nystroem(
                gamma=0.5,  # the whole variance is that of two parts, 2
                n_components=min(self.landmarks, len(seen)),
                random_state=self.seed,
            ),
            LogisticRegression(C=3.0, max_iter=500),
        )
        told: Floats = pipeline.fit(seen, labels).predict_proba(others)
        return told


class TextClassifier:
    """Logistic regression on the words and pairs of words of a text, TF-IDF.

    Args:
        text: the column.
    """

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self, records: Records, train: Rows, labels: Rows, asked: Rows) -> Floats:
        """Return the probabilities."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        texts = as_text(records.frame[self.text]).fill_null("")
        words = TfidfVectorizer(
            ngram_range=(1, 2), min_df=min(2, len(train)), sublinear_tf=True, token_pattern=r"\w+"
        )
        model = make_pipeline(words, LogisticRegression(C=3.0, max_iter=500))
        try:
            model.fit(texts[train].to_list(), labels)
        except ValueError:  # no word stands in two texts: there is nothing to tell them apart by
            classes = int(labels.max()) + 1
            return np.full((len(asked), classes), 1 / classes)
        told: Floats = model.predict_proba(texts[asked].to_list())
        return told


def image_parts(images: Tensor) -> list[Tensor]:
    """Return what an image looks like as numbers: its pixels, and its edges by direction.

    Histograms of oriented gradients (Dalal and Triggs 2005) over cells of some 4 pixels, each
    divided by those around it.

    Args:
        images: (N, C, H, W) uint8.

    Returns:
        two of (N, F)
    """
    pixels = images.float() / 255
    height, width = (min(SIDE, side) for side in images.shape[2:])
    if (height, width) != tuple(images.shape[2:]):
        pixels = F.adaptive_avg_pool2d(pixels, (height, width))
    return [pixels.flatten(1), edge_directions(pixels.mean(dim=1)).flatten(1)]


def edge_directions(grey: Tensor) -> Tensor:
    """Return how strong the edges of each direction are in each cell: (N, H, W) -> (N, D, Y, X)."""
    rows, columns = (max(min(4, side), side // 4) for side in grey.shape[1:])
    strengths = edge_strengths(grey, DIRECTIONS, signed=False)
    summed = F.adaptive_avg_pool2d(strengths, (rows, columns))  # (N, D, Y, X)
    around = F.avg_pool2d(summed.square().sum(1, keepdim=True), 3, 1, 1, count_include_pad=False)
    return summed / (around + 1e-4).sqrt()


def _joined(parts: list[Tensor], scales: list[float]) -> Floats:
    """Return parts side by side, so that they count alike: (N, F) each -> (N, 2F)."""
    scaled = [part * scale for part, scale in zip(parts, scales, strict=True)]
    joined: Floats = torch.cat(scaled, dim=1).double().numpy()
    return joined


MISSING = " is missing"
"""The end of the name of a number that marks a gap in another."""


def _counted(features: TableFeatures) -> list[str]:
    """Return the names of the numbers that mark no gap."""
    return [name for name in features.number_names if not name.endswith(MISSING)]


def _sizes(features: TableFeatures) -> list[int]:
    """Return how many ids each column of categories has."""
    return [size for part in features.all for size in part.cardinalities]


def _as_given(features: TableFeatures, records: Records) -> Floats:
    """Return numbers with NaN where training knows them to be missing, and ids of categories."""
    numbers = features.numbers(records.frame, records.origin).double().numpy()
    columns = dict(zip(features.number_names, numbers.T, strict=True))
    for name in _counted(features):
        gaps = columns.get(f"{name}{MISSING}")
        if gaps is not None:
            columns[name][gaps == 1] = np.nan
    counted = [columns[name][:, None] for name in _counted(features)]
    return np.concatenate([*counted, features.ids(records.frame)], axis=1)


def _one_hot(features: TableFeatures, records: Records) -> Floats:
    """Return scaled numbers, and a column of 0 and 1 for each category."""
    ids = features.ids(records.frame).long()
    marks = [F.one_hot(ids[:, place], size) for place, size in enumerate(_sizes(features))]
    numbers = features.numbers(records.frame, records.origin)
    return torch.cat([numbers, *marks], dim=1).double().numpy()
