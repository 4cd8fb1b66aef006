"""A path or shares where a split is named."""

from typing import Any

import pytest

from datamodules.errors import UserError
from fulgurite.split_paths import FILE, SHARES, with_split_path


def split_of(given: Any) -> Any:
    tree: dict[str, Any] = {
        "data": {"class_path": "TabularData", "init_args": {"source": "x", "split": given}}
    }
    told = with_split_path(tree)
    assert tree["data"]["init_args"]["split"] == given
    assert told["data"]["class_path"] == "TabularData"
    assert told["data"]["init_args"]["source"] == "x"
    return told["data"]["init_args"]["split"]


@pytest.mark.parametrize(
    "path",
    [
        "split.json",
        "Split.PARQUET",
        "parts.csv",
        "parts.tsv",
        "runs/3",
        "../..",
        "~/split",
        "C:\\runs\\3",
        "1.2.3/4",
        "./.",
    ],
)
def test_a_path_stands_for_its_class(path):
    assert split_of(path) == {"class_path": FILE, "init_args": {"path": path}}


def test_a_file_that_is_there_needs_no_suffix(tmp_path):
    (tmp_path / "parts").touch()
    assert split_of("parts") == {"class_path": FILE, "init_args": {"path": "parts"}}


def test_further_arguments_are_kept():
    given = {"class_path": "split.json", "init_args": {"val": 0.2}}
    assert split_of(given) == {"class_path": FILE, "init_args": {"path": "split.json", "val": 0.2}}
    given = {"class_path": "60/20/20", "init_args": {"seed": 3}}
    assert split_of(given) == {
        "class_path": SHARES,
        "init_args": {"val": 0.2, "test": 0.2, "seed": 3},
    }


@pytest.mark.parametrize(
    ("shares", "val", "test"),
    [
        ("60/20/20", 0.2, 0.2),
        (" 70 / 15 / 15 ", 0.15, 0.15),
        ("0.8/0.1/0.1", 0.1, 0.1),
        ("80/20", 0, 0.2),
        ("100/0/0", 0, 0),
        ("33.4/33.3/33.3", 0.333, 0.333),
        ("1/0", 0, 0),
        (".7/.2/.1", 0.2, 0.1),
    ],
)
def test_shares_stand_for_their_class(shares, val, test):
    assert split_of(shares) == {"class_path": SHARES, "init_args": {"val": val, "test": test}}


@pytest.mark.parametrize(
    ("shares", "said"),
    [
        ("60/20/10", "--data.split: the shares 60/20/10 add up to 90, not 100"),
        ("70/20/20", "the shares 70/20/20 add up to 110, not 100"),
        ("0.7/0.2/0.2", "the shares 0.7/0.2/0.2 add up to 1.1, not 1"),
    ],
)
def test_shares_that_do_not_add_up_are_told(shares, said):
    with pytest.raises(UserError) as caught:
        split_of(shares)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [
        "StratifiedSplit",
        "datamodules.splits.random.RandomSplit",
        {"class_path": "KFold", "init_args": {"folds": 3}},
        None,
        5,
    ],
)
def test_a_class_stays_as_it_is(given):
    assert split_of(given) == given


@pytest.mark.parametrize("tree", [{}, {"data": None}, {"data": "TabularData"}, {"data": {}}])
def test_a_config_without_a_split_stays_as_it_is(tree):
    assert with_split_path(tree) == tree


def test_data_that_are_told_without_a_class():
    tree = {"data": {"split": "60/20/20"}, "seed": 1}
    told = with_split_path(tree)
    assert told["seed"] == 1
    assert told["data"]["init_args"]["split"]["class_path"] == SHARES
