"""Names of tensors with and without adapters."""

import pytest
from torch import nn

from lightning_modules.adapters.names import adapted_names, has_adapters

peft = pytest.importorskip("peft", reason="needs fulgurite[lora]")


def test_an_adapted_network_says_where_its_tensors_were():
    network = nn.Sequential(nn.Linear(2, 2), nn.ReLU(), nn.Linear(2, 1))
    before = network.state_dict()
    assert not has_adapters(before)
    peft.inject_adapter_in_model(peft.LoraConfig(r=1, target_modules="0"), network)
    after = network.state_dict()
    assert has_adapters(after)
    names = adapted_names(after)
    assert all(after[names[name]].equal(tensor) for name, tensor in before.items())
    assert names["0.weight"] == "0.base_layer.weight"
    assert names["2.weight"] == "2.weight"
