"""Weights put into a network by name: heads left out, all else the same or refused."""

from collections import OrderedDict

import pytest
import torch
from torch import nn

from datamodules.errors import UserError
from lightning_modules.backbones.loading import as_floats, load_weights, with_channels


def network(channels: int = 3, width: int = 4) -> nn.Module:
    return nn.Sequential(
        OrderedDict(
            stem=nn.Conv2d(channels, width, 3),
            norm=nn.BatchNorm2d(width),
            last=nn.Linear(width, width),
        )
    )


def file(**heads: torch.Tensor) -> dict[str, torch.Tensor]:
    return {**{k: torch.randn_like(v.float()) for k, v in network().state_dict().items()}, **heads}


def test_all_but_the_head_is_taken_and_told():
    net, tensors = network(), file(**{"fc.weight": torch.ones(5, 4), "fc.bias": torch.ones(5)})
    loaded = load_weights(net, tensors, "net.pth")
    assert loaded.sentence() == (
        "loaded 9 of 11 tensors of 'net.pth'; left out: fc.weight, fc.bias"
    )
    for name, value in net.state_dict().items():
        if not name.endswith("num_batches_tracked"):
            assert torch.equal(value, tensors[name]), name


@pytest.mark.parametrize("name", ["stem.weight", "norm.running_var", "last.bias"])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf"), 1e300])
def test_numbers_that_are_none_are_refused_by_their_name(name, wrong):
    tensors = file(**{"fc.bias": torch.tensor([wrong])})  # what is left out does not matter
    load_weights(network(), tensors, "net.pth")
    tensors[name] = tensors[name].double()
    tensors[name].view(-1)[-1] = wrong
    with pytest.raises(UserError, match=f"^'net.pth' has NaN or infinity in '{name}'"):
        load_weights(network(), tensors, "net.pth")
    half = {k: v.half() for k, v in file(**{name: torch.full_like(tensors[name], 7e4)}).items()}
    with pytest.raises(UserError, match=f"infinity in '{name}'.*in half precision"):
        load_weights(network(), half, "net.pth")


def test_buffers_that_are_endless_by_design_are_taken():
    net = network()
    net.register_buffer("mask", torch.tensor([0.0, -torch.inf]))
    load_weights(net, file(mask=torch.tensor([0.0, -torch.inf])), "net.pth")


@pytest.mark.parametrize("prefix", ["module.", "model.", "backbone.", "visual.trunk."])
def test_a_prefix_of_every_name_does_not_matter(prefix):
    net, tensors = network(), file()
    named = {f"{prefix.partition('.')[0]}.{k}": v for k, v in tensors.items()}
    load_weights(net, named, "net.pth")
    assert torch.equal(net.state_dict()["last.bias"], tensors["last.bias"])


def test_counters_may_be_missing():
    tensors = {k: v for k, v in file().items() if not k.endswith("num_batches_tracked")}
    assert load_weights(network(), tensors, "net.pth").fresh == []


def test_a_shape_that_differs_is_told_with_both():
    tensors = file(**{"last.weight": torch.ones(7, 4)})
    with pytest.raises(UserError) as told:
        load_weights(network(), tensors, "net.pth", called="tiny")
    assert str(told.value) == (
        "'net.pth' does not fit tiny: 'last.weight' is (7, 4) there and (4, 4) in the network."
    )


def test_a_layer_that_is_missing_is_told():
    tensors = file()
    del tensors["last.weight"]
    with pytest.raises(UserError, match=r"another network than Sequential: 8 of its 9 .*no last"):
        load_weights(network(), tensors, "net.pth")
    loaded = load_weights(network(), tensors, "net.pth", optional=("last.",))
    assert loaded.fresh == ["last.weight"]
    assert "; new: last.weight" in loaded.sentence()


def test_a_layer_too_many_is_told_unless_it_is_a_head():
    tensors = file(**{"last.extra": torch.ones(1)})
    with pytest.raises(UserError, match=r"it has last\.extra, which is of no layer here"):
        load_weights(network(), tensors, "net.pth")
    loaded = load_weights(network(), tensors, "net.pth", heads=("last.extra",))
    assert loaded.left_out == ["last.extra"]


def test_another_network_changes_nothing():
    net = network()
    before = {k: v.clone() for k, v in net.state_dict().items()}
    for tensors in ({"a": torch.ones(1)}, file(**{"last.bias": torch.ones(9)})):
        with pytest.raises(UserError):
            load_weights(net, tensors, "net.pth")
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())


@pytest.mark.parametrize("channels", [1, 2, 4, 7])
def test_the_first_layer_is_fitted_to_other_channels(channels):
    net, tensors = network(channels), file()
    loaded = load_weights(net, tensors, "net.pth", channels=channels)
    assert loaded.adapted == ["stem.weight"]
    assert "fitted to the images' channels: stem.weight" in loaded.sentence()
    expected = with_channels(tensors["stem.weight"], channels)
    assert torch.equal(net.state_dict()["stem.weight"], expected)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 7])
def test_channels_are_fitted_as_timm_does(channels):
    manipulate = pytest.importorskip("timm.models", reason="needs fulgurite[vision]")
    weight = torch.randn(4, 3, 5, 5)
    expected = manipulate.adapt_input_conv(channels, weight.clone())
    assert torch.allclose(with_channels(weight, channels), expected)


def test_grey_is_seen_as_three_equal_colours():
    weight, grey = torch.randn(4, 3, 3, 3), torch.rand(2, 1, 8, 8)
    seen = nn.functional.conv2d(grey, with_channels(weight, 1))
    assert torch.allclose(seen, nn.functional.conv2d(grey.expand(-1, 3, -1, -1), weight), atol=1e-5)


def test_a_layer_that_asks_for_its_version_is_filled():
    class Versioned(nn.Linear):
        _version = 2

        def _load_from_state_dict(self, state_dict, prefix, local_metadata, *rest):
            assert local_metadata["version"] == 2
            super()._load_from_state_dict(state_dict, prefix, local_metadata, *rest)

    load_weights(Versioned(2, 2), {"weight": torch.ones(2, 2), "bias": torch.ones(2)}, "net.pth")


def test_half_precision_is_trained_in_single():
    found = as_floats({"a": torch.ones(1, dtype=torch.float16), "b": torch.ones(1).long()})
    assert found["a"].dtype == torch.float32
    assert found["b"].dtype == torch.int64
