"""Broken files are named with the reason; the rest is tested where images are read."""

from pathlib import Path

from PIL import Image

from datamodules.sources.broken_images import broken_images
from datamodules.sources.folders import ImageFiles


def test_a_file_that_is_gone_is_broken_too():
    Image.new("L", (2, 2)).save("good.png")
    Path("empty.png").touch()
    Path("dangling.png").symlink_to("nowhere.png")
    names = ["good.png", "empty.png", "dangling.png"]
    error = broken_images("here", ImageFiles([Path(name) for name in names], names))
    assert str(error) == (
        "2 of the 3 images in 'here' cannot be read: 'empty.png' (empty file), 'dangling.png' "
        "(no such file or directory). Mend or remove them."
    )
