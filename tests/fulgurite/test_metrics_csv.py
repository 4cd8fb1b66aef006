"""The table of a run's figures, also where the run goes on."""

from pathlib import Path

import polars as pl

from fulgurite.metrics_csv import MetricsCSV

PATH = Path("metrics.csv")


def log(table: MetricsCSV, *figures: dict[str, float]) -> None:
    for each in figures:
        table.log_metrics({k: v for k, v in each.items() if k != "step"}, int(each["step"]))


def test_a_step_is_a_line_whose_columns_may_come_later():
    table = MetricsCSV(PATH)
    log(table, {"step": 5, "loss": 0.5}, {"step": 9, "val/loss": 1.0, "epoch": 0})
    table.save()
    log(
        table, {"step": 9, "train/loss": 2.0, "epoch": 0}, {"step": 19, "val/loss": 0.5, "epoch": 1}
    )
    table.finalize("success")
    assert PATH.read_text().splitlines() == [
        "step,epoch,loss,val/loss,train/loss",
        "5,,0.5,,",
        "9,0,,1.0,2.0",
        "19,1,,0.5,",
    ]


def test_lines_are_added_without_writing_all_of_them_again():
    table = MetricsCSV(PATH)
    log(table, *({"step": step, "loss": 0.5} for step in range(3)))
    table.save()
    file = PATH.stat().st_ino
    log(table, *({"step": step, "loss": 0.5} for step in range(3, 6)))
    table.finalize("success")
    assert PATH.stat().st_ino == file
    assert pl.read_csv(PATH)["step"].to_list() == [0, 1, 2, 3, 4, 5]


def test_a_run_that_goes_on_keeps_what_is_not_logged_again():
    first = MetricsCSV(PATH)
    log(first, *({"step": step, "loss": float(step)} for step in range(6)))
    first.finalize("failed")
    with PATH.open("a") as file:
        file.write("6")  # a kill in the middle of a line
    second = MetricsCSV(PATH, from_step=4)
    log(second, {"step": 4, "loss": 40.0, "new": 1.0})
    second.finalize("success")
    table = pl.read_csv(PATH)
    assert table["step"].to_list() == [0, 1, 2, 3, 4]
    assert table["loss"].to_list() == [0.0, 1.0, 2.0, 3.0, 40.0]
    assert table["new"].to_list() == [None, None, None, None, 1.0]


def test_a_new_run_begins_anew_and_an_empty_one_writes_nothing():
    PATH.write_text("step,epoch\n1,1\n")
    MetricsCSV(PATH).finalize("success")
    assert not PATH.exists()


def test_the_line_of_the_step_under_way_is_in_the_file_and_may_become_longer():
    table = MetricsCSV(PATH)
    log(table, {"step": 1, "loss": 1.0}, {"step": 2, "loss": 2.0})
    table.save()
    assert pl.read_csv(PATH)["step"].to_list() == [1, 2]
    log(table, {"step": 2, "val": 5.0})
    table.save()
    log(table, {"step": 2, "val": 6.0}, {"step": 3, "loss": 3.0})
    table.save()
    read = pl.read_csv(PATH)
    assert read.to_dict(as_series=False) == {
        "step": [1, 2, 3],
        "epoch": [None, None, None],
        "loss": [1.0, 2.0, 3.0],
        "val": [None, 6.0, None],
    }
