"""Tables from a user's own files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.impute import SimpleImputer

from datamodules.cleaning.interquartile_range import InterquartileRange
from datamodules.errors import UserError
from datamodules.features.numeric import Numeric
from datamodules.features.past import Lags
from datamodules.features.steps.scaling import Standard
from datamodules.features.table import TableFeatures
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.grouped import GroupedSplit
from datamodules.splits.stratified import StratifiedSplit
from datamodules.tabular import TabularDataModule


def prepared(source, **settings) -> TabularDataModule:
    data = TabularDataModule(str(source), **settings)
    data.setup("fit")
    return data


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "json", "parquet"])
def test_every_kind_of_file_gives_the_same_data(people, tmp_path, suffix):
    path, frame = tmp_path / f"table.{suffix}", pl.read_csv(people)
    write: dict[str, Callable[[Path], None]] = {
        "csv": frame.write_csv,
        "tsv": lambda file: frame.write_csv(file, separator="\t"),
        "jsonl": frame.write_ndjson,
        "json": frame.write_json,
        "parquet": frame.write_parquet,
    }
    write[suffix](path)
    data, expected = prepared(path, target="buys"), prepared(people, target="buys")
    assert data.spec.as_config() == expected.spec.as_config()
    assert data.trained is not None
    assert expected.trained is not None
    assert data.trained.same_as(expected.trained)


@pytest.mark.parametrize(
    ("target", "separator", "kind", "names"),
    [
        ("buys", None, "binary", ["no", "yes"]),
        ("plan", None, "multiclass", ["basic", "free", "gold"]),
        ("likes", "|", "multilabel", ["art", "food", "golf"]),
        ("spends", None, "regression", ["spends"]),
        (["saves", "spends"], None, "regression", ["saves", "spends"]),
    ],
)
def test_the_target_describes_itself_and_is_no_input(people, target, separator, kind, names):
    spec = prepared(people, target=target, separator=separator).spec
    assert spec.target is not None
    assert (spec.target.kind, spec.target.names) == (kind, names)
    seen = [name for names in spec.columns.values() for name in names]
    assert not {target} & set(seen) if isinstance(target, str) else not {*target} & {*seen}


def test_settings_reach_the_features(people):
    numbers = prepared(people, target="buys", categories=["age"], scaling="standard").spec
    assert "age" in numbers.columns["categorical"]
    assert "age" not in numbers.columns["numeric"]
    data = prepared(people, target="buys", scaling="standard")
    assert data.store is not None
    assert data.split is not None
    inputs = data.store[data.split.train.tolist()]["inputs"]
    assert isinstance(inputs, dict)
    height = inputs["numeric"][:, data.spec.columns["numeric"].index("height")].double()
    assert float(height.mean()) == pytest.approx(0, abs=1e-6)
    assert float(height.std(correction=0)) == pytest.approx(1, abs=1e-6)
    counts = [
        prepared(people, target="buys", min_count=rows).spec.cardinalities["categorical"]
        for rows in (1, 1000)
    ]
    assert all(common > rare for common, rare in zip(*counts, strict=True))


@pytest.mark.parametrize("scaling", ["quantile", "standard", "minmax", "robust"])
@pytest.mark.parametrize("imputation", ["median", "mean", "most_frequent", -1.0])
def test_scaling_and_imputation_are_those_of_scikit_learn(people, scaling, imputation):
    data = prepared(people, target="buys", scaling=scaling, imputation=imputation)
    assert data.trained is not None
    assert isinstance(data.trained.features, TableFeatures)
    numbers = data.trained.features.picked[0]
    assert isinstance(numbers, Numeric)
    train = pl.read_csv(people)[data.trained.split.train]
    filled = [train[name].to_numpy() for name in numbers.columns]
    how = {"strategy": "constant", "fill_value": imputation}
    if isinstance(imputation, str):
        how = {"strategy": imputation}
    expected = SimpleImputer(**how).fit(np.stack(filled, axis=1)).statistics_
    assert numbers.pipeline.fills == pytest.approx(expected)
    assert type(numbers.pipeline.steps[0]).__name__.lower() == scaling


def test_features_are_kept_as_plain_values(people):
    data = prepared(people, target="buys", features=[Numeric("age", steps=[Standard()])])
    told = data.hparams["features"]
    assert told == [
        {
            "class_path": "datamodules.features.numeric.Numeric",
            "init_args": {
                "columns": ["age"],
                "steps": [
                    {
                        "class_path": "datamodules.features.steps.scaling.Standard",
                        "init_args": {},
                    }
                ],
            },
        }
    ]
    assert "Numeric of 'age'" in " ".join(data.notes)


@pytest.mark.parametrize("setting", ["leave_out", "categories"])
def test_a_named_column_must_be_there(people, setting):
    with pytest.raises(UserError, match=rf"^--data\.{setting}: .* has no column 'hight'.*'height'"):
        prepared(people, target="buys", **{setting: ["hight"]})


def test_new_rows_need_the_columns_of_training(people, tmp_path):
    data = prepared(people, target="buys")
    pl.read_csv(people).drop("height").write_csv(tmp_path / "less.csv")
    other = TabularDataModule(str(tmp_path / "less.csv"))
    other.load_state_dict(data.state_dict())
    with pytest.raises(UserError, match=r"lacks columns that the model was trained on: 'height'"):
        other.setup("predict")


def test_new_rows_are_held_to_what_training_rows_were_before_any_step(people):
    frame = pl.read_csv(people)
    frame.with_columns(height=pl.Series([900.0, *frame["height"][1:]])).write_csv(people)
    data = TabularDataModule(
        str(people),
        "buys",
        cleaning=[InterquartileRange(["height"])],
        split=StratifiedSplit(0, 0),
    )
    data.setup("fit")
    assert data.trained is not None
    assert data.trained.contract.columns["height"]["in_range"]["max_value"] == 900


@pytest.mark.parametrize(
    ("split", "told"), [(None, True), (TimeSplit("height"), False), (GroupedSplit("city"), False)]
)
def test_a_split_that_lets_training_rows_see_held_out_ones_is_told(people, split, told):
    lags = Lags("age", "height", "city")
    data = TabularDataModule(str(people), "buys", features=[lags], split=split)
    data.setup("fit")
    assert told == any("--data.split.time height holds out the last" in note for note in data.notes)
