"""Bytes of a file as a tensor."""

from pathlib import Path

import torch

from datamodules.mapped import file_of, mapped

PATH = Path("values")


def test_the_bytes_in_their_shape():
    PATH.write_bytes(bytes(range(24)))
    values = mapped(PATH, (2, 3, 4))
    assert values is not None
    assert torch.equal(values, torch.arange(24, dtype=torch.uint8).view(2, 3, 4))
    again = mapped(PATH, (4, 6))
    assert again is not None
    assert again.data_ptr() == values.data_ptr()  # one map is enough
    assert file_of(values) == file_of(again) == "values"
    assert file_of(values[1:]) is None
    assert file_of(values[:1]) is None
    assert file_of(torch.zeros(24)) is None


def test_a_file_of_another_length_is_not_it():
    assert mapped(PATH, (24,)) is None
    for size in (23, 25):
        PATH.write_bytes(bytes(size))
        assert mapped(PATH, (24,)) is None
    PATH.write_bytes(b"")
    assert mapped(PATH, (0, 3)) is None


def test_a_file_in_the_place_of_another_is_seen_and_the_first_stays_readable():
    PATH.write_bytes(bytes([1] * 5))
    first = mapped(PATH, (5,))
    Path("other").write_bytes(bytes([2] * 5))
    Path("other").replace(PATH)
    second = mapped(PATH, (5,))
    assert first is not None
    assert second is not None
    assert first.tolist() == [1] * 5
    assert second.tolist() == [2] * 5
