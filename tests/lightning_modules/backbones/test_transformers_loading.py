"""Names of tensors in files of weights."""

import pytest
import torch

from datamodules.errors import UserError
from lightning_modules.backbones.transformers_loading import filled, unwrapped


@pytest.mark.parametrize("before", ["module.", "network.", "0.auto_model.", "_orig_mod.module."])
def test_names_lose_what_programs_put_before_all(before):
    weight = torch.ones(1)
    found = unwrapped({f"{before}a.b": weight, f"{before}c": weight})
    assert set(found) == {"a.b", "c"}
    mixed = {f"{before}a.b": weight, "c": weight}
    assert unwrapped(mixed) == mixed


def test_numbers_that_are_none_are_refused_by_their_name():
    transformers = pytest.importorskip("transformers", reason="needs fulgurite[text]")
    config = transformers.BertConfig(
        vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
    )
    tensors = transformers.BertModel(config).state_dict()
    filled(transformers.BertModel, config, tensors, pooler=True, name="net")
    tensors["pooler.dense.bias"][3] = torch.nan
    with pytest.raises(UserError, match=r"'net' has NaN or infinity in 'pooler\.dense\.bias'"):
        filled(transformers.BertModel, config, tensors, pooler=True, name="net")
