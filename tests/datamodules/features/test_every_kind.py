"""What holds for every class of features: nothing of held-out rows, and a state that is plain."""

import copy
import datetime as dt
import io
from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.features.categorical import Categorical
from datamodules.features.column_features import ColumnFeatures
from datamodules.features.dates import Dates
from datamodules.features.embeddings import Embeddings, Vectors
from datamodules.features.made_of import built, told
from datamodules.features.numeric import Numeric
from datamodules.features.past import Lags, Rolling
from datamodules.features.steps.pca import PCA
from datamodules.features.steps.power import Log1p, YeoJohnson
from datamodules.features.steps.quantile import Quantile
from datamodules.features.steps.scaling import Clip, MinMax, Robust, Standard
from fulgurite.kinds import classes_of

ROWS = 40
TRAIN = np.arange(0, ROWS, 2)


class Lengths(Embeddings):
    """Embeds a word by its length and its first letter."""

    def __init__(self, column: str, checkpoint: str) -> None:
        super().__init__(column, checkpoint, batch_size=4, steps=[Standard()])

    def embed(self, values: list[str], origin: str) -> Iterator[tuple[list[int], Vectors]]:
        yield (
            list(range(len(values))),
            np.array([[len(value), ord(value[0])] for value in values], dtype=np.float32),
        )


def table() -> pl.DataFrame:
    rng = np.random.default_rng(0)
    return pl.DataFrame(
        {
            "x": [None if i % 7 == 0 else float(x) for i, x in enumerate(rng.lognormal(size=ROWS))],
            "z": rng.normal(size=ROWS),
            "word": rng.choice(["a", "bb", "ccc"], ROWS),
            "size": [None if i % 6 == 0 else str(i % 4) for i in range(ROWS)],
            "day": [dt.date(2020, 1, 1) + dt.timedelta(int(d)) for d in rng.integers(0, 900, ROWS)],
            "series": rng.choice(["one", "two"], ROWS),
        }
    )


STEPS = [
    Standard(),
    MinMax(),
    Robust(),
    Clip(),
    Quantile(),
    Quantile(9, "ranks"),
    Log1p(),
    YeoJohnson(),
]
EVERY = {
    **{f"{type(s).__name__} {i}": Numeric(["x"], steps=[s]) for i, s in enumerate(STEPS)},
    "PCA": Numeric(["x", "z"], "mean", steps=[Standard(), PCA(1)]),
    "plain": Numeric(["x", "z"], "most_frequent", indicators=False, steps=[]),
    "ids": Categorical(["word", "size"]),
    "one hot": Categorical("size", "one_hot", fill="most_frequent"),
    "ordinal": Categorical("word", "ordinal", order=["a", "ccc", "bb"]),
    "dates": Dates("day"),
    "parts": Dates("day", parts=["year", "weekend"], cycles=["month"], steps=[Standard()]),
    "lags": Lags(["x", "z"], "day", "series", [1, 3]),
    "rolling": Rolling("x", "day", "series", [2, 5], ["mean", "std", "median"], steps=[Standard()]),
    "lengths": Lengths("word", __file__),
}


def fitted(features: ColumnFeatures, rows: pl.DataFrame) -> ColumnFeatures:
    again = copy.deepcopy(features)
    again.fit(rows, "here")
    return again


def outputs(features: ColumnFeatures, rows: pl.DataFrame) -> np.ndarray:
    """Return numbers and ids side by side, (N, D + K)."""
    ids = [column.to_numpy() for column in features.ids(rows)]
    columns = [*features.numbers(rows, "here"), *ids]
    assert len(columns) == len(features.names) + len(features.id_names)
    return np.stack(columns, axis=1)


HELD_OUT = st.fixed_dictionaries(
    {
        "x": st.none() | st.floats(),
        "z": st.none() | st.floats(-1e30, 1e30),
        "word": st.none() | st.sampled_from(["a", "new", ""]),
        "size": st.none() | st.sampled_from(["1", "99"]),
        "day": st.none() | st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)),
        "series": st.none() | st.sampled_from(["one", "three"]),
    }
)


@pytest.mark.parametrize("name", EVERY)
@given(row=st.integers(0, ROWS // 2 - 1), cells=HELD_OUT)
@settings(deadline=None, max_examples=15)
def test_no_held_out_row_changes_what_was_fitted(name, row, cells):
    rows = table().to_dicts()
    rows[2 * row + 1] |= cells
    changed = pl.DataFrame(rows, schema=table().schema)
    features = fitted(EVERY[name], changed[TRAIN])
    assert features.state_dict() == fitted(EVERY[name], table()[TRAIN]).state_dict()
    assert np.isfinite(outputs(features, changed)).all()


@pytest.mark.parametrize("name", EVERY)
def test_a_training_row_does_change_it(name):
    before = fitted(EVERY[name], table()[TRAIN]).state_dict()
    changed = table().with_columns(
        pl.col("x", "z") * 2,
        word=pl.lit("a"),
        size=pl.lit("7"),
        day=pl.col("day").dt.offset_by("1y"),
    )
    assert fitted(EVERY[name], changed[TRAIN]).state_dict() != before


@pytest.mark.parametrize("name", EVERY)
def test_the_state_survives_a_checkpoint_and_gives_equal_outputs(name):
    features = fitted(EVERY[name], table()[TRAIN])
    file = io.BytesIO()
    torch.save(told(features), file)
    file.seek(0)
    again = built(torch.load(file, weights_only=True))
    assert type(again) is type(EVERY[name])
    assert again.state_dict() == features.state_dict()
    assert np.array_equal(outputs(again, table()), outputs(features, table()))
    assert again.names == features.names
    assert again.cardinalities == features.cardinalities
    other = outputs(again, table()[:3])
    assert np.array_equal(other, outputs(features, table()[:3]))


@pytest.mark.parametrize("name", EVERY)
def test_rows_that_are_no_rows(name):
    features = fitted(EVERY[name], table()[TRAIN])
    assert outputs(features, table().clear()).shape[0] == 0
    nothing = table().with_columns(pl.lit(None, dtype=pl.String).alias(c) for c in table().columns)
    assert features.misfits(nothing) == {}
    assert np.isfinite(outputs(features, nothing)).all()


def test_every_class_is_among_these_or_needs_an_extra():
    tested = {type(features).__name__ for features in EVERY.values()}
    assert set(classes_of("features")) - tested == {"SentenceEmbedding", "ImageEmbedding"}
    assert set(classes_of("steps")) - {"PCA"} == {type(step).__name__ for step in STEPS}
