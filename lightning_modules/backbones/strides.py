"""How fast a convolutional network shrinks an image of any size."""

from torch import nn

_SMALLEST = 4
_LARGE = 64

Strides = tuple[int, int]


def image_strides(height: int, width: int, stages: int) -> list[Strides]:
    """Return the vertical and horizontal stride of each stage.

    The first stage keeps a small image as it is and shrinks a side above 64 pixels by 4, as the
    first layers of He et al. 2016, 'Deep Residual Learning for Image Recognition', table 1, do for
    224 pixels. Every later stage halves a side while it is above 4 pixels, so that an image of
    8 x 8 still has something to average at the end.

    Args:
        height: in pixels.
        width: in pixels.
        stages: how many strides to return.
    """
    return list(zip(_side_strides(height, stages), _side_strides(width, stages), strict=True))


def strided_convolution(before: int, after: int, stride: Strides) -> nn.Conv2d:
    """Return a convolution without bias that shrinks (N, before, H, W) by the stride, rounded up.

    Args:
        before: channels of the input.
        after: channels of the output.
        stride: vertical and horizontal; a side that shrinks by 4 is seen through 7 pixels, since 3
            would skip some.
    """
    tall, wide = (7 if step > 2 else 3 for step in stride)
    padding = (tall // 2, wide // 2)
    return nn.Conv2d(before, after, (tall, wide), stride, padding, bias=False)


def _side_strides(side: int, stages: int) -> list[int]:
    strides = [4 if side > _LARGE else 1]
    side = -(-side // strides[0])
    for _ in range(1, stages):
        strides.append(2 if side > _SMALLEST else 1)
        side = -(-side // strides[-1])
    return strides
