"""Shell completion: what may come next, and scripts that the shells accept."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from datamodules.errors import UserError
from fulgurite.completion import SHELLS, candidates, completion


@pytest.mark.parametrize(
    ("typed", "among", "not_among"),
    [
        ([""], ["fit", "list", "version"], ["--config"]),
        (["va"], ["validate"], ["fit"]),
        (["list", "back"], ["backbones"], ["losses"]),
        (["list", "Conv"], ["ConvNet"], ["ResNet"]),
        (["completion", ""], ["bash", "zsh", "fish"], []),
        (["fit", "--config", "dig"], ["digits_cnn", "digits_vit"], ["credit_mlp"]),
        (["fit", "--config", "mi"], ["mine.yaml"], []),
        (["fit", "--config=dig"], ["--config=digits_cnn"], []),
        (["fit", "--trainer.max_"], ["--trainer.max_epochs", "--trainer.max_steps"], ["--json"]),
        (["fit", "--model.backbone", "Tab"], ["TabularMLP"], []),
        (["fit", "--model.backbone=Tab"], ["--model.backbone=TabularMLP"], []),
        (["fit", "--data.source", "sample:d"], ["sample:digits"], ["sample:credit"]),
        (["fit", "--resume", ""], ["last", "runs/a/0"], []),
        (["fit", "--resume", "last", "--json", "--qu"], ["--quiet"], []),
        (
            ["fit", "--model.backbone", "ConvNet", "--model.backbone."],
            ["--model.backbone.widths"],
            ["--model.backbone.spec"],
        ),
        (["test", "--out"], [], ["--output"]),
        (["predict", "--out"], ["--output"], []),
        (["nothing", ""], [], ["fit"]),
        (["version", ""], [], ["--json"]),
    ],
)
def test_what_may_come_next(typed, among, not_among):
    Path("mine.yaml").touch()
    Path("runs/a/0/checkpoints").mkdir(parents=True)
    Path("runs/a/0/checkpoints/last.ckpt").touch()
    found = candidates(typed)
    assert set(among) <= set(found)
    assert not set(not_among) & set(found)
    assert all(word.startswith(typed[-1]) for word in found)


def test_the_words_reach_the_shell_one_a_line(command):
    assert command("completion", "--", "fit", "--config", "digits_c").out == "digits_cnn\n"
    assert command("completion", "--", "fit", "--he").out == "--help\n--help-all\n"


def test_a_shell_that_is_not_known_is_told():
    with pytest.raises(UserError, match=r"shell 'bas'\. Did you mean 'bash'"):
        completion(["bas"])
    with pytest.raises(UserError, match="takes the name of a shell: bash, zsh, fish"):
        completion([])


@pytest.mark.parametrize("shell", SHELLS)
def test_the_shell_takes_the_script(shell):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([program, "-n"], input=completion([shell]), text=True, check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("line", "replies"),
    [
        ("fulgurite fit --config digits_c", ["digits_cnn"]),
        ("fulgurite fit --data.source sample:digi", ["sample:digits"]),
        ("fulgurite li", ["list"]),
    ],
)
def test_bash_completes(tmp_path, line, replies):
    (tmp_path / "fulgurite").write_text(f'#!/bin/sh\nexec {sys.executable} -m fulgurite "$@"\n')
    (tmp_path / "fulgurite").chmod(0o755)
    words = " ".join(f"'{word}'" for word in line.split())
    code = (
        f"PATH={tmp_path}:$PATH\n{completion(['bash'])}\nCOMP_WORDS=({words})\n"
        f'COMP_CWORD={len(line.split()) - 1}\n_fulgurite\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == replies
