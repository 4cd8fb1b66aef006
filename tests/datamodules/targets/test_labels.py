"""Any number of labels a row, from cells, lists or a column each."""

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.targets.labels import Labels


def frame(*cells) -> pl.DataFrame:
    return pl.DataFrame({"y": list(cells)}, strict=False)


def labels(rows: pl.DataFrame, separator: str | None = None) -> Labels:
    return Labels.of(rows, rows.columns, separator, "rows.csv")


def test_cells_are_taken_apart_and_labels_ordered_by_the_alphabet():
    rows = frame("b|a", "c", "a")
    target = labels(rows, "|")
    assert target.names == ["a", "b", "c"]
    encoded = target.encode(rows, "rows.csv")
    assert encoded.tolist() == [[1, 1, 0], [0, 0, 1], [1, 0, 0]]
    assert encoded.dtype == torch.float32


def test_space_repeats_and_empty_labels_do_not_count():
    rows = frame(" a | b", "a||a", "|")
    target = labels(rows, "|")
    assert target.names == ["a", "b"]
    assert target.encode(rows, "rows.csv").tolist() == [[1, 1], [1, 0], [0, 0]]


def test_lists_need_no_separator_and_may_be_empty():
    rows = frame(["a", "b"], [], ["b", None], ["", "a"])
    target = labels(rows)
    assert target.names == ["a", "b"]
    assert target.encode(rows, "rows.csv").tolist() == [[1, 1], [0, 0], [0, 1], [1, 0]]


def test_columns_are_labels_in_the_order_given():
    rows = pl.DataFrame({"z": [1, 0], "a": [True, False], "m": [0.0, 1.0], "n": ["1", "0"]})
    target = labels(rows)
    assert target.names == ["z", "a", "m", "n"]
    assert target.encode(rows, "rows.csv").tolist() == [[1, 1, 0, 1], [0, 0, 1, 0]]


def test_a_label_that_training_never_saw_is_told():
    with pytest.raises(UserError) as caught:
        labels(frame("a|b", "a"), "|").encode(frame("a|c", "b"), "new.csv")
    assert str(caught.value) == (
        "new.csv: 'y' holds the label 'c' in row 1, which no training row had. Valid: 'a', 'b'."
    )


def test_a_column_of_marks_holds_nothing_else():
    target = labels(pl.DataFrame({"a": [0, 1], "b": [1, 0]}))
    with pytest.raises(
        UserError, match=r"a column for each label holds 0 or 1, but 'b' is '2' in row 2"
    ):
        target.encode(pl.DataFrame({"a": [0, 1], "b": [1, 2]}), "new.csv")


def test_cells_that_nothing_separates_are_refused():
    with pytest.raises(UserError, match=r"say what separates them, such as --data\.separator '\|'"):
        labels(frame("a b", "a"))
    with pytest.raises(UserError, match=r"no row has a label in 'y'"):
        labels(frame("|", ""), "|")


def test_strata_are_each_row_s_rarest_label():
    # three rows have a, two have b, one has c
    encoded = torch.tensor([[1, 0, 1], [1, 1, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]]).float()
    strata = Labels(["y"], ["a", "b", "c"], "|").strata(encoded).tolist()
    with_c, with_b, with_a, only_b, with_none = strata
    assert with_b == only_b
    assert len({with_c, with_b, with_a, with_none}) == 4


def test_the_spec_counts_the_training_rows_of_each_label():
    spec = Labels(["y"], ["a", "b"], "|").describe(torch.tensor([[1.0, 1], [1, 0], [0, 0]]))
    assert (spec.kind, spec.names, spec.counts, spec.rows) == ("multilabel", ["a", "b"], [2, 1], 3)
