"""A merged network is the plain one again and computes what the adapted one did."""

from functools import partial
from typing import Any

import pytest
import torch
from torch.utils.data import DataLoader

from datamodules.errors import UserError
from datamodules.made_up import made_up_inputs
from lightning_modules.adapters.lora import LoRA
from lightning_modules.adapters.merged import adapted_layers, merged
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.classification import Classification


def test_it_has_the_names_and_the_outputs_of_before(foreign, perturb):
    spec, backbone = foreign
    names, inputs = list(backbone.state_dict()), made_up_inputs(spec, 8)
    LoRA(rank=4)(backbone, spec)
    perturb(backbone)
    adapted = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    plain = merged(backbone)
    assert list(plain.state_dict()) == names
    assert not adapted_layers(plain)
    assert all(parameter.requires_grad for parameter in plain.parameters())
    assert not hasattr(plain, "peft_config")
    with torch.no_grad():
        difference = plain.eval()(inputs) - backbone.eval()(inputs)
    assert difference.abs().max() < 1e-4
    state = backbone.state_dict()  # which is left as it was
    assert all(state[name].equal(tensor) for name, tensor in adapted.items())


def test_batch_norm_learns_again(built):
    spec, backbone = built("resnet")
    plain: Any = merged(LoRA()(backbone, spec)).train()
    mean = plain.network.bn1.running_mean.clone()
    plain(made_up_inputs(spec, 4))
    assert not plain.network.bn1.running_mean.equal(mean)


def test_a_trained_module_forgets_its_adapter_and_leaves_its_trainer(built, trainer):
    spec, _ = built("bert")
    module = Classification(spec, partial(TextTransformer, dim=8, depth=1), adapter=LoRA())
    batch = {
        "inputs": made_up_inputs(spec, 6),
        "target": torch.arange(6) % 3,
        "index": torch.arange(6),
    }
    fitted = trainer(max_epochs=3)
    batches: Any = DataLoader([batch] * 4, batch_size=None)  # type: ignore[arg-type]
    fitted.fit(module, batches, batches)
    (layer,) = adapted_layers(module).values()
    assert layer.lora_B.default.weight.abs().max() > 0
    plain = merged(module)
    assert plain._trainer is None
    assert module.trainer is fitted
    assert "adapter" in module.hparams
    assert "adapter" not in plain.hparams
    with torch.no_grad():
        difference = plain.eval()(batch["inputs"]) - module.eval()(batch["inputs"])
    assert difference.abs().max() < 1e-5


def test_numbers_that_are_not_finite_are_refused(built):
    spec, backbone = built("bert")
    LoRA()(backbone, spec)
    name = next(iter(adapted_layers(backbone)))
    backbone.get_submodule(name).lora_B.default.weight.data.fill_(float("nan"))
    with pytest.raises(UserError, match=f"The adapter of '{name}' cannot be merged: NaN"):
        merged(backbone)
