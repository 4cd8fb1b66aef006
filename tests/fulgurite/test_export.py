"""``fulgurite export``: one file that stands for a trained model, with no adapter left in it."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

CONFIG = """\
data:
  class_path: TabularDataModule
  init_args: {source: people.csv, target: buys, batch_size: 32}
model:
  class_path: Classification
  init_args:
    backbone: {class_path: FTTransformer, init_args: {dim: 8, depth: 1}}
    optimizer: {class_path: AdamW, init_args: {lr: 1e-2}}
    adapter: {class_path: LoRA, init_args: {rank: 2}}
trainer: {max_epochs: 2, enable_progress_bar: false}
"""


@pytest.fixture
def adapted(command, people: Path) -> Path:
    """A run that trained adapters."""
    pytest.importorskip("peft", reason="needs peft: pip install 'fulgurite[lora]'")
    Path("adapted.yaml").write_text(CONFIG, encoding="utf-8")
    outcome = command("fit", "--config", "adapted.yaml", "--quiet")
    assert outcome.status == 0, outcome.err
    return Path("runs/adapted/0")


def content(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True)
    return state


def test_the_file_gives_the_figures_of_the_run_without_peft(command, adapted, monkeypatch):
    figures = json.loads(command("test", "--ckpt_path", adapted, "--json").out)["metrics"]
    report = json.loads(command("export", "--ckpt_path", adapted, "--json").out)
    assert report["file"] == "runs/adapted/0/model.ckpt"
    assert report["merged_layers"] == 1
    assert report["largest_difference"] < 1e-5
    monkeypatch.setitem(sys.modules, "peft", None)
    outcome = command("test", "--ckpt_path", report["file"], "--json")
    again = json.loads(outcome.out)["metrics"]
    assert again == pytest.approx(figures, abs=1e-5)
    Path("people.csv").rename("new.csv")  # nor does it need the data that it was trained on
    words = ["--ckpt_path", report["file"], "--data.source", "new.csv", "--output", "out.csv"]
    assert command("predict", *words).status == 0
    assert Path("out.csv").read_text(encoding="utf-8").count("\n") == 121


def test_it_holds_weights_and_settings_and_nothing_of_training(command, adapted):
    outcome = command("export", "--ckpt_path", adapted, "--output", "deep/down.ckpt")
    assert outcome.status == 0
    assert "largest difference" in outcome.out
    before, state = content(adapted / "checkpoints/best.ckpt"), content(Path("deep/down.ckpt"))
    assert not {"optimizer_states", "lr_schedulers", "callbacks", "loops"} & set(state)
    assert "adapter" in before["hyper_parameters"]
    assert "adapter" not in state["hyper_parameters"]
    assert state["hyper_parameters"]["backbone"] == before["hyper_parameters"]["backbone"]
    assert not any("lora" in name or "base_layer" in name for name in state["state_dict"])
    assert "backbone.encoder.blocks.0.query_key_value.weight" in state["state_dict"]
    assert [path.name for path in Path("deep").iterdir()] == ["down.ckpt"]


def test_a_new_run_begins_with_it(command, adapted):
    command("export", "--ckpt_path", adapted)
    words = ["--config", "adapted.yaml", "--model.optimizer.lr", "0", "--trainer.max_epochs", "1"]
    file = adapted / "model.ckpt"
    plain = command("fit", *words, "--init_from", file, "--model.adapter", "null")
    count = len(content(file)["state_dict"])
    assert f"weights: {count} of {count} tensors loaded from" in plain.err
    again = command("fit", *words, "--init_from", file)
    assert f"weights: {count} of {count + 2} tensors loaded from" in again.err
    assert "begin at random: backbone.encoder.blocks.0.query_key_value.lora_A" in again.err
    begun = content(Path("runs/adapted/2/checkpoints/last.ckpt"))["state_dict"]
    weight = content(file)["state_dict"]["backbone.encoder.blocks.0.query_key_value.weight"]
    assert begun["backbone.encoder.blocks.0.query_key_value.base_layer.weight"].equal(weight)


def test_adapters_are_not_begun_with_where_there_is_none(command, adapted):
    words = ["--config", "adapted.yaml", "--model.adapter", "null", "--init_from", adapted]
    outcome = command("fit", *words)
    assert outcome.status == 2
    assert "holds adapters, which this model lacks: merge them with fulgurite export" in outcome.err
    assert not Path("runs/adapted/1").exists()


def test_a_run_without_adapters_is_exported_too(command, run):
    report = json.loads(command("export", "--ckpt_path", run, "--json").out)
    assert (report["merged_layers"], report["largest_difference"]) == (0, 0.0)
    before = content(run / "checkpoints/best.ckpt")["state_dict"]
    after = content(run / "model.ckpt")["state_dict"]
    assert all(after[name].equal(tensor) for name, tensor in before.items())


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("model.onnx", "its name ends in .ckpt, such as model.ckpt."),
        ("runs/people/0/checkpoints/best.ckpt", "this is the checkpoint itself"),
        ("runs/people/0/checkpoints/last.ckpt", "name a file elsewhere"),
        ("runs/people/0/checkpoints/new.ckpt", "such as runs/people/0/model.ckpt"),
        ("runs", "'runs' is a folder"),
    ],
)
def test_a_place_where_it_must_not_lie_is_refused(command, run, output, sentence):
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}
    outcome = command("export", "--ckpt_path", run, "--output", output)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before


def test_weights_that_are_no_numbers_are_not_exported(command, adapted):
    path = adapted / "checkpoints/best.ckpt"
    state = content(path)
    name = next(name for name in state["state_dict"] if "lora_B" in name)
    state["state_dict"][name].fill_(float("nan"))
    torch.save(state, path)
    outcome = command("export", "--ckpt_path", adapted)
    assert outcome.status == 2
    assert "cannot be merged" in outcome.err
    assert not (adapted / "model.ckpt").exists()


def test_a_resumed_run_is_the_same_run(command, adapted):
    """Adapters, frozen weights and the optimizer's state go on bit by bit."""
    words = ["fit", "--config", "adapted.yaml", "--model.adapter.dropout", "0.2", "--quiet"]
    command(*words, "--trainer.max_epochs", "3")
    command(*words, "--trainer.max_epochs", "1")
    resumed = command("fit", "--resume", "runs/adapted/2", "--trainer.max_epochs", "3")
    assert resumed.status == 0, resumed.err
    one, two = (content(Path(f"runs/adapted/{n}/checkpoints/last.ckpt")) for n in (1, 2))
    assert one["global_step"] == two["global_step"]
    assert all(tensor.equal(two["state_dict"][k]) for k, tensor in one["state_dict"].items())
