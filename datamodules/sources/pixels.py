"""One image file as pixels."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

MODES = {1: "L", 3: "RGB", 4: "RGBA"}
"""How Pillow calls pixels of so many channels."""
GREY = {"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"}
ORIENTATION = 0x0112
TURNED = {5, 6, 7, 8}  # EXIF orientations that swap height and width


def probe(path: Path) -> tuple[int, int, bool]:
    """Return height, width and whether the image is grey, from the file's head alone.

    Raises:
        Exception: Pillow cannot read the file; it raises many kinds.
    """
    from PIL import Image

    with Image.open(path) as image:
        width, height = image.size
        # asked for EXIF, a PNG without it is decoded whole
        known = image.format != "PNG" or "exif" in image.info
        if known and image.getexif().get(ORIENTATION) in TURNED:
            width, height = height, width
        return height, width, image.mode in GREY


def decode(path: Path, height: int, width: int, channels: int) -> "np.ndarray[Any, Any]":
    """Return the pixels of a file, uint8 (C, H, W).

    The picture is turned as EXIF says, laid on white where it is transparent unless a fourth
    channel is to say where, scaled with antialiasing until it covers the size, and cropped at its
    centre.

    Raises:
        Exception: Pillow cannot read the file; it raises many kinds.
    """
    from PIL import Image, ImageOps

    with Image.open(path) as image:
        # a JPEG is decoded at a fraction of its size where that is still twice what is wanted
        twice = 2 * max(height, width)
        image.draft(None, (twice, twice))
        whole = _eight_bits(ImageOps.exif_transpose(image), transparent=channels == 4)
        return fit(whole, height, width, channels)


def fit(image: "Image", height: int, width: int, channels: int) -> "np.ndarray[Any, Any]":
    """Return an image of 8 bits a channel as uint8 (C, H, W) of that size."""
    import numpy as np
    from PIL import Image, ImageOps

    image = image.convert(MODES[channels])
    if image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.BILINEAR)
    pixels = np.asarray(image).reshape(height, width, channels)
    return pixels.transpose(2, 0, 1)


def _eight_bits(image: "Image", *, transparent: bool) -> "Image":
    """Return the image as L or RGB; if it may be transparent, as RGBA where it is."""
    from PIL import Image

    if image.mode.startswith("I"):
        return _from_16_bits(image)
    if image.mode == "F":
        raise ValueError("pixels are 32-bit floats, whose white is not known")
    grey = image.mode in GREY
    if not image.has_transparency_data:
        return image.convert("L" if grey else "RGB")
    layer = image.convert("RGBA")
    if transparent:
        return layer
    white = Image.new("RGBA", layer.size, "white")
    return Image.alpha_composite(white, layer).convert("L" if grey else "RGB")


def _from_16_bits(image: "Image") -> "Image":
    import numpy as np
    from PIL import Image

    # Pillow's own conversion to 8 bits clips; mode I is how some releases open 16 bits
    values = np.asarray(image).astype(np.float64).clip(0, 65535)
    return Image.fromarray((values / 257).round().astype(np.uint8))
