"""Images stand beside each other as they are, with what is said of them."""

import numpy as np
import pytest
import torch

from callbacks.pictures.canvas import BLUE, RED
from callbacks.pictures.image_grid import as_tiles, captions, draw_images


def test_a_caption_tells_truth_prediction_and_row(classes):
    assert captions(classes, [4, 0]) == [
        ("true cat\nsaid bee, 90%\nrow 14", True),
        ("true ant\nsaid ant, 80%\nrow 10", False),
    ]


@pytest.mark.parametrize("channels", [1, 2, 3, 5])
def test_tiles_are_red_green_and_blue(channels):
    images = torch.rand(2, channels, 5, 4)
    tiles = as_tiles(images)
    assert tiles.shape == (2, 5, 4, 3)
    for place in range(3):
        expected = images[:, place if channels == 3 else 0]
        assert np.array_equal(tiles[..., place], expected.numpy())


def test_what_is_transparent_is_white():
    images = torch.zeros(1, 4, 1, 2)
    images[0, 3, 0, 0] = 1
    assert as_tiles(images)[0, 0].tolist() == [[0, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize("count", [1, 7, 18])
def test_every_image_is_drawn_with_its_caption(drawn, count):
    images = torch.rand(count, 3, 8, 12)
    told = [(f"true a long name x\nsaid as long, 100%\nrow {n}", n % 2 == 0) for n in range(count)]
    pixels = draw_images(images, told, "worst of 100 rows")
    (axes,) = drawn[0].axes
    assert len(axes.images) == len(axes.texts) == count
    assert np.allclose(axes.images[0].get_array(), images[0].permute(1, 2, 0))
    assert [text.get_color() for text in axes.texts[:2]] == [RED, BLUE][:count]
    boxes = [text.get_window_extent() for text in axes.texts]
    boxes += [image.get_window_extent() for image in axes.images]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[place + 1 :])
        assert drawn[0].bbox.x0 <= box.x0
        assert box.x1 <= drawn[0].bbox.x1
    assert (pixels != 255).any()
