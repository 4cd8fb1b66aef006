"""Every row once an epoch, in an order that only (seed, epoch) decides, for any number of ranks."""

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from datamodules.loader import RowBatches, fitting_batch_size, load, position_of, similar_sizes
from datamodules.store import Dense, Store

LAYOUTS = st.fixed_dictionaries(
    {
        "batch_size": st.integers(1, 9),
        "shuffle": st.booleans(),
        "seed": st.integers(0, 3),
        "world": st.integers(1, 4),
    }
)
COUNTS = st.integers(0, 60)


def ranks(count: int, *, lengths: bool, world: int, **how) -> list[list[torch.Tensor]]:
    """Return the batches of each rank."""
    rows = torch.arange(count) * 3 + 1  # not 0, 1, 2, ...
    length = torch.randint(0, 9, (count,)) if lengths else None
    return [
        list(RowBatches(rows, lengths=length, rank=rank, world=world, **how))
        for rank in range(world)
    ]


@given(COUNTS, st.booleans(), LAYOUTS)
@settings(deadline=None)
def test_every_row_is_in_one_batch_of_one_rank(count, lengths, layout):
    seen = [batch for rank in ranks(count, lengths=lengths, **layout) for batch in rank]
    rows = torch.cat(seen).tolist() if seen else []
    assert sorted(rows) == [row * 3 + 1 for row in range(count)]


@given(COUNTS, st.booleans(), LAYOUTS)
@settings(deadline=None)
def test_ranks_step_together(count, lengths, layout):
    batches = ranks(count, lengths=lengths, **layout)
    sizes = [len(batch) for rank in batches for batch in rank]
    assert {len(rank) for rank in batches} == {len(batches[0])}
    assert bool(batches[0]) == (count > 0)
    if sizes:
        fewest = -(-layout["batch_size"] // layout["world"])  # of a full batch, for a rank
        assert max(sizes) <= fewest + (layout["batch_size"] < 2 * layout["world"])
        assert min(sizes) > 0 or count < layout["world"]
        assert lengths or max(sizes) - min(sizes) <= 1


@given(COUNTS, st.booleans(), st.integers(1, 9))
def test_there_are_as_many_batches_as_promised_in_every_epoch(count, given_lengths, batch_size):
    lengths = torch.arange(count) * 7 % 13 if given_lengths else None
    batches = RowBatches(torch.arange(count), batch_size, shuffle=True, lengths=lengths)
    for epoch in range(3):
        batches.set_epoch(epoch)
        assert len(list(batches)) == len(batches)


@given(COUNTS, st.booleans(), LAYOUTS)
@settings(deadline=None)
def test_how_many_rows_all_ranks_have_is_known_for_each_batch(count, lengths, layout):
    length = torch.arange(count) * 7 % 13 if lengths else None
    shares = [
        RowBatches(torch.arange(count), lengths=length, rank=rank, **layout)
        for rank in range(layout["world"])
    ]
    for epoch in range(2):
        for share in shares:
            share.set_epoch(epoch)
        sizes = [sum(map(len, batch)) for batch in zip(*shares, strict=True)]
        assert shares[0].whole_sizes(epoch) == sizes


@given(COUNTS, st.booleans(), LAYOUTS)
@settings(deadline=None)
def test_ranks_share_the_batches_that_one_would_have(count, lengths, layout):
    # so many that no rank is left without a row in the smallest batch of texts
    how = layout | {"batch_size": 8 * layout["world"] * layout["batch_size"]}
    length = torch.arange(count) * 7 % 13 if lengths else None
    alone = RowBatches(torch.arange(count), lengths=length, **(how | {"world": 1}))
    shares = [
        RowBatches(torch.arange(count), lengths=length, rank=rank, **how)
        for rank in range(layout["world"])
    ]
    for one, several in zip(alone, zip(*shares, strict=True), strict=True):
        assert sorted(one.tolist()) == sorted(torch.cat(several).tolist())


def test_texts_of_one_length_fill_their_batches():
    assert similar_sizes(torch.full((100,), 9), most=32, least=4) == [32, 32, 32, 4]


def test_a_text_much_shorter_than_the_longest_begins_a_batch_of_its_own():
    assert similar_sizes(torch.tensor([10, 100, 10, 100]), most=8, least=1) == [2, 2]


def test_no_last_batch_is_smaller_than_the_least():
    assert similar_sizes(torch.full((33,), 9), most=32, least=4) == [17, 16]


def test_the_order_is_a_function_of_seed_and_epoch_alone():
    def order(seed: int, epoch: int) -> list[int]:
        batches = RowBatches(torch.arange(100), 8, shuffle=True, seed=seed)
        torch.rand(epoch)  # the global generator stands elsewhere
        list(batches)  # and another epoch was loaded before
        batches.set_epoch(epoch)
        return [int(row) for row in torch.cat(list(batches))]

    assert order(1, 4) == order(1, 4)
    assert len({tuple(order(seed, epoch)) for seed in range(4) for epoch in range(4)}) == 16
    assert order(0, 0) != list(range(100))


def test_loading_draws_nothing_from_the_global_generator():
    before = torch.random.get_rng_state()
    store = Store({"x": Dense(torch.randn(20, 2, generator=torch.Generator()))})
    list(load(store, RowBatches(torch.arange(20), 4, shuffle=True)))
    assert torch.equal(before, torch.random.get_rng_state())


def test_without_shuffling_rows_keep_their_order():
    rows = torch.tensor([5, 3, 9, 1, 7])
    batches = RowBatches(rows, 2)
    batches.set_epoch(3)
    assert [batch.tolist() for batch in batches] == [[5, 3], [9, 1], [7]]


def waste(lengths: torch.Tensor, batches: RowBatches) -> float:
    """Return the share of places that are padding."""
    places = sum(int(lengths[batch].max()) * len(batch) for batch in batches)
    return 1 - int(lengths.sum()) / places


@pytest.mark.parametrize("shuffle", [True, False])
def test_batches_of_similar_length_hardly_pad(shuffle):
    # like sentences: median 20 words, a long tail, cut at 256
    generator = torch.Generator().manual_seed(0)
    lengths = (20 * torch.randn(10_000, generator=generator).exp()).clamp(1, 256).long()
    rows = torch.arange(10_000)
    sorted_by_length = RowBatches(rows, 32, shuffle=shuffle, lengths=lengths)
    assert waste(lengths, sorted_by_length) < 0.05
    assert waste(lengths, RowBatches(rows, 32, shuffle=shuffle)) > 0.5


def test_batches_of_similar_length_are_shuffled_anew_each_epoch():
    lengths = torch.arange(1000) % 50
    batches = RowBatches(torch.arange(1000), 10, shuffle=True, lengths=lengths)
    epochs = []
    for epoch in range(2):
        batches.set_epoch(epoch)
        epochs.append([frozenset(batch.tolist()) for batch in batches])
    assert len(set(epochs[0]) & set(epochs[1])) < 10  # other rows together
    means = torch.tensor([float(lengths[list(batch)].float().mean()) for batch in epochs[0]])
    order = torch.stack([means, torch.arange(len(means)).float()]).corrcoef()[0, 1]
    assert abs(order) < 0.4  # short batches do not come first; 100 batches deviate by 0.1


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_the_loader_yields_whole_batches(workers):
    values = torch.randn(10, 3)
    batches = RowBatches(torch.arange(10), 4, shuffle=True)
    loader = load(Store({"x": Dense(values)}, torch.arange(10)), batches, workers)
    assert len(loader) == 3
    for epoch in range(2):
        batches.set_epoch(epoch)
        loaded = list(loader)
        assert [len(batch["index"]) for batch in loaded] == [4, 3, 3]
        for batch, rows in zip(loaded, batches, strict=True):
            assert torch.equal(batch["index"], rows)
            assert torch.equal(batch["target"], rows)
            assert torch.equal(batch["inputs"], values[rows])


def test_an_epoch_that_was_left_goes_on_with_the_batch_that_was_next():
    batches = RowBatches(torch.arange(20), 3, shuffle=True, seed=1)
    batches.set_epoch(2)
    whole = [batch.tolist() for batch in batches]
    resumed = RowBatches(torch.arange(20), 3, shuffle=True, seed=1)
    resumed.begin_at(2, 4)
    assert [batch.tolist() for batch in resumed] == whole[4:]
    assert len(resumed) == len(whole)
    resumed.set_epoch(3)
    assert len(list(resumed)) == len(whole)


@pytest.mark.parametrize(
    ("rows", "most", "size"),
    [(10, 64, 16), (84, 64, 16), (600, 64, 32), (1257, 64, 64), (10**6, 64, 64), (10**6, 256, 256)],
)
def test_few_rows_have_small_batches(rows, most, size):
    assert fitting_batch_size(rows, most) == size


@pytest.mark.parametrize(("last", "had"), [(False, 3), (True, 0)])
def test_training_stands_in_an_epoch_or_at_the_start_of_the_next(last, had):
    batches = SimpleNamespace(is_last_batch=last, current=SimpleNamespace(ready=3))
    loops = SimpleNamespace(
        epoch_loop=SimpleNamespace(batch_progress=batches),
        epoch_progress=SimpleNamespace(current=SimpleNamespace(processed=2)),
    )
    trainer = SimpleNamespace(training=True, fit_loop=loops)
    assert position_of(trainer) == {"epoch": 2, "batch": had}
    trainer.training = False
    assert position_of(trainer) == position_of(None) == {}
