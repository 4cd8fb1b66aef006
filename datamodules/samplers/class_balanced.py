"""Rare classes as often as common ones."""

from dataclasses import dataclass

import torch

from datamodules.errors import UserError
from datamodules.samplers.drawing import Drawing
from datamodules.samplers.sampler import RowSampler, TrainingPart


@dataclass(frozen=True)
class ClassBalanced(RowSampler):
    """Draw each class equally often, however many training rows it has.

    An epoch keeps its length: rows of rare classes stand in it several times, each time with
    another augmentation, and of common classes each epoch has other rows. Validation and test rows
    keep their frequencies, which the model then does not expect: it takes rare classes for likelier
    than they are, so recall of them rises, precision falls, and probabilities are off until they
    are calibrated, or multiplied by each class's share of training and divided by its share of an
    epoch (Saerens et al. 2002, "Adjusting the outputs of a classifier to new a priori
    probabilities"). ``class_weight: balanced`` does the same to the loss; use one of the two.

    Args:
        strength: 1 draws all classes equally often, 0 each as often as it is; between, a class of
            n rows is drawn in proportion to ``n ** (1 - strength)``: 0.5 is the square root of
            Mahajan et al. 2018, "Exploring the Limits of Weakly Supervised Pretraining".

    Raises:
        UserError: the strength is not from 0 to 1.
    """

    strength: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.strength <= 1:
            raise UserError(f"ClassBalanced takes strength from 0 to 1, but got {self.strength}.")

    def __call__(self, part: TrainingPart) -> Drawing:
        """Return what draws rows by their classes.

        Raises:
            UserError: the target is not one class a row.
        """
        if part.spec.kind not in ("binary", "multiclass"):
            why = {"multilabel": "a row has several labels", "regression": "the target is a number"}
            other = {"multilabel": ", or --model.class_weight balanced", "regression": ""}
            raise UserError(
                f"--data.sampler: ClassBalanced draws each class equally often, but "
                f"{why[part.spec.kind]}: draw rows by a column of weights, --data.sampler Weighted "
                f"--data.sampler.column NAME{other[part.spec.kind]}."
            )
        counts = part.target.bincount(minlength=len(part.spec.names)).double()
        drawn = counts.where(counts == 0, counts ** (1 - self.strength))
        rarest = int(counts.where(counts > 0, torch.inf).argmin())
        before, after = (float(each[rarest] / each.sum()) for each in (counts, drawn))
        how = "equally often" if self.strength == 1 else "more evenly"
        note = (
            f"classes are drawn {how}: '{part.spec.names[rarest]}' is {_percent(before)} of the "
            f"training rows and {_percent(after)} of those drawn"
        )
        return Drawing((drawn / counts)[part.target], part.target, note)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
