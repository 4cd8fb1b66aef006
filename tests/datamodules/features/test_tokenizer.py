"""A pretrained tokenizer beside the library that it comes from."""

import io
import json
import sys
from pathlib import Path

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.features.text import TextFeatures
from datamodules.features.tokenizer import Tokenizer
from datamodules.records import Records
from datamodules.store import Ragged
from datamodules.text import TextDataModule

tokenizers = pytest.importorskip("tokenizers", reason="needs fulgurite[text]")

TEXTS = ["the cat sat", "the dog", "", "a cat and a dog sat on the mat"]


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a small WordPiece tokenizer as BERT has it, padding first."""
    return saved(tmp_path, ["[PAD]", "[UNK]", "[CLS]", "[SEP]"])


def saved(folder: Path, special: list[str], pad: bool = True) -> Path:
    words = ["the", "cat", "dog", "sat", "a", "##t", "ma"]
    vocabulary = {word: number for number, word in enumerate([*special, *words])}
    made = tokenizers.Tokenizer(tokenizers.models.WordPiece(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    ends = [(word, vocabulary[word]) for word in ("[CLS]", "[SEP]")]
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    if pad:
        made.enable_padding(pad_id=vocabulary["[PAD]"], pad_token="[PAD]")
    made.save(str(folder / "tokenizer.json"))
    return folder


def rows(texts) -> Records:
    return Records(pl.DataFrame({"note": texts}), "notes.csv")


def fitted(path, texts=TEXTS, **settings) -> TextFeatures:
    features = TextFeatures("note", tokenizer=str(path), **settings)
    features.fit(rows(texts))
    return features


def ids(features: TextFeatures, texts) -> list[list[int]]:
    column = features.columns(rows(texts))["tokens"]
    assert isinstance(column, Ragged)
    return [row.tolist() for row in column.flat.split(column.lengths.tolist())]


@pytest.mark.parametrize("name", ["", "tokenizer.json"])
def test_ids_are_those_of_the_library(folder, name):
    theirs = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    theirs.no_padding()
    features = fitted(folder / name)
    expected = [encoding.ids for encoding in theirs.encode_batch(TEXTS)]
    assert ids(features, TEXTS) == expected
    assert features.parts["cardinalities"] == {"tokens": [theirs.get_vocab_size()]}
    assert features.parts["inputs"] == {"tokens": [256]}
    longer = [" ".join(TEXTS * 3)]  # than any that training has
    assert ids(features, longer) == [encoding.ids for encoding in theirs.encode_batch(longer)]
    assert ids(features, [None]) == ids(features, [""])


def test_a_text_that_is_cut_keeps_its_end_token(folder):
    features = fitted(folder, max_tokens=4)
    assert features.parts["inputs"] == {"tokens": [4]}
    assert ids(features, ["the cat sat the cat"]) == [[2, 4, 5, 3]]
    assert features.notes()[1].startswith("2 of 4 training texts have more than 4 tokens")


def test_padding_is_0_whatever_the_tokenizer_has_there(tmp_path, folder):
    plain = fitted(folder)
    (tmp_path / "other").mkdir()
    moved = fitted(saved(tmp_path / "other", ["[CLS]", "[SEP]", "[UNK]", "[PAD]"]))
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "other" / "tokenizer.json"))
    expected = [[number + 1 for number in theirs.encode(text).ids] for text in TEXTS]
    assert ids(moved, TEXTS) == expected
    assert moved.parts["cardinalities"] == {"tokens": [theirs.get_vocab_size() + 1]}
    assert "moved up by 1 since its id 0 is not padding" in moved.notes()[0]
    assert "moved" not in plain.notes()[0]
    spec = moved.parts["tokenizer"]
    assert spec is not None
    assert (spec["shift"], spec["size"]) == (1, theirs.get_vocab_size() + 1)
    assert plain.parts["vocabulary"] != moved.parts["vocabulary"]
    (tmp_path / "none").mkdir()
    without = fitted(saved(tmp_path / "none", ["[CLS]", "[SEP]", "[UNK]"], pad=False))
    assert min(map(min, ids(without, TEXTS))) == 1


def test_no_file_is_needed_later(folder):
    features = fitted(folder)
    file = io.BytesIO()
    torch.save(features.state_dict(), file)
    file.seek(0)
    (folder / "tokenizer.json").unlink()
    again = TextFeatures("note")
    again.load_state_dict(torch.load(file, weights_only=True))
    assert ids(again, TEXTS) == ids(features, TEXTS)
    assert again.state_dict() == features.state_dict()
    assert again.notes() == features.notes()
    assert again.parts == features.parts


def test_the_spec_has_its_name_and_hash(folder):
    told = fitted(folder).parts["vocabulary"]
    assert told.startswith(f"tokenizer {folder.name} sha256:")
    text = json.loads((folder / "tokenizer.json").read_text())
    text["model"]["vocab"]["new"] = 99
    (folder / "tokenizer.json").write_text(json.dumps(text))
    assert fitted(folder).parts["vocabulary"] != told


def test_the_spec_has_what_a_network_must_know(folder, monkeypatch):
    monkeypatch.chdir(folder)
    spec = fitted(".").parts["tokenizer"]
    theirs = tokenizers.Tokenizer.from_file("tokenizer.json")
    assert spec is not None
    assert spec["name"] == str(folder.resolve())
    assert (spec["shift"], spec["size"]) == (0, theirs.get_vocab_size())
    assert len(spec["sha256"]) == 64
    theirs.enable_truncation(7)
    theirs.no_padding()
    theirs.save("tokenizer.json", pretty=False)
    assert fitted(".").parts["tokenizer"] == spec
    theirs.add_tokens(["mat"])
    theirs.save("tokenizer.json")
    other = fitted(".").parts["tokenizer"]
    assert other is not None
    assert other["sha256"] != spec["sha256"]


def test_ids_may_have_gaps(folder):
    text = json.loads((folder / "tokenizer.json").read_text())
    text["model"]["vocab"]["far"] = 99
    (folder / "tokenizer.json").write_text(json.dumps(text))
    assert fitted(folder).parts["cardinalities"] == {"tokens": [100]}


def test_a_held_out_text_changes_nothing(folder):
    assert fitted(folder).state_dict() == fitted(folder, TEXTS).state_dict()
    features = fitted(folder)
    before = features.state_dict()
    ids(features, ["a cat on the mat " * 50])
    assert features.state_dict() == before


def test_what_is_no_tokenizer_is_told(tmp_path, folder, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "other.json").write_text("{}")
    for name, told in [
        (tmp_path / "empty", "--data.tokenizer: The folder '.*empty' has no tokenizer.json"),
        (tmp_path / "broken.json", "broken.json' is no JSON"),
        (tmp_path / "other.json", "is no tokenizer that the tokenizers library reads"),
        ("some/folder/tokenizer.json", "no file or folder 'some/folder/tokenizer.json'\\."),
        ("no-such/name", "no file or folder 'no-such/name'.*, and the hub gives no tokenizer.json"),
    ]:
        with pytest.raises(UserError, match=told):
            fitted(name)
    with pytest.raises(UserError, match="column 'note' holds no text: all 2 training rows"):
        fitted(folder, ["", None])


def test_the_library_is_asked_for(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[text\]'"):
        Tokenizer(str(folder)).learn(pl.Series(["a"]), "here")


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "folder"])
def test_the_library_and_we_are_given_the_same_text(tmp_path, folder, kind):
    """Of a byte-level tokenizer white space at the ends is tokens too."""
    made = tokenizers.Tokenizer(tokenizers.models.BPE())
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = tokenizers.trainers.BpeTrainer(
        special_tokens=["<pad>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(["a b"], trainer)
    made.save(str(folder / "tokenizer.json"))
    texts = [f"{' ' * (n % 3)}number {n}{' ' * (n % 2)}" for n in range(40)]
    frame = pl.DataFrame({"note": texts, "odd": [f"odd{n % 2}" for n in range(40)]})
    source = tmp_path / f"notes.{kind}"
    if kind == "folder":
        for n, text in enumerate(texts):
            path = source / f"odd{n % 2}" / f"{n:02}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"{text}\n")
        texts = [f"{text}\n" for text in texts[::2] + texts[1::2]]
    else:
        writer = {"csv": "write_csv", "jsonl": "write_ndjson", "parquet": "write_parquet"}[kind]
        getattr(frame, writer)(source)
    target = None if kind == "folder" else "odd"
    data = TextDataModule(str(source), target=target, tokenizer=str(folder))
    data.setup("fit")
    theirs = [each.ids for each in made.encode_batch(texts)]

    def ours(store) -> list[list[int]]:
        column = store.inputs["tokens"]
        return [row.tolist() for row in column.flat.split(column.lengths.tolist())]

    assert ours(data.store) == theirs
    new = TextDataModule(str(source), target=target, tokenizer=str(folder))
    new.load_state_dict(data.state_dict())
    new.setup("predict")
    assert ours(new._to_predict) == theirs
