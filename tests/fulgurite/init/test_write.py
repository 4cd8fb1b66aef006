"""A plan as a config."""

from pathlib import Path

import yaml

from fulgurite.init.plan import Plan
from fulgurite.init.write import as_yaml


def test_the_longest_config_has_fifteen_lines():
    data = {
        "source": "sqlite:///a.db",
        "query": "select * from t where name = 'O''Brien: x'",
        "text": "a text",
        "target": ["y", "z"],
        "separator": "|",
        "task": "multilabel",
        "split": {"class_path": "GroupedSplit", "group": "who"},
        "batch_size": 64,
    }
    parts = {"backbone": "BagOfWords", "optimizer": {"class_path": "AdamW", "lr": 2e-3}}
    plan = Plan("TextDataModule", data, "Classification", parts, 7, "Of 'y'")
    plan.remarks["batch_size"] = "20 steps an epoch"
    text = as_yaml(plan, Path("a.yaml"))
    assert len(text.splitlines()) <= 15
    assert text.startswith("# Of 'y'\n#   fulgurite fit --config a.yaml\n")
    told = yaml.safe_load(text)
    assert told["data"] == {"class_path": "TextDataModule", **data}
    assert told["trainer"] == {"max_epochs": 7}
    assert told["model"] == {"class_path": "Classification", **parts}
    assert "batch_size: 64  # 20 steps an epoch\n" in text
