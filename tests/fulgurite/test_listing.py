"""``fulgurite list``: all there is, from the code itself, within the width of the terminal."""

import json

import pytest

from datamodules.errors import UserError
from datamodules.sources.named import MODULES, sample_names
from fulgurite.configs import shipped_configs
from fulgurite.listing import TOPICS, items_of, listed


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_items_with_a_line_each(topic):
    items = items_of(topic)
    assert items
    assert all(item.summary for item in items if topic not in ("loggers", "callbacks"))
    told = json.loads(listed([topic], as_json=True))[topic]
    assert [item["name"] for item in told] == [item.name for item in items]


def test_every_sample_and_config_is_listed():
    names = {f"sample:{name}" for kind in MODULES for name in sample_names(kind)}
    assert {item.name for item in items_of("samples")} == names
    weights = {"sample:minilm", "sample:efficientnet_lite0"}
    assert {item.name for item in items_of("weights")} == weights
    assert {item.name for item in items_of("configs")} == set(shipped_configs())


def test_parameters_stand_below_with_their_defaults(command):
    text = command("list", "backbones").out
    assert "TabularMLP" in text
    assert "width=256  depth=2  dropout=0.2" in text
    assert "spec" not in text


@pytest.mark.parametrize("columns", ["60", "80", "200"])
def test_lines_fit_the_terminal(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    for words in ([], ["losses"], ["callbacks"], ["samples"]):
        assert max(map(len, listed(words).splitlines())) <= min(int(columns), 100)


def test_one_class_is_told_whole(command):
    text = command("list", "ConvNet").out
    assert text.startswith("lightning_modules.backbones.convnet.ConvNet\n")
    assert "dropout=0.1" in text
    assert "channels of each stage" in text
    told = json.loads(command("list", "AdamW", "--json").out)
    assert told["path"] == "torch.optim.AdamW"
    assert "lr" in told["parameters"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["backbons"], r"There is no list or class 'backbons'\. Did you mean 'backbones'"),
        (["ConvNt"], r"Did you mean 'ConvNet'"),
        (["a", "b"], r"list takes one word and not 2: a b"),
    ],
)
def test_what_is_not_there_is_told(words, sentence):
    with pytest.raises(UserError, match=sentence):
        listed(words)
    with pytest.raises(UserError, match="There is no list 'x'"):
        items_of("x")
