"""Whole batches in one indexing operation, beside row by row."""

import pickle
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pad_sequence

from datamodules.mapped import mapped
from datamodules.store import NARROW, Dense, Pixels, Ragged, Store, narrowest


def ragged(sequences: list[list[int]]) -> Ragged:
    flat = torch.tensor([value for sequence in sequences for value in sequence], dtype=torch.int64)
    return Ragged(flat, torch.tensor([len(sequence) for sequence in sequences]))


def test_dense_rows_come_in_the_order_asked_for():
    values = torch.randn(5, 3)
    column = Dense(values)
    assert len(column) == 5
    assert torch.equal(column.take(torch.tensor([4, 0, 4])), values[[4, 0, 4]])


@pytest.mark.parametrize("ids", [1, 128, 129, 1 << 15, (1 << 15) + 1, 1 << 31, (1 << 31) + 1])
def test_ids_are_kept_narrow_and_given_wide(ids):
    kept = torch.tensor([[0], [ids - 1]]).to(narrowest(ids))
    assert kept[1, 0] == ids - 1
    if narrowest(ids) != torch.int8:  # no narrower type would do
        narrower = NARROW[[*NARROW, torch.int64].index(narrowest(ids)) - 1]
        assert torch.iinfo(narrower).max < ids - 1
    taken = Dense(kept).take(torch.tensor([1, 0]))
    assert taken.dtype == torch.int64
    assert taken.tolist() == [[ids - 1], [0]]


def test_every_byte_becomes_its_part_of_255():
    images = torch.arange(256, dtype=torch.uint8).reshape(4, 1, 8, 8)
    column = Pixels(images)
    taken = column.take(torch.tensor([3, 1]))
    assert taken.dtype == torch.float32
    assert torch.equal(taken, images[[3, 1]] / 255)
    assert (float(column.take(torch.arange(4)).min()), float(taken.max())) == (0, 1)
    assert images.dtype == torch.uint8


SEQUENCES = st.lists(st.lists(st.integers(1, 9), max_size=6), min_size=1, max_size=8)


@given(SEQUENCES, st.data())
@settings(deadline=None)
def test_ragged_rows_are_padded_to_the_longest_of_the_batch(sequences, data):
    rows = data.draw(st.lists(st.integers(0, len(sequences) - 1), min_size=1, max_size=10))
    column = ragged(sequences)
    taken = column.take(torch.tensor(rows))
    picked = [torch.tensor(sequences[row], dtype=torch.int64) for row in rows]
    expected = pad_sequence(picked, batch_first=True)
    assert len(column) == len(sequences)
    # one place at least, so that no model meets a batch without any
    assert taken.shape == (len(rows), max(1, expected.shape[1]))
    assert torch.equal(taken[:, : expected.shape[1]], expected)
    assert taken.dtype == torch.int64


def test_one_input_is_a_tensor_and_several_are_a_dictionary():
    numbers, ids = torch.randn(4, 2), torch.arange(4)[:, None]
    target = torch.tensor([0, 1, 0, 1])
    one = Store({"numeric": Dense(numbers)}, target)[[2, 0]]
    assert isinstance(one["inputs"], torch.Tensor)
    assert torch.equal(one["inputs"], numbers[[2, 0]])
    assert one["target"].tolist() == [0, 0]
    assert one["index"].tolist() == [2, 0]
    several = Store({"numeric": Dense(numbers), "ids": Dense(ids)})[torch.tensor([3])]
    assert "target" not in several
    assert isinstance(several["inputs"], dict)
    assert torch.equal(several["inputs"]["numeric"], numbers[[3]])
    assert torch.equal(several["inputs"]["ids"], ids[[3]])


@pytest.mark.parametrize(
    "column",
    [Dense(torch.ones(3, 2)), Pixels(torch.ones(3, 1, 2, 2).byte()), ragged([[1], [], [2, 3]])],
)
def test_a_batch_of_no_rows_is_empty(column):
    batch = Store({"x": column}, torch.zeros(3))[[]]
    assert [len(value) for value in batch.values()] == [0, 0, 0]  # type: ignore[arg-type]
    assert batch["index"].dtype == torch.int64


def test_length_and_lengths_of_the_rows():
    texts = Store({"tokens": ragged([[1], [], [2, 3]]), "x": Dense(torch.ones(3, 1))})
    assert len(texts) == 3
    assert texts.lengths is not None
    assert texts.lengths.tolist() == [1, 0, 2]
    assert Store({"x": Dense(torch.ones(3, 1))}).lengths is None


def test_mapped_images_are_sent_to_another_process_by_name():
    Path("images").write_bytes(bytes(range(24)))
    images = mapped(Path("images").absolute(), (2, 1, 3, 4))
    assert images is not None
    sent = pickle.dumps(Pixels(images))
    received = pickle.loads(sent)
    assert received.images.data_ptr() == images.data_ptr()
    rows = torch.tensor([1, 0])
    assert torch.equal(received.take(rows), Pixels(images.clone()).take(rows))
    part = pickle.loads(pickle.dumps(Pixels(images[1:])))  # not the whole file
    assert torch.equal(part.images, images[1:])
    Path("images").write_bytes(b"shorter")
    with pytest.raises(FileNotFoundError, match="is no longer what it was"):
        pickle.loads(sent)


def test_features_stand_in_for_inputs_of_every_length():
    store = Store({"tokens": ragged([[1], [2, 3], [4]])}, torch.tensor([0, 1, 2]))
    store.features = Dense(torch.tensor([[1.0], [2.0], [3.0]]))
    batch = store[[2, 0]]
    assert isinstance(batch["inputs"], dict)
    assert {name: each.tolist() for name, each in batch["inputs"].items()} == {
        "features": [[3.0], [1.0]]
    }
    assert (batch["target"].tolist(), store.lengths) == ([2, 0], None)
    own = store.own_inputs(torch.tensor([1]))
    assert isinstance(own, torch.Tensor)
    assert own.tolist() == [[2, 3]]
    store.features = None
    assert isinstance(store[[1]]["inputs"], torch.Tensor)
    assert store.lengths is not None
