"""Predictions as a table: classes by name, in the order of the rows, written whole."""

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import torch
import torch.distributed as dist

from callbacks.prediction_table import PredictionTable, gathered, joined, prediction_table
from datamodules.spec import DataSpec, TargetSpec


def spec(kind, *names) -> DataSpec:
    return DataSpec({"numeric": [1]}, TargetSpec(kind, list(names)))


def test_one_class_a_row():
    rows = {
        "index": torch.tensor([4, 7]),
        "prediction": torch.tensor([1, 0]),
        "probability": torch.tensor([[0.25, 0.75], [0.5, 0.5]]),
    }
    assert prediction_table(spec("binary", "no", "yes"), rows).to_dict(as_series=False) == {
        "row": [4, 7],
        "prediction": ["yes", "no"],
        "p(no)": [0.25, 0.5],
        "p(yes)": [0.75, 0.5],
    }


def test_several_labels_a_row():
    rows = {
        "index": torch.tensor([0, 1]),
        "prediction": torch.tensor([[1, 0, 1], [0, 0, 0]]),
        "probability": torch.tensor([[0.75, 0.25, 1.0], [0.0, 0.0, 0.0]]),
    }
    table = prediction_table(spec("multilabel", "art", "food", "golf"), rows)
    assert table["prediction"].to_list() == ["art|golf", ""]
    assert table["p(golf)"].to_list() == [1.0, 0.0]


def test_numbers_with_their_deviations():
    rows = {
        "index": torch.tensor([0, 1]),
        "prediction": torch.tensor([[1.5, 10.0], [2.5, 20.0]]),
        "std": torch.tensor([[0.5, 1.0], [0.25, 2.0]]),
    }
    both = spec("regression", "rent", "size")
    assert prediction_table(both, rows).to_dict(as_series=False) == {
        "row": [0, 1],
        "prediction(rent)": [1.5, 2.5],
        "std(rent)": [0.5, 0.25],
        "prediction(size)": [10.0, 20.0],
        "std(size)": [1.0, 2.0],
    }
    del rows["std"]
    assert prediction_table(both, rows).columns == ["row", "prediction(rent)", "prediction(size)"]


def test_a_target_called_row_leaves_the_rows_their_numbers():
    rows = {"index": torch.tensor([7]), "prediction": torch.tensor([[1.5]])}
    table = prediction_table(spec("regression", "row"), rows, {"path": ["a.png"]})
    assert table.to_dict(as_series=False) == {"row": [7], "path": ["a.png"], "prediction": [1.5]}


def test_parts_are_joined_one_after_the_other():
    parts = [{"index": torch.tensor(rows)} for rows in ([5, 2], [], [4])]
    assert joined(parts)["index"].tolist() == [5, 2, 4]


def test_one_process_has_all_rows_with_and_without_a_group(tmp_path):
    rows = {"index": torch.tensor([5, 2])}
    assert gathered(rows) is rows
    dist.init_process_group("gloo", f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        alone = gathered(rows)
    finally:
        dist.destroy_process_group()
    assert alone is not None
    assert alone["index"].tolist() == [5, 2]


def test_every_row_is_written_in_its_order(run, trainer, tmp_path):
    module, data = run("plan")
    table = PredictionTable(tmp_path / "new" / "predictions.csv")
    told = trainer(callbacks=[table]).predict(module, data)
    assert told is not None
    written = pl.read_csv(table.path)
    assert table.rows == len(written) == 120
    assert written["row"].to_list() == list(range(120))
    probability = torch.cat([batch["probability"] for batch in told])
    names = ["basic", "free", "gold"]
    assert written.select(f"p({name})" for name in names).to_numpy() == pytest.approx(
        probability.numpy()
    )
    assert written["prediction"].to_list() == [names[i] for i in probability.argmax(dim=1)]


def test_batches_may_come_in_any_order_and_a_second_run_starts_anew(run, trainer, tmp_path):
    module, _ = run()
    table, watched = PredictionTable(tmp_path / "p.csv"), trainer()
    for _ in range(2):
        table.on_predict_start(watched, module)
        for rows in ([5, 2], [0], [4, 1, 3]):
            index = torch.tensor(rows)
            outputs = {"index": index, "prediction": index % 2}
            table.on_predict_batch_end(watched, module, outputs, None, 0)
        table.on_predict_end(watched, module)
    written = pl.read_csv(table.path)
    assert written["row"].to_list() == [0, 1, 2, 3, 4, 5]
    assert written["prediction"].to_list() == ["no", "yes"] * 3


def test_where_some_rows_are_predicted_each_has_its_own_name(run, tmp_path):
    module, _ = run()
    table = PredictionTable(tmp_path / "p.csv")
    paths = {"path": ["a.png", "b.png", "c.png", "d.png"]}
    watched: Any = SimpleNamespace(datamodule=SimpleNamespace(row_names=paths))
    index = torch.tensor([3, 1])
    outputs = {"index": index, "prediction": index % 2}
    table.on_predict_batch_end(watched, module, outputs, None, 0)
    table.on_predict_end(watched, module)
    assert pl.read_csv(table.path)["path"].to_list() == ["b.png", "d.png"]


def test_a_run_that_breaks_off_leaves_the_old_file(run, trainer, tmp_path, monkeypatch):
    path = tmp_path / "p.csv"
    path.write_text("old")

    def full(self, file):
        file.write_text("half a")
        raise OSError("no space left")

    monkeypatch.setattr(pl.DataFrame, "write_csv", full)
    module, data = run()
    with pytest.raises(OSError, match="no space left"):
        trainer(callbacks=[PredictionTable(path)]).predict(module, data)
    assert path.read_text() == "old"
