"""One rate for the backbone and another for the head."""

from torch import nn

from lightning_modules.parameter_groups.groups import ParameterGroups, Part, factor_of


class Discriminative(ParameterGroups):
    """Let the backbone learn at a fraction of the head's learning rate.

    A new head begins with random weights, and what it sends back in the first steps would undo at a
    full rate what the backbone was pretrained for: Howard & Ruder 2018, 'Universal Language Model
    Fine-tuning for Text Classification', section 3.2, with two groups.

    Args:
        backbone: the backbone's learning rate as a factor of the head's, which is the optimizer's.

    Raises:
        UserError: ``backbone`` is not above 0 and at most 1.
    """

    def __init__(self, backbone: float = 0.1) -> None:
        self.backbone = factor_of(
            "backbone",
            backbone,
            "Discriminative",
            "for a backbone that does not learn at all, add --trainer.callbacks+=FeatureExtractor",
        )

    def of_backbone(self, backbone: nn.Module) -> list[Part]:
        """Return the whole backbone as one part."""
        return [Part("backbone", self.backbone, list(backbone.parameters()))]
