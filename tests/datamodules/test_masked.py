"""Targets of held-out rows are hidden, and who picks one is told so."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from datamodules.errors import UserError
from datamodules.masked import refuse_while_fitting
from datamodules.store import Dense, Store

HELD = torch.tensor([1, 3])


def store(target: torch.Tensor) -> Store:
    rows = Store({"x": Dense(torch.arange(10.0).reshape(5, 2))}, target.clone())
    rows.hold_back(HELD)
    return rows


CLASSES = torch.tensor([0, 1, 2, 1, 0])
NUMBERS = torch.arange(10.0).reshape(5, 2)


@pytest.mark.parametrize("target", [CLASSES, NUMBERS])
@pytest.mark.parametrize(
    "rows",
    [
        1,
        [0, 1],
        slice(0, 3),
        np.array([3]),
        torch.tensor([4, 3]),
        torch.tensor([False, True, False, False, False]),
        (torch.tensor([0, 1]), ...),
    ],
    ids=str,
)
def test_to_pick_a_hidden_target_is_an_error(target, rows):
    masked = store(target).target
    assert masked is not None
    with pytest.raises(UserError, match=r"held out: 'fulgurite test' measures them"):
        masked[rows]


def test_fetching_a_hidden_row_is_an_error_but_its_inputs_are_had():
    rows = store(CLASSES)
    with pytest.raises(UserError, match="1 of the 2 rows asked for are held out"):
        rows[[0, 3]]
    assert rows.target is not None
    with pytest.raises(UserError, match="2 of the 2 rows"):
        rows.target.index_select(0, HELD)
    assert torch.as_tensor(rows.unlabelled([3])["inputs"]).tolist() == [[6.0, 7.0]]
    assert "target" not in rows.unlabelled([3])


@pytest.mark.parametrize("target", [CLASSES, NUMBERS])
def test_other_rows_are_as_they_were(target):
    rows, shown = store(target), torch.tensor([0, 4, 2])
    assert rows[shown]["target"].equal(target[shown])
    assert rows.target is not None
    assert type(rows.target[shown]) is torch.Tensor
    assert rows.target[shown].equal(target[shown])
    assert len(rows.target) == 5


def test_what_is_made_of_all_rows_shows_that_some_are_hidden():
    classes, numbers = store(CLASSES).target, store(NUMBERS).target
    assert classes is not None
    assert numbers is not None
    assert classes.tolist() == [0, -1, 2, -1, 0]
    assert type(numbers + 1) is torch.Tensor
    assert numbers.mean().isnan()
    with pytest.raises(RuntimeError):
        classes.bincount()


@pytest.mark.parametrize("target", [CLASSES, NUMBERS])
def test_handed_out_again_all_are_as_they_were_and_as_others_were_changed(target):
    rows = store(target)
    rows.hold_back(torch.tensor([2]))
    assert rows[HELD]["target"].equal(target[HELD])
    assert rows.target is not None
    rows.target[torch.tensor([0])] = 7  # such as a label that a person has mended
    rows.hold_back(HELD[:0])
    assert type(rows.target) is torch.Tensor
    assert rows.target[1:].equal(target[1:])
    assert (rows.target[0] == 7).all()


def test_a_loader_s_process_is_told_too():
    rows = pickle.loads(pickle.dumps(store(CLASSES)))
    assert rows[[0, 2]]["target"].tolist() == [0, 2]
    with pytest.raises(UserError):
        rows[[1]]


@pytest.mark.parametrize(
    ("fn", "status", "refused"),
    [("fit", "running", True), ("fit", "finished", False), ("test", "running", False)],
)
def test_they_are_refused_while_a_model_is_trained(fn, status, refused):
    refuse_while_fitting(None)
    trainer = SimpleNamespace(state=SimpleNamespace(fn=fn, status=status))
    if not refused:
        refuse_while_fitting(trainer)
        return
    with pytest.raises(UserError, match="so that nothing is chosen by them: 'fulgurite test'"):
        refuse_while_fitting(trainer)
