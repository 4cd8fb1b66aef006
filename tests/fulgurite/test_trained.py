"""``validate``, ``test`` and ``predict``: with a run's own config, classes and features."""

import json
from pathlib import Path

import polars as pl
import pytest
import torch
import yaml

from lightning_modules.classification import Classification


def other(change) -> None:
    """Write another table of people."""
    change(pl.read_csv("people.csv")).write_csv("other.csv")


def unseen(frame: pl.DataFrame) -> pl.DataFrame:
    """Return rows that nobody was trained on."""
    return frame.with_columns(pl.col("height") + 0.5)


def figures(outcome) -> dict[str, float]:
    assert outcome.status == 0, outcome.err
    told: dict[str, float] = json.loads(outcome.out)["metrics"]
    return told


@pytest.mark.slow
def test_validation_figures_are_those_of_the_best_epoch(command, config):
    fitted = figures(command("fit", "--config", config, "--json"))
    again = figures(command("validate", "--json"))
    assert again == pytest.approx({n: v for n, v in fitted.items() if n.startswith("val/")})


def test_held_out_figures_are_of_rows_that_nothing_has_seen(command, run):
    told = json.loads(command("test", "--ckpt_path", run, "--json").out)
    assert told["rows"] == 18
    assert {name.partition("/")[0] for name in told["metrics"]} == {"test"}
    assert told["checkpoint"] == "runs/people/0/checkpoints/best.ckpt"


def test_other_data_are_all_measured_with_what_was_learnt_in_training(command, run):
    other(lambda frame: unseen(frame).head(30))
    outcome = command("test", "--data.source", "other.csv", "--json")
    assert json.loads(outcome.out)["rows"] == 30
    assert "WARNING: not the data of the training (fingerprint" in outcome.err
    assert "all 30 rows are measured" in outcome.err
    outcome = command("validate", "--data.source", "other.csv")
    assert outcome.status == 2
    assert outcome.err.endswith("error: There are no validation rows to measure.\n")


def test_rows_that_were_trained_on_are_refused(command, run):
    other(lambda frame: pl.concat([frame.head(20), unseen(frame)]))
    outcome = command("test", "--data.source", "other.csv")
    assert outcome.status == 2
    assert "of its 140 rows are ones that the model was trained on or chosen by (row" in outcome.err
    other(lambda frame: frame.head(50).sample(fraction=1, shuffle=True, seed=1))
    assert command("test", "--data.source", "other.csv").status == 2


def test_a_file_that_grew_keeps_the_parts_of_its_rows(command, run):
    other(lambda frame: pl.concat([unseen(frame).head(40), frame.reverse()]))
    outcome = command("test", "--data.source", "other.csv", "--json")
    assert json.loads(outcome.out)["rows"] == 40 + 18
    assert "WARNING: not the data of the training" in outcome.err
    assert "102 rows that training has seen are not measured, the other 58" in outcome.err


@pytest.mark.slow
def test_another_split_is_used_where_no_test_row_was_trained_on(command, run):
    parts = ["test" if part == "test" else "train" for _, part in split_rows(run)]
    pl.DataFrame({"row": range(120), "part": parts}).write_csv("same.csv")
    pl.DataFrame({"row": range(120), "part": parts[::-1]}).write_csv("other.csv")
    assert json.loads(command("test", "--data.split", "same.csv", "--json").out)["rows"] == 18
    assert json.loads(command("test", "--data.split", run, "--json").out)["rows"] == 18
    refused = command("test", "--data.split", "other.csv")
    assert refused.status == 2
    assert "of the 18 test rows of --data.split are ones that the model was" in refused.err


@pytest.mark.parametrize("words", [["--data.split", "60/20/20"], ["--data.split.test", "0.4"]])
def test_a_test_does_not_divide_rows_anew(command, run, words):
    outcome = command("test", *words)
    assert outcome.status == 2
    assert "rows of a trained run keep the parts that they had, so StratifiedSplit" in outcome.err


def reading_here(run: Path) -> Path:
    """Let a run read the file of this folder, and return its path."""
    here = Path("people.csv").resolve()
    saved = yaml.safe_load((run / "config.yaml").read_text())
    saved["data"]["init_args"]["source"] = str(here)
    (run / "config.yaml").write_text(yaml.safe_dump(saved))
    return here


def test_the_run_s_own_file_may_grow(command, run):
    frame = pl.read_csv("people.csv")
    pl.concat([unseen(frame).head(40), frame.reverse()]).write_csv(reading_here(run))
    outcome = command("test", "--json")
    assert json.loads(outcome.out)["rows"] == 40 + 18
    assert "102 rows that training has seen are not measured" in outcome.err


def split_rows(run: Path) -> list[list[str]]:
    rows: list[list[str]] = json.loads((run / "split.json").read_text())["rows"]
    return rows


def test_a_config_of_the_user_s_goes_before_the_run_s(command, run):
    other(lambda frame: unseen(frame).head(25))
    Path("mine.yaml").write_text("data: {init_args: {source: other.csv}}")
    assert json.loads(command("test", "--config", "mine.yaml", "--json").out)["rows"] == 25


def test_predictions_are_those_of_the_module_loaded_from_python(command, run):
    other(lambda frame: frame.drop("buys").sample(fraction=1, shuffle=True, seed=1))
    outcome = command(
        "predict", "--ckpt_path", run, "--data.source", "other.csv", "--output", "p.csv", "--json"
    )
    told = json.loads(outcome.out)
    assert (told["rows"], told["file"], told["metrics"]) == (120, "p.csv", {})
    from datamodules.tabular import TabularDataModule

    checkpoint = run / "checkpoints" / "best.ckpt"
    module = Classification.load_from_checkpoint(checkpoint, weights_only=True).eval()
    data = TabularDataModule.load_from_checkpoint(checkpoint, source="other.csv", weights_only=True)
    steps = [module.predict_step(batch, 0) for batch in data.predict_dataloader()]
    probability = torch.cat([batch["probability"] for batch in steps]).detach()
    written = pl.read_csv("p.csv")
    assert written["row"].to_list() == list(range(120))
    assert written["p(yes)"].to_numpy() == pytest.approx(probability[:, 1].numpy(), abs=1e-7)
    assert written["prediction"].to_list() == [
        ["no", "yes"][place] for place in probability.argmax(dim=1).tolist()
    ]


def test_predictions_lie_in_the_run_folder_by_default(command, run):
    assert command("predict").status == 0
    assert pl.read_csv(run / "predictions.csv").columns == ["row", "prediction", "p(no)", "p(yes)"]


def test_the_figures_can_be_had_from_the_predictions(command, run):
    told = figures(command("test", "--json"))
    command("predict")
    state = torch.load(run / "checkpoints" / "best.ckpt", weights_only=True)
    rows = state["TabularDataModule"]["split"]["test"].tolist()
    predicted = pl.read_csv(run / "predictions.csv")["prediction"].gather(rows)
    truth = pl.read_csv("people.csv")["buys"].gather(rows)
    assert told["test/accuracy"] == pytest.approx((predicted == truth).mean())


def test_a_run_needs_neither_its_config_s_folder_nor_its_name(command, run, config):
    config.unlink()
    assert command("test").status == 0


@pytest.mark.parametrize("words", [[], ["--config", "people.yaml"]])
def test_a_checkpoint_alone_says_what_it_was_built_from(command, run, words):
    Path("moved.ckpt").write_bytes((run / "checkpoints" / "best.ckpt").read_bytes())
    moved = command("test", "--ckpt_path", "moved.ckpt", "--json", *words)
    assert figures(moved) == figures(command("test", "--json"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--model.backbone.width", "9"], "is not a checkpoint of this model: size mismatch for"),
        (["--model.backbone", "FTTransformer"], "is not a checkpoint of this model: Missing key"),
        (["--data", "TextDataModule"], "was not trained on a TextDataModule."),
        (["--data.source", "nowhere.csv"], "There is no 'nowhere.csv'"),
        (["--ckpt_path", "runs/people/7"], "There are the runs runs/people/0."),
    ],
)
def test_what_does_not_fit_the_checkpoint_is_told(command, run, words, sentence):
    outcome = command("test", *words)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("taken", "'taken' is a folder: name a file in it"),
        ("people.yaml/p.csv", "'people.yaml/p.csv' cannot be written"),
    ],
)
def test_where_nothing_can_be_written_is_told(command, run, output, sentence):
    Path("taken").mkdir()
    outcome = command("predict", "--output", output)
    assert outcome.status == 2
    assert sentence in outcome.err
    assert not list(Path().glob("*.partial"))


@pytest.mark.slow
def test_a_source_that_has_changed_is_not_measured_where_rows_are_not_known(command, run):
    for checkpoint in (run / "checkpoints").glob("*.ckpt"):  # as an older release kept it
        state = torch.load(checkpoint, weights_only=True)
        del state["TabularDataModule"]["seen"]
        torch.save(state, checkpoint)
    here = reading_here(run)
    lines = here.read_text().splitlines()
    here.write_text("\n".join([*lines, lines[1]]))
    for part in ("test", "validate"):
        outcome = command(part, "--json")
        assert outcome.status == 2
        assert "has changed since the run was trained on it" in outcome.err
    outcome = command("test", "--data.source", here)
    assert "rows of other data" in outcome.out
    assert command("predict").status == 0


def test_predictions_do_not_replace_their_source(command, run):
    before = Path("people.csv").read_bytes()
    words = ["--data.source", "people.csv", "--output", "people.csv"]
    outcome = command("predict", *words)
    assert outcome.status == 2
    assert "this is the source itself" in outcome.err
    assert Path("people.csv").read_bytes() == before


@pytest.mark.slow
def test_the_best_weights_are_found_under_a_name_of_their_own(command, config):
    words = [
        "--checkpoint.filename",
        "mine",
        "--checkpoint.mode",
        "max",
        "--trainer.max_epochs",
        "4",
    ]
    command("fit", "--config", config, *words)
    told = json.loads(command("test", "--json").out)
    assert Path(told["checkpoint"]).name == "mine.ckpt"
