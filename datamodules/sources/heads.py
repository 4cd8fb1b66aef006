"""What the heads of image files tell before any pixel is decoded."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

Size = int | tuple[int, int]

LARGEST_SIDE = 128
"""Pictures of several sizes are brought to at most this, unless a size is given."""


@dataclass(frozen=True)
class Heads:
    """N images' sizes and colours.

    Attributes:
        count: N.
        sizes: how many different sizes there are.
        height: of the first.
        width: of the first.
        side: the median shorter side.
        grey: whether all are grey.
    """

    count: int
    sizes: int
    height: int
    width: int
    side: float
    grey: bool

    @classmethod
    def of(cls, heads: Sequence[tuple[int, int, bool]]) -> "Heads":
        """Sum up the height, the width and the greyness of each image."""
        sizes = [(height, width) for height, width, _ in heads]
        side = float(statistics.median(min(size) for size in sizes))
        return cls(len(heads), len(set(sizes)), *sizes[0], side, all(grey for *_, grey in heads))

    @property
    def channels(self) -> int:
        """1 where all are grey, else 3."""
        return 1 if self.grey else 3

    def target_size(self, source: str, size: Size | None) -> tuple[int, int, list[str]]:
        """Return height, width and a note where it had to be chosen.

        Args:
            source: for the note.
            size: what the user wants.
        """
        if isinstance(size, int):
            return size, size, []
        if size is not None:
            return *size, []
        if self.sizes == 1:
            return self.height, self.width, []
        side = min(LARGEST_SIDE, round(self.side))
        note = (
            f"The {self.count} images in '{source}' have {self.sizes} sizes: each was scaled "
            f"and cropped at its centre to {side}x{side}; `size` sets another."
        )
        return side, side, [note]
