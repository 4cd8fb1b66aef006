"""Which checkpoint a user means, that it is read safely and written whole."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from datamodules.errors import UserError
from fulgurite.checkpoints import (
    RunCheckpoints,
    find_checkpoint,
    not_of_this_model,
    read_checkpoint,
)
from fulgurite.run_folder import new_run


def written(path: Path) -> float:
    return float(torch.load(path, weights_only=True)["state_dict"]["head"])


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def test_the_best_checkpoint_of_a_run_is_meant():
    touch("runs/a/0/checkpoints/last.ckpt")
    assert find_checkpoint("runs/a/0") == Path("runs/a/0/checkpoints/last.ckpt")
    touch("runs/a/0/checkpoints/best.ckpt", "elsewhere.ckpt")
    assert find_checkpoint("runs/a/0") == Path("runs/a/0/checkpoints/best.ckpt")
    assert find_checkpoint("runs/a/0", prefer="last") == Path("runs/a/0/checkpoints/last.ckpt")
    assert find_checkpoint("elsewhere.ckpt") == Path("elsewhere.ckpt")


def test_a_run_has_names():
    for place, run in enumerate(["runs/a/0", "runs/b/1", "runs/a/2"]):
        touch(f"{run}/checkpoints/last.ckpt")
        os.utime(f"{run}/checkpoints/last.ckpt", (place, place))
    newest = Path("runs/a/2/checkpoints/last.ckpt")
    for name in (None, "last", "latest", "a", "a/2"):
        assert find_checkpoint(name) == newest
    assert find_checkpoint("b") == Path("runs/b/1/checkpoints/last.ckpt")


def test_a_checkpoint_that_is_not_there_is_told_with_those_that_are():
    nothing = "There are no runs with a checkpoint below 'runs' yet: fulgurite fit"
    with pytest.raises(UserError, match=f"^There is no checkpoint or run folder 'a'. {nothing}"):
        find_checkpoint("a")
    with pytest.raises(UserError, match=f"^{nothing}"):
        find_checkpoint(None)
    touch("runs/a/0/checkpoints/best.ckpt", "runs/b/2/checkpoints/last.ckpt")
    with pytest.raises(UserError, match=r"^There is no .* 'runs/a/1'\. Did you mean 'runs/a/0'"):
        find_checkpoint("runs/a/1")
    new_run("c")
    with pytest.raises(UserError, match=r"'runs/c/0' holds no checkpoint: checkpoints/best\.ckpt"):
        find_checkpoint("runs/c/0")


def test_a_checkpoint_is_written_whole_and_its_run_is_the_latest(monkeypatch):
    run = Path("runs/a/0")
    path = run / "checkpoints" / "last.ckpt"
    RunCheckpoints(run).save_checkpoint({"state_dict": {}, "epoch": 1}, path)
    assert read_checkpoint(path)["epoch"] == 1
    assert Path("runs/latest").readlink() == Path("a/0")

    def killed(state, file):
        Path(file).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(torch, "save", killed)
    with pytest.raises(KeyboardInterrupt):
        RunCheckpoints(run).save_checkpoint({"state_dict": {}, "epoch": 2}, path)
    assert read_checkpoint(path)["epoch"] == 1


def test_of_all_that_does_not_fit_a_model_the_first_is_told():
    layer = torch.nn.Linear(2, 1)
    with pytest.raises(RuntimeError) as refused:
        layer.load_state_dict({"weight": torch.zeros(1, 3), "bias": torch.zeros(2)})
    told = str(not_of_this_model(Path("a.ckpt"), refused.value))
    assert told.startswith("'a.ckpt' is not a checkpoint of this model: size mismatch for weight")
    assert "bias" not in told
    assert str(not_of_this_model(Path("a.ckpt"), ValueError("no"))).endswith("this model: no")


RUNS_CODE = "a checkpoint can run any code"


class Harmful:
    """Runs code when it is unpickled."""

    def __reduce__(self):
        return (Path.touch, (Path("harmed"),))


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda file: torch.save({"state_dict": Harmful()}, file), RUNS_CODE),
        (
            lambda file: file.write(pickle.dumps(Harmful(), protocol=2)),
            RUNS_CODE,
        ),
        (lambda file: file.write(b"PK\x03\x04 cut off"), "cannot be read as a checkpoint"),
        (lambda file: file.write(b"a,b\n1,2\n"), "cannot be read as a checkpoint"),
        (lambda file: None, "cannot be read as a checkpoint: is it whole"),
        (lambda file: torch.save({"weights": 1}, file), "it has no 'state_dict'"),
        (lambda file: torch.save(7, file), "it has no 'state_dict'"),
    ],
)
def test_a_file_that_is_no_checkpoint_is_not_trusted(write, sentence):
    with Path("strange.ckpt").open("wb") as file:
        write(file)
    with pytest.raises(UserError, match=sentence):
        read_checkpoint(Path("strange.ckpt"))
    assert not Path("harmed").exists()


def test_what_a_checkpoint_holds_beside_plain_values_is_named():
    torch.save({"state_dict": {}, "extra": Path("x")}, "strange.ckpt")
    with pytest.raises(UserError, match=r"holds more than tensors and plain values \(pathlib"):
        read_checkpoint(Path("strange.ckpt"))


def test_the_newest_run_without_a_checkpoint_is_not_passed_over():
    touch("runs/a/0/config.yaml", "runs/a/0/checkpoints/last.ckpt", "runs/b/0/config.yaml")
    os.utime("runs/b/0/config.yaml", (9e9, 9e9))
    for given in ("last", None):
        with pytest.raises(
            UserError, match=r"^The newest run 'runs/b/0' has no checkpoint"
        ) as told:
            find_checkpoint(given)
        assert "fulgurite fit --config runs/b/0/config.yaml" in str(told.value)
        assert "There are others: runs/a/0." in str(told.value)
    assert find_checkpoint("a") == Path("runs/a/0/checkpoints/last.ckpt")


def test_checkpoints_of_a_frozen_network_wait_for_each_other(monkeypatch):
    frozen, head = torch.nn.BatchNorm1d(2), torch.zeros(())
    run = new_run("a")
    keeper = RunCheckpoints(run, frozen)
    best, last = (run / "checkpoints" / f"{name}.ckpt" for name in ("best", "last"))

    def save(value: float, *paths: Path) -> None:
        for path in paths:
            state = {f"backbone.{k}": v for k, v in frozen.state_dict().items()}
            keeper.save_checkpoint({"state_dict": {**state, "head": head.fill_(value)}}, path)

    save(1, last, best)
    save(2, last, best)
    save(3, last)
    assert (written(best), written(last)) == (1, 1)
    kept = keeper.waiting[best]["state_dict"]
    assert kept["backbone.weight"].data_ptr() == frozen.weight.data_ptr()
    order = []
    monkeypatch.setattr("fulgurite.checkpoints.point_latest_to", lambda _: order.append(1))
    assert float(keeper.load_checkpoint(last, weights_only=True)["state_dict"]["head"]) == 3
    assert (written(best), written(last), len(order)) == (2, 3, 2)
    save(4, best)
    keeper.remove_checkpoint(best)
    save(5, last)
    keeper.teardown()
    assert not best.exists()
    assert written(last) == 5
    keeper.written -= 10
    save(6, last)
    assert written(last) == 6


@pytest.mark.slow
def test_what_waits_is_what_would_have_been_written(command, config, monkeypatch):
    words = ["fit", "--config", config, "--trainer.callbacks+=FeatureExtractor"]
    for pause in (10.0, 0.0):
        monkeypatch.setattr("fulgurite.checkpoints.PAUSE", pause)
        assert command(*words, "--trainer.max_epochs", "4").status == 0
    for name in ("best", "last"):
        paths = [f"runs/people/{run}/checkpoints/{name}.ckpt" for run in (0, 1)]
        first, second = (torch.load(path, weights_only=True) for path in paths)
        assert first["epoch"] == second["epoch"]
        tensors = first["state_dict"].items()
        assert all(tensor.equal(second["state_dict"][key]) for key, tensor in tensors)
