"""What each kind of target has to show, written to an event file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch

from callbacks.pictures.canvas import Pixels
from callbacks.pictures.confusion import confusion_counts, draw_confusion
from callbacks.pictures.image_grid import captions, draw_images
from callbacks.pictures.judged import Judged
from callbacks.pictures.labels import draw_labels, label_counts
from callbacks.pictures.mistakes import MOST_ROWS, contents_of, mistakes_table
from callbacks.pictures.precision_recall import curves
from callbacks.pictures.residuals import draw_residuals, draw_scatter
from datamodules.supervised import SupervisedDataModule

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter

IMAGES = 18
MOST_NUMBERS = 6
"""Numbers of a row, of which each has pictures of its own."""


def show(
    writer: "SummaryWriter",
    judged: Judged,
    datamodule: SupervisedDataModule | None,
    title: str,
    step: int,
) -> None:
    """Write pictures, curves and a table.

    Args:
        writer: of the event file.
        judged: the rows.
        datamodule: where the rows came from, if it is one of ours.
        title: which rows these are.
        step: at which step they were measured.
    """
    for name, pixels in _pictures(judged, title):
        writer.add_image(f"validation/{name}", pixels, step, dataformats="HWC")
    if judged.probability is not None:
        for name, truth, probability in curves(judged):
            writer.add_pr_curve(f"precision_recall/{name}", truth, probability, step)
    if datamodule is None or datamodule.store is None:
        return
    if _are_images(datamodule):
        for name, pixels in _grids(judged, datamodule, title):
            writer.add_image(f"validation/{name}", pixels, step, dataformats="HWC")
        return
    places = judged.worst(MOST_ROWS, only_wrong=True)
    contents = contents_of(datamodule, judged.index[places].tolist())
    table = mistakes_table(judged, places, contents)
    heading = f"The worst of {title}" if places else f"No mistake in {title}"
    writer.add_text("validation/worst", f"{heading}\n\n{table if places else ''}", step)


def _pictures(judged: Judged, title: str) -> Iterator[tuple[str, Pixels]]:
    names, target, prediction = judged.spec.names, judged.target, judged.prediction
    if judged.spec.kind == "multilabel":
        yield "labels", draw_labels(label_counts(target, prediction), names, title)
    elif judged.spec.kind == "regression":
        for place, name in enumerate(names[:MOST_NUMBERS]):
            true, said = target[:, place].numpy(), prediction[:, place].numpy()
            suffix = f"/{name}" if len(names) > 1 else ""
            yield f"predicted_and_true{suffix}", draw_scatter(true, said, name, title)
            yield f"errors{suffix}", draw_residuals(true, said, name, title)
    else:
        counts = confusion_counts(target, prediction, len(names))
        yield "confusion", draw_confusion(counts, names, title)


def _are_images(datamodule: SupervisedDataModule) -> bool:
    shapes = list(datamodule.spec.inputs.values())
    return len(shapes) == 1 and len(shapes[0]) == 3


def _grids(
    judged: Judged, datamodule: SupervisedDataModule, title: str
) -> Iterator[tuple[str, Pixels]]:
    assert datamodule.store is not None
    for name, places in (("worst", judged.worst(IMAGES)), ("some", judged.some(IMAGES))):
        images = datamodule.store.own_inputs(judged.index[places])
        assert isinstance(images, torch.Tensor)
        yield name, draw_images(images, captions(judged, places), f"{name} of {title}")
