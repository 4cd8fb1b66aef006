"""Names of tensors in files of weights."""

import pytest
import torch

from lightning_modules.backbones.transformers_loading import unwrapped


@pytest.mark.parametrize("before", ["module.", "network.", "0.auto_model.", "_orig_mod.module."])
def test_names_lose_what_programs_put_before_all(before):
    weight = torch.ones(1)
    found = unwrapped({f"{before}a.b": weight, f"{before}c": weight})
    assert set(found) == {"a.b", "c"}
    mixed = {f"{before}a.b": weight, "c": weight}
    assert unwrapped(mixed) == mixed
