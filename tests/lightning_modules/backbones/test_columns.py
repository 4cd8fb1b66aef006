"""The columns of a table and the embeddings of its categories."""

import pytest
import torch

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.columns import CategoryEmbeddings, Columns

NUMBERS, CATEGORIES = torch.rand(4, 2), torch.ones(4, 1, dtype=torch.int64)
NUMERIC = DataSpec({"numeric": [2]})
CATEGORICAL = DataSpec({"categorical": [1]}, cardinalities={"categorical": [3]})
BOTH = DataSpec({"numeric": [2], "categorical": [1]}, cardinalities={"categorical": [3]})


def test_one_input_is_told_by_the_spec():
    numbers, nothing = Columns(NUMERIC, "Net").split(NUMBERS, None, None)
    assert numbers is NUMBERS
    assert nothing is None
    nothing, categories = Columns(CATEGORICAL, "Net").split(CATEGORIES, None, None)
    assert nothing is None
    assert categories is CATEGORIES


def test_two_inputs_come_by_name():
    numbers, categories = Columns(BOTH, "Net").split(None, NUMBERS, CATEGORIES)
    assert numbers is NUMBERS
    assert categories is CATEGORIES
    with pytest.raises(TypeError, match="numeric="):
        Columns(BOTH, "Net").split(NUMBERS, None, None)


def test_a_kind_without_columns_is_left_out():
    spec = DataSpec({"numeric": [2], "categorical": [0]})
    empty = torch.empty(4, 0, dtype=torch.int64)
    numbers, nothing = Columns(spec, "Net").split(None, NUMBERS, empty)
    assert numbers is NUMBERS
    assert nothing is None


def test_an_image_is_no_table():
    with pytest.raises(UserError, match="Net wants the columns of a table"):
        Columns(DataSpec({"image": [1, 8, 8]}), "Net")


def test_columns_share_no_vector_and_id_zero_is_neutral():
    embeddings = CategoryEmbeddings([3, 2, 4], size=5)
    sizes = torch.tensor([3, 2, 4])
    rows = torch.stack([torch.minimum(torch.tensor(i), sizes - 1) for i in range(4)])
    embedded = embeddings(rows)
    assert embedded.shape == (4, 3, 5)
    assert (embedded[0] == 0).all()
    distinct = torch.cat([embedded[1:3, 0], embedded[1:2, 1], embedded[1:4, 2]])
    assert len({tuple(vector.tolist()) for vector in distinct}) == 6
    assert (distinct != 0).all()


def test_a_column_reads_its_own_rows_of_the_table():
    embeddings = CategoryEmbeddings([3, 2], size=1)
    with torch.no_grad():
        embeddings.embedding.weight.copy_(torch.arange(5.0)[:, None])
    embedded = embeddings(torch.tensor([[2, 0], [0, 1]]))
    torch.testing.assert_close(embedded[:, :, 0], torch.tensor([[2.0, 3.0], [0.0, 4.0]]))
