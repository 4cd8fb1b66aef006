"""Rows as often as they are due: exactly in the mean, and nearly so in each epoch."""

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.loader import RowBatches, load
from datamodules.samplers.drawing import Drawing, times_seen
from datamodules.store import Dense, Store

WEIGHTS = st.lists(st.floats(0, 9), min_size=1, max_size=50).filter(lambda each: sum(each) > 0.1)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(drawing: Drawing, batch_size: int = 6, seed: int = 0, **how) -> RowBatches:
    rows = torch.arange(len(drawing.weights)) + 100
    return RowBatches(rows, batch_size, shuffle=True, seed=seed, drawing=drawing, **how)


@given(WEIGHTS, st.integers(0, 5))
@settings(deadline=None)
def test_a_row_is_had_as_often_as_it_is_due_but_for_one(weights, seed):
    drawing = Drawing(torch.tensor(weights, dtype=torch.float64))
    places = drawing.places(generator(seed))
    assert len(places) == len(weights)
    counts = places.bincount(minlength=len(weights))
    assert (counts - drawing.expected).abs().max() < 1 + 1e-9
    assert not counts[drawing.weights == 0].any()


@given(WEIGHTS, st.integers(0, 5))
@settings(deadline=None)
def test_so_is_a_kind(weights, seed):
    kinds = torch.arange(len(weights)) % 3
    drawing = Drawing(torch.tensor(weights, dtype=torch.float64), kinds)
    places = drawing.places(generator(seed))
    had = kinds[places].bincount(minlength=3)
    due = torch.zeros(3, dtype=torch.float64).index_add_(0, kinds, drawing.expected)
    assert (had - due).abs().max() < 1 + 1e-9


def test_over_many_epochs_each_row_is_had_as_often_as_it_is_due():
    drawing = Drawing(torch.tensor([1.0, 2.0, 0.3, 5.0, 0.0, 1.1]))
    epochs = [drawing.places(generator(seed)).bincount(minlength=6) for seed in range(2000)]
    torch.testing.assert_close(
        torch.stack(epochs).double().mean(0), drawing.expected, atol=0.04, rtol=0
    )


def test_equal_weights_are_each_row_once():
    places = Drawing(torch.full((17,), 0.1)).places(generator())
    assert places.sort().values.tolist() == list(range(17))


def test_how_often_a_row_was_had_is_counted_from_the_beginning():
    assert times_seen(torch.tensor([4, 2, 4, 4, 0, 2])).tolist() == [0, 0, 1, 2, 0, 1]


@given(WEIGHTS, st.integers(1, 9), st.integers(1, 3), st.booleans())
@settings(deadline=None)
def test_processes_share_the_batches_of_one(weights, batch_size, world, with_lengths):
    drawing = Drawing(torch.tensor(weights, dtype=torch.float64))
    lengths = torch.arange(len(weights)) * 7 % 13 if with_lengths else None
    # a rank must have a row where there are as many, so one process is given batches as large
    how = {"batch_size": max(batch_size, 8 * world), "lengths": lengths}
    alone = drawn(drawing, **how)
    shares = [drawn(drawing, rank=rank, world=world, **how) for rank in range(world)]
    for epoch in (0, 3):
        for each in (alone, *shares):
            each.set_epoch(epoch)
        parts = [list(share) for share in shares]
        assert len({len(part) for part in parts} | {len(shares[0])}) == 1
        if not with_lengths:
            for whole, *pieces in zip(alone, *parts, strict=True):
                for rank, piece in enumerate(pieces):
                    assert torch.equal(piece, whole[:, rank::world])
        rows = torch.cat([piece for part in parts for piece in part], dim=1)
        assert len(rows.unique(dim=1).T) == len(weights)  # a row and its time are had once


def test_a_resumed_epoch_goes_on_with_the_next_batch():
    drawing = Drawing(torch.rand(40, generator=generator()))
    whole = drawn(drawing)
    whole.set_epoch(2)
    resumed = drawn(drawing)
    resumed.begin_at(2, 3)
    assert all(torch.equal(a, b) for a, b in zip(list(whole)[3:], resumed, strict=True))
    other = drawn(drawing)
    other.set_epoch(1)
    assert not torch.equal(next(iter(other)), next(iter(drawn(drawing, seed=1))))


def test_texts_of_like_lengths_still_share_a_batch_and_epochs_are_as_long():
    lengths = torch.randint(1, 100, (400,), generator=generator())
    drawing = Drawing(lengths**3.0)  # the long ones for the most part
    batches = drawn(drawing, 32, lengths=lengths)
    assert len(batches) < len(RowBatches(torch.arange(400), 32, lengths=lengths))
    for epoch in range(3):
        batches.set_epoch(epoch)
        cut = list(batches)
        assert len(cut) == len(batches)
        assert sum(batch.shape[1] for batch in cut) == 400
        spans = [lengths[batch[0] - 100] for batch in cut]
        padded = sum(int(span.max()) * len(span) for span in spans)
        assert sum(int(span.sum()) for span in spans) / padded > 0.9
        assert sum(batches.whole_sizes(epoch)) == 400


def test_a_batch_says_how_often_the_epoch_had_its_rows():
    store = Store({"numeric": Dense(torch.arange(200.0)[:, None])}, torch.zeros(200))
    loaded = list(load(store, drawn(Drawing(torch.tensor([1.0] * 9 + [9.0])))))
    seen = [(int(i), int(t)) for b in loaded for i, t in zip(b["index"], b["times"], strict=True)]
    assert len(set(seen)) == len(seen) == 10
    assert max(times for _, times in seen) >= 3
    assert all(torch.equal(b["inputs"][:, 0].long(), b["index"]) for b in loaded)
