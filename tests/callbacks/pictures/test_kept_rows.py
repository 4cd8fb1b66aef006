"""Rows are kept within bounds, of every batch, and of every process."""

import functools
import math
import operator

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from callbacks.pictures import kept_rows
from callbacks.pictures.kept_rows import KeptRows, Rows, gathered, joined, share_of_batch
from datamodules.batch import StepOutput


def output(rows: list[int], width: int = 2) -> StepOutput:
    index = torch.tensor(rows)
    logits = torch.randn(len(rows), width)
    return {"loss": logits.sum(), "logits": logits, "target": index % 2, "index": index}


def test_all_rows_are_kept_where_there_is_room():
    kept, first, second = KeptRows(2), output([4, 5, 6]), output([1, 2])
    kept.add(first)
    kept.add(second)
    rows = kept.rows()
    assert rows is not None
    assert rows.index.tolist() == [4, 5, 6, 1, 2]
    assert rows.logits.equal(torch.cat([first["logits"], second["logits"]]))
    assert rows.target.tolist() == [0, 1, 0, 1, 0]
    assert kept.parts[0].logits is first["logits"]  # nothing is copied


def test_each_batch_gives_an_equal_share_and_is_let_go(monkeypatch):
    monkeypatch.setattr(kept_rows, "MOST_ROWS", 4)
    kept = KeptRows(2)
    for start in (0, 10):
        kept.add(output(list(range(start, start + 9))))
    rows = kept.rows()
    assert rows is not None
    assert rows.index.tolist() == [0, 1, 10, 11]
    assert kept.parts[0].logits.untyped_storage().nbytes() == 2 * 2 * 4


@given(
    width=st.integers(1, 10**7),
    batches=st.one_of(st.integers(1, 500), st.just(math.inf)),
    world=st.integers(1, 8),
)
def test_the_bounds_hold(width, batches, world):
    kept = 0
    for _ in range(int(min(batches, 500))):
        share = share_of_batch(width, batches, world, kept)
        assert share >= 0
        kept += min(share, 128)
    assert kept * world <= kept_rows.MOST_ROWS
    assert kept * world * width <= kept_rows.MOST_NUMBERS


def test_nothing_kept_is_nothing():
    assert KeptRows(3).rows() is None
    assert gathered(None, 1) is None


def test_rows_come_in_their_order():
    told = output([5, 2])
    rows = joined([Rows(told["logits"], told["target"], told["index"])])
    ordered = gathered(rows, 1)
    assert rows is not None
    assert ordered is not None
    assert ordered.index.tolist() == [2, 5]
    assert ordered.logits.equal(rows.logits.flip(0))


def _share(rank: int, file: str, given: list[list[int]]) -> None:
    torch.distributed.init_process_group("gloo", f"file://{file}", rank=rank, world_size=2)
    kept = KeptRows(1, world=2)
    if given[rank]:
        kept.add(output(given[rank]))
    rows = gathered(kept.rows(), 2)
    assert rows is not None
    assert rows.index.tolist() == sorted(functools.reduce(operator.iadd, given, []))
    torch.distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.parametrize("given", [[[0, 2, 4], [1, 3]], [[0, 1], []]])
def test_processes_put_their_rows_together(tmp_path, given):
    context = torch.multiprocessing.get_context("fork")
    file = str(tmp_path / "meet")
    children = [context.Process(target=_share, args=(rank, file, given)) for rank in (0, 1)]
    for child in children:
        child.start()
    for child in children:
        child.join(60)
    assert [child.exitcode for child in children] == [0, 0]
