"""The rates of blocks fall from the head to the input, and each parameter has one."""

import pytest

from datamodules.spec import DataSpec
from lightning_modules.backbones.depth import blocks_of
from lightning_modules.backbones.text_transformer import TextTransformer
from lightning_modules.parameter_groups.layerwise_decay import LayerwiseDecay

TEXT = DataSpec({"tokens": [16]}, cardinalities={"tokens": [50]})


@pytest.mark.parametrize("depth", [1, 3])
def test_each_block_is_a_part_from_the_last_to_the_embeddings(depth):
    backbone = TextTransformer(TEXT, dim=8, depth=depth)
    parts = LayerwiseDecay(0.5).of_backbone(backbone)
    count = len(blocks_of(backbone))
    assert [part.name for part in parts] == [f"backbone {n}" for n in reversed(range(count))]
    assert [part.factor for part in parts] == [0.5**n for n in range(1, count + 1)]
    found = [id(parameter) for part in parts for parameter in part.parameters]
    assert sorted(found) == sorted(id(parameter) for parameter in backbone.parameters())
    assert id(backbone.embedding.weight) in {id(p) for p in parts[-1].parameters}


def test_a_decay_of_one_is_the_same_rate_everywhere():
    parts = LayerwiseDecay(1).of_backbone(TextTransformer(TEXT, dim=8, depth=2))
    assert {part.factor for part in parts} == {1}
