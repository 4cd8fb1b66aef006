"""Ids of a datamodule as those of a tokenizer."""

import pytest
import torch

from datamodules.spec import TokenizerSpec
from lightning_modules.backbones.transformers_tokens import TokenPreparation


@pytest.mark.parametrize(("shift", "padding"), [(0, 0), (1, 1), (1, 7)])
def test_ids_and_padding_are_those_of_the_tokenizer(shift, padding):
    tokenizer: TokenizerSpec = {"name": "x", "sha256": "0", "shift": shift, "size": 9}
    prepare = TokenPreparation(tokenizer, padding)
    given, real = prepare(torch.tensor([[5, 3, 0], [0, 0, 0]]))
    assert given["input_ids"].tolist() == [[5 - shift, 3 - shift, padding], [padding] * 3]
    assert given["attention_mask"].tolist() == [[1, 1, 0], [1, 0, 0]]  # attention to something
    assert real.tolist() == [[True, True, False], [False, False, False]]
    given, real = prepare(torch.zeros(2, 0, dtype=torch.int64))
    assert given["input_ids"].shape == (2, 1)
    assert not real.any()
