"""One class a row: which there are, in which order, and what is said of a strange one."""

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.targets.classes import Classes


def frame(*values) -> pl.DataFrame:
    return pl.DataFrame({"y": list(values)})


def names(*values) -> list[str]:
    return Classes.of(frame(*values), "y", "rows.csv").names


def test_words_are_ordered_by_the_alphabet_and_numbers_by_size():
    assert names("b", "c", "a") == ["a", "b", "c"]
    assert names(10, 9, 100) == ["9", "10", "100"]
    assert names(True, False) == ["false", "true"]
    assert names(2.5, 10.0, 9.0) == ["2.5", "9", "10"]


def test_each_row_gets_the_number_of_its_class():
    rows = frame("b", "a", "b", "c")
    encoded = Classes.of(rows, "y", "rows.csv").encode(rows, "rows.csv")
    assert encoded.tolist() == [1, 0, 1, 2]
    assert encoded.dtype == torch.int64


def test_space_around_a_name_is_no_part_of_it():
    assert names(" yes", "no", "yes", "no ") == ["no", "yes"]


def test_a_whole_number_is_the_same_class_as_a_float():
    classes = Classes.of(frame(0.5, 1.0, 2.0), "y", "rows.csv")
    assert classes.names == ["0.5", "1", "2"]
    assert classes.encode(frame(2.0, 1.0), "new.csv").tolist() == [2, 1]  # whole ones alone
    assert classes.encode(frame(1, 2), "new.csv").tolist() == [1, 2]
    assert classes.encode(frame("0.5", "2"), "new.csv").tolist() == [0, 2]
    assert names(1e20, 1.0)[0] == "1"  # too large for an int64


def test_a_class_that_training_never_saw_is_told():
    classes = Classes.of(frame("cat", "dog"), "y", "rows.csv")
    with pytest.raises(UserError) as caught:
        classes.encode(frame("cat", "dogs"), "new.csv")
    assert str(caught.value) == (
        "new.csv: 'y' is 'dogs' in row 2, which is no class that was learnt. "
        "Did you mean 'dog'? Valid: 'cat', 'dog'."
    )


def test_one_class_is_nothing_to_learn():
    with pytest.raises(UserError, match=r"every row has the same 'y', 'a'"):
        names("a", "a ")


def test_nearly_as_many_classes_as_rows_are_refused():
    assert len(names(*range(30), *range(30))) == 30
    with pytest.raises(UserError, match=r"'y' has 31 different values in 60 rows, too many"):
        names(*range(31), *range(29))


def test_strata_are_the_classes():
    encoded = torch.tensor([2, 0, 1])
    assert Classes("y", ["a", "b", "c"]).strata(encoded).tolist() == [2, 0, 1]


def test_the_spec_counts_the_training_rows_of_each_class():
    two = Classes("y", ["a", "b"]).describe(torch.tensor([1, 0, 1]))
    assert (two.kind, two.names, two.counts, two.rows) == ("binary", ["a", "b"], [1, 2], 3)
    three = Classes("y", ["a", "b", "c"]).describe(torch.tensor([1, 0, 1]))
    assert (three.kind, three.counts) == ("multiclass", [1, 2, 0])


def test_training_rows_of_one_class_are_refused():
    with pytest.raises(UserError, match=r"training rows have a single 'y': hold out fewer"):
        Classes("y", ["a", "b"]).describe(torch.tensor([1, 1]))


@pytest.mark.parametrize("kind", [pl.Duration, pl.Binary])
def test_values_that_can_be_no_class_are_told(kind):
    values = pl.Series([1, 2, 1]).cast(kind) if kind == pl.Duration else pl.Series([b"a", b"b"])
    with pytest.raises(UserError, match="which can be no target"):
        Classes.of(pl.DataFrame({"y": values}), "y", "rows.parquet")


def test_a_strange_class_is_told_with_its_row_in_the_source():
    classes = Classes.of(frame("cat", "dog"), "y", "rows.csv")
    with pytest.raises(UserError, match="'y' is 'cow' in row 8, "):
        classes.encode(frame("cat", "cow"), "new.csv", np.array([3, 7]))
