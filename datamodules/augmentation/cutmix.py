"""Images with a rectangle of another image in them."""

import torch
from torch import Tensor

from datamodules.augmentation.augmentation import named_inputs, nothing_to_change
from datamodules.augmentation.draws import Draws
from datamodules.augmentation.images import is_image
from datamodules.augmentation.mixing import Mixing, mixed_target, partners
from datamodules.batch import Batch
from datamodules.errors import UserError
from datamodules.spec import DataSpec


class CutMix(Mixing):
    """Paste a rectangle of another image of the batch into each, and mix targets by its area.

    Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
    Features", equations 1 and 2, with a rectangle for each image. Its sides are in the proportion
    of the image's, its centre is any pixel; what lies outside is cut off, and the share of the
    target is that of the pixels that were pasted. Classes become shares of classes (N, C), which
    the loss must take; labels and numbers are mixed.

    A row's partner is chosen as :class:`~datamodules.augmentation.mixup.Mixup` chooses it. Where
    both stand in one list they are applied one after the other, so that a row may be of several;
    the shares stay exact. ``p: 0.5`` for each leaves a quarter of the rows as they are.

    Args:
        alpha: the share of an image that stays is drawn from Beta(alpha, alpha), all alike at 1.
        p: probability that a row is mixed.
    """

    def __init__(self, alpha: float = 1.0, p: float = 1.0) -> None:
        super().__init__(alpha, p)

    def change(self, batch: Batch, draws: Draws, spec: DataSpec | None) -> Batch:
        """Return a batch of images with rectangles of others in them."""
        inputs = named_inputs(batch)
        sizes = {values.shape[2:] for values in inputs.values() if is_image(values)}
        if not all(is_image(values) for values in inputs.values()) or len(sizes) != 1:
            raise nothing_to_change("CutMix", "images alone, all of one size", inputs)
        if "target" not in batch:
            raise UserError("CutMix mixes rows with a target, but these have none.")
        shares, order, chosen, y, x = draws.uniform(5).unbind(1)
        share = self.shares(shares).masked_fill(chosen >= self.p, 1.0)
        height, width = sizes.pop()
        pasted = rectangles(share, y, x, height, width)
        kept = 1 - pasted.sum((1, 2)) / (height * width)  # equation 1 asks for the real area
        other = partners(order)
        target = mixed_target(batch["target"], kept, other, spec, "CutMix")
        changed: Batch = {**batch, "target": target}
        changed["inputs"] = {
            name: torch.where(pasted[:, None], values[other], values)
            for name, values in inputs.items()
        }
        return changed


def rectangles(share: Tensor, y: Tensor, x: Tensor, height: int, width: int) -> Tensor:
    """Tell which pixels are pasted: equation 2 of Yun et al. 2019, in whole pixels.

    Args:
        share: (N,) of the image that is to stay, about; a rectangle may reach over the border.
        y: (N,) numbers in [0, 1) that choose the row of the centre.
        x: (N,) the same for its column.
        height: of the images.
        width: of the images.

    Shape:
        (N, H, W) bool
    """
    half = 0.5 * (1 - share).sqrt()
    rows, columns = _span(half, y, height), _span(half, x, width)
    return rows[:, :, None] & columns[:, None, :]


def _span(half: Tensor, place: Tensor, side: int) -> Tensor:
    """Tell which of ``side`` pixels lie within half a length of a centre: (N,) -> (N, side)."""
    reach = (half * side).long()[:, None]
    centre = (place * side).long()[:, None]
    pixel = torch.arange(side, device=half.device)
    return (pixel >= centre - reach) & (pixel < centre + reach)
