"""Settings and names of networks of the transformers library."""

import sys

import pytest
import torch

from datamodules.errors import UserError
from lightning_modules.backbones import transformers_library

transformers = pytest.importorskip("transformers", reason="needs fulgurite[text]")

BERT = {"model_type": "bert", "hidden_size": 16, "num_attention_heads": 2, "vocab_size": 9}


def test_settings_are_plain_and_give_the_same_network():
    config = transformers_library.config_of(BERT, "here")
    settings = transformers_library.plain_settings(config)
    assert settings["hidden_size"] == 16
    assert not {"id2label", "auto_map", "_name_or_path"} & set(settings)
    again = transformers_library.config_of(settings, "here")
    assert transformers_library.plain_settings(again) == settings
    assert transformers_library.class_of(again, "here") is transformers.BertModel


def test_settings_that_would_fetch_code_are_not_taken():
    told = {**BERT, "_attn_implementation": "kernels-community/flash-attn", "dtype": "float16"}
    config = transformers_library.config_of(told, "here")
    network = transformers_library.built(transformers.BertModel, config, pooler=False, name="here")
    assert str(vars(network.config)["_attn_implementation_internal"]) in ("sdpa", "eager")
    assert {each.dtype for each in network.parameters()} == {torch.float32}


def test_settings_of_a_part_fetch_no_code_either():
    part = {"model_type": "clip_text_model", "attn_implementation": "kernels-community/flash-attn"}
    told = {"model_type": "clip", "text_config": part, "vision_config": {"checkpoint_path": "x"}}
    both = transformers_library.config_of(told, "here")
    config = transformers_library.part_for(both, "text")
    assert vars(config)["_attn_implementation_internal"] is None
    assert not hasattr(transformers_library.part_for(both, "vision"), "checkpoint_path")


def test_settings_that_would_fetch_weights_are_not_taken():
    part = {"model_type": "maskformer", "use_pretrained_backbone": True}
    told = {**BERT, "use_pretrained_backbone": True, "vision_config": part}
    assert transformers_library.kept_settings(told) == {
        **BERT,
        "vision_config": {"model_type": "maskformer"},
    }


def test_dropout_is_set_in_all_layers():
    for kind, names in {
        "bert": ("hidden_dropout_prob", "attention_probs_dropout_prob"),
        "distilbert": ("dropout", "attention_dropout"),
        "gpt2": ("resid_pdrop", "embd_pdrop", "attn_pdrop"),
    }.items():
        config = transformers_library.config_of({"model_type": kind}, "here")
        transformers_library.with_dropout(config, 0.37, "here")
        assert [getattr(config, name) for name in names] == [0.37] * len(names)
    resnet = transformers_library.config_of({"model_type": "resnet"}, "here")
    with pytest.raises(UserError, match="has no dropout in its layers"):
        transformers_library.with_dropout(resnet, 0.3, "here")


def test_the_part_for_images_is_taken():
    both = transformers_library.config_of({"model_type": "clip"}, "here")
    assert transformers_library.part_for(both, "vision").model_type == "clip_vision_model"
    alone = transformers_library.config_of(BERT, "here")
    assert transformers_library.part_for(alone, "vision") is alone


def test_the_library_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[text\]'"):
        transformers_library.library()
