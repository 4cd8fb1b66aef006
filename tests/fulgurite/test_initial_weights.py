"""``--init_from``: the weights of another run, with settings of one's own."""

import json
from pathlib import Path

import polars as pl
import pytest
import torch


def weights(run: str, name: str = "best") -> dict[str, torch.Tensor]:
    path = Path(run) / "checkpoints" / f"{name}.ckpt"
    state: dict[str, torch.Tensor] = torch.load(path, weights_only=True)["state_dict"]
    return state


def test_a_new_run_begins_with_the_best_weights_of_another(command, run, config):
    words = ["--config", config, "--init_from", run, "--model.optimizer.lr", "0", "--json"]
    outcome = command("fit", *words, "--trainer.max_epochs", "1")
    assert json.loads(outcome.out)["run"] == "runs/people/1"
    before, after = weights("runs/people/0"), weights("runs/people/1", "last")
    assert all(after[name].equal(before[name]) for name in before)
    count = len(before)
    assert f"weights: {count} of {count} tensors loaded from" in outcome.err
    state = torch.load("runs/people/1/checkpoints/last.ckpt", weights_only=True)
    assert state["optimizer_states"][0]["param_groups"][0]["lr"] == 0
    assert state["epoch"] == 0


def test_what_does_not_fit_begins_at_random_and_is_told(command, run, config):
    words = ["--config", config, "--init_from", run, "--data.target", "plan"]
    outcome = command("fit", *words, "--model.optimizer.lr", "0")
    assert outcome.status == 0
    assert "weights: begin at random: backbone." in outcome.err
    assert "head.weight (3, 8), there (2, 8); head.bias (3,), there (2,)" in outcome.err
    before, after = weights("runs/people/0"), weights("runs/people/1", "last")
    assert after["backbone.layers.0.weight"].equal(before["backbone.layers.0.weight"])


@pytest.mark.parametrize("order", ["abc", "cab", "abd"])
def test_a_head_is_of_its_classes(command, run, config, order):
    """Of the same ones in any order it is kept, of as many others it is not."""
    words = ["fit", "--config", config, "--data.target", "plan", "--trainer.max_epochs", "1"]
    frame = pl.read_csv("people.csv")
    plans = sorted(frame["plan"].drop_nulls().unique())

    def call_plans(names: str) -> None:
        spelt = dict(zip(plans, names, strict=True))
        frame.with_columns(pl.col("plan").replace(spelt)).write_csv("people.csv")

    call_plans("abc")
    assert command(*words).status == 0
    path = Path("runs/people/1/checkpoints/best.ckpt")
    state = torch.load(path, weights_only=True)
    before = state["state_dict"]["head.weight"]
    if order == "cab":  # as if they had stood so when it was trained
        names = state["hyper_parameters"]["spec"]["init_args"]["target"]["init_args"]["names"]
        names[:] = order
        torch.save(state, path)
    else:
        call_plans(order)
    outcome = command(*words, "--init_from", "runs/people/1", "--model.optimizer.lr", "0")
    assert outcome.status == 0, outcome.err
    after = weights("runs/people/2", "last")["head.weight"]
    told = "begin at random: head.weight (3, 8); head.bias (3,): the classes are others"
    assert (told in outcome.err) == (order == "abd")
    if order == "abd":
        assert not after.equal(before)
    else:
        assert after.equal(before[[order.index(name) for name in "abc"]])


def test_weights_of_another_kind_are_refused(command, run):
    outcome = command("fit", "--config", "digits_cnn", "--init_from", run)
    assert outcome.status == 2
    assert "has no tensor that fits this model: it has" in outcome.err
    assert not Path("runs/digits_cnn").exists()


def test_weights_that_are_no_numbers_are_refused(command, run, config):
    content = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    content["state_dict"]["head.bias"][0] = torch.nan
    torch.save(content, "broken.ckpt")
    outcome = command("fit", "--config", config, "--init_from", "broken.ckpt")
    assert outcome.status == 2
    assert "'broken.ckpt' has NaN or infinity in 'head.bias'" in outcome.err
    assert not Path("runs/people/1").exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("nowhere", "There is no checkpoint or run folder 'nowhere'"),
        ("people.csv", "'people.csv' cannot be read as a checkpoint"),
    ],
)
def test_what_is_no_checkpoint_is_told(command, run, config, given, sentence):
    outcome = command("fit", "--config", config, "--init_from", given)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert not Path("runs/people/1").exists()
