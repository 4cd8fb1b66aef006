"""Every config that is shipped or shown runs, and every command that is shown parses."""

import re
import shlex
from pathlib import Path

import pytest
import torch

from fulgurite.__main__ import main
from fulgurite.arguments import read_arguments
from fulgurite.commands import COMMANDS, COMMON
from fulgurite.experiment import Experiment

ROOT = Path(__file__).parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))
PAGES = [
    "README.md",
    "docs/data.md",
    "docs/fine-tuning.md",
    "docs/how-results-go-wrong.md",
    "docs/splits.md",
]


def shown_blocks(page: str) -> list[tuple[str, str]]:
    """Return the blocks of code of a page: their languages and lines."""
    return re.findall(r"```(\w+)\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)


YAML = [(page, block) for page in PAGES for kind, block in shown_blocks(page) if kind == "yaml"]
STAMPS = Path("/usr/share/tuxpaint/stamps")
SHORTER = {
    # the features of all rows would be computed for two steps
    "reviews_probe": ["--trainer.callbacks.cache=false"],
    "stamps_probe": ["--trainer.callbacks.cache=false"],
}
FEW = [
    "--trainer.limit_train_batches=2",
    "--trainer.limit_val_batches=2",
    "--trainer.max_epochs=1",
    "--trainer.enable_progress_bar=false",
]


def make_files(page: str) -> None:
    """Run the Python of a page, which makes the files that its configs read."""
    for kind, block in shown_blocks(page):
        if kind == "python":
            exec(compile(block, page, "exec"), {})


def shown_commands() -> list[tuple[str, str, str]]:
    """Return each ``fulgurite`` line of the pages with its page and the YAML block above it."""
    lines = []
    for page in PAGES:
        above = ""
        for kind, block in shown_blocks(page):
            if kind == "yaml":
                above = block
            elif kind == "bash":
                commands = [line for line in block.splitlines() if line.startswith("fulgurite ")]
                lines += [(page, line, above) for line in commands]
    return lines


def shorter(config: str) -> list[str]:
    """Return what makes a run of a config one of a moment."""
    return [*FEW, *SHORTER.get(config, [])]


def check_run(config: str) -> None:
    """Train for a moment, and read the checkpoint as anyone may."""
    if config.startswith("stamps") and not STAMPS.is_dir():
        pytest.skip("the Debian package tuxpaint-stamps-default is not installed")
    main(["fit", "--config", config, *shorter(config)])
    state = torch.load("runs/latest/checkpoints/best.ckpt", weights_only=True)
    assert all(bool(tensor.isfinite().all()) for tensor in state["state_dict"].values())
    assert state["epoch"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("config", [path.stem for path in CONFIGS])
def test_a_shipped_config_trains(config):
    check_run(config)


@pytest.mark.slow
@pytest.mark.parametrize("config", [path.stem for path in CONFIGS])
def test_what_is_printed_of_a_shipped_config_gives_the_same_run(config, capsys):
    check_run(config)
    capsys.readouterr()
    main(["fit", "--config", config, *shorter(config), "--print_config"])
    Path("printed.yaml").write_text(capsys.readouterr().out)
    main(["fit", "--config", "printed.yaml"])
    first, again = (
        torch.load(f"runs/{name}/0/checkpoints/last.ckpt", weights_only=True)["state_dict"]
        for name in (config, "printed")
    )
    assert first.keys() == again.keys()
    assert all(again[name].equal(first[name]) for name in first)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_shipped_config_says_how_it_is_run(path):
    what, how, *_ = path.read_text("utf-8").splitlines()
    assert re.fullmatch(r"# \S.*", what)
    assert how.startswith(f"#   fulgurite fit --config {path.stem}")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "block"), YAML)
def test_a_config_on_a_page_is_short_and_trains(page, block):
    assert len(block.splitlines()) <= 15
    make_files(page)
    Path("shown.yaml").write_text(block)
    check_run("shown.yaml")


@pytest.mark.parametrize(("page", "line", "above"), shown_commands())
def test_a_command_on_a_page_parses(page, line, above):
    make_files(page)
    _, command, *words = shlex.split(line, comments=True)
    for name in re.findall(r"--config (\S+\.yaml)", line):
        Path(name).write_text(above)  # the block above is what the reader has saved there
    assert command in COMMANDS
    if not COMMANDS[command].trains:
        if command != "board":  # which serves until it is ended
            main([command, *words])
        return
    words = [word for word in words if word.removeprefix("--") not in COMMON]
    arguments = read_arguments(words, COMMANDS[command].options)
    if command == "fit" and "resume" not in arguments.options:
        Experiment(arguments)
