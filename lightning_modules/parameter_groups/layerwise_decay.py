"""Rates that fall from the head down to the input."""

from torch import nn

from lightning_modules.backbones.depth import blocks_of
from lightning_modules.parameter_groups.groups import ParameterGroups, Part, factor_of


class LayerwiseDecay(ParameterGroups):
    """Let each block of the backbone learn slower than what lies above it.

    The head has the optimizer's rate, the last block ``decay`` times it, the one below ``decay``
    times that, and so on down to the stem or the embeddings: Clark et al. 2020, 'ELECTRA', appendix
    A; Bao et al. 2022, 'BEiT', appendix. What lies near the input is the most general and needs to
    change the least.

    Args:
        decay: the rate of a block as a factor of that of the block above it.

    Raises:
        UserError: ``decay`` is not above 0 and at most 1.
    """

    def __init__(self, decay: float = 0.75) -> None:
        self.decay = factor_of(
            "decay", decay, "LayerwiseDecay", "0.65 to 0.9 are usual, 1 is the same rate everywhere"
        )

    def of_backbone(self, backbone: nn.Module) -> list[Part]:
        """Return the blocks as parts, ``backbone 0`` nearest the input."""
        known = dict(backbone.named_parameters())
        blocks = blocks_of(backbone)
        return [
            Part(
                f"backbone {depth}", self.decay ** (len(blocks) - depth), [known[n] for n in names]
            )
            for depth, names in reversed(list(enumerate(blocks)))
        ]
