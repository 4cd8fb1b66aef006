"""Images from small files of each mode and size, and each way they can be broken."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from datamodules.errors import UserError
from datamodules.sources.images import read_images
from datamodules.splits.by_file import FileSplit


def saved(path: str, mode: str = "L", size: tuple[int, int] = (6, 4), color: object = 100, **how):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **how)  # type: ignore[arg-type]


def error(source: str, **how) -> str:
    with pytest.raises(UserError) as caught:
        read_images(source, **how)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def pixels(source: str, **how) -> torch.Tensor:
    images = read_images(source, **how).images
    assert images is not None
    assert images.dtype == torch.uint8
    assert images.is_contiguous()
    return images


def test_class_folders_sorted_nested_and_hidden():
    saved("data/dog/b.PNG", color=1)
    saved("data/dog/a/deep.bmp", color=2)
    saved("data/cat/z.png", color=3)
    saved("data/cat/.hidden.png")
    saved("data/.cache/c.png")
    saved("data/dog/.cache/c.png")
    Path("data/cat/notes.txt").write_text("no image")
    records = read_images("data")
    assert records.frame.to_dict(as_series=False) == {
        "label": ["cat", "dog", "dog"],
        "path": ["cat/z.png", "dog/a/deep.bmp", "dog/b.PNG"],
    }
    assert records.target == "label"
    assert records.origin == "data"
    assert records.notes == []
    assert records.images is not None
    assert records.images.shape == (3, 1, 4, 6)
    assert records.images[:, 0, 0, 0].tolist() == [3, 2, 1]


def test_a_flat_folder_and_one_file_have_no_labels():
    saved("new/b.png")
    saved("new/a.png", color=7)
    for source, names in (("new", ["a.png", "b.png"]), ("new/a.png", ["a.png"])):
        records = read_images(source)
        assert records.frame.to_dict(as_series=False) == {"path": names}
        assert records.target is None
        assert records.images is not None
        assert records.images[0].eq(7).all()


def test_stray_images_and_empty_folders_are_told():
    saved("data/a/1.png")
    saved("data/stray.png")
    Path("data/none").mkdir()
    assert read_images("data").notes == [
        "Images in 'data' that lie in no class folder were left out: 1 (first: 'stray.png').",
        "Folders in 'data' without images are no classes: none.",
    ]


@pytest.mark.parametrize(
    ("suffix", "mode", "color", "expected"),
    [
        ("png", "1", 1, [255]),
        ("png", "L", 77, [77]),
        ("jpeg", "L", 77, [77]),
        ("tiff", "L", 77, [77]),
        ("png", "I;16", 65535, [255]),
        ("png", "I;16", 257 * 77, [77]),
        ("tif", "I;16", 257 * 77, [77]),
        ("png", "LA", (0, 0), [255]),
        ("png", "LA", (100, 255), [100]),
        ("png", "RGB", (10, 20, 30), [10, 20, 30]),
        ("bmp", "RGB", (10, 20, 30), [10, 20, 30]),
        ("png", "RGBA", (10, 20, 30, 255), [10, 20, 30]),
        ("png", "RGBA", (10, 20, 30, 0), [255, 255, 255]),
        ("png", "RGBA", (0, 0, 0, 51), [204, 204, 204]),
        ("tif", "CMYK", (0, 0, 0, 255), [0, 0, 0]),
    ],
)
def test_modes(suffix, mode, color, expected):
    saved(f"a.{suffix}", mode, color=color)
    found = pixels(f"a.{suffix}")
    assert found.shape == (1, len(expected), 4, 6)
    assert found[0, :, 2, 3].tolist() == expected


@pytest.mark.parametrize("suffix", ["png", "gif"])
def test_palette_with_transparency_lies_on_white(suffix):
    image = Image.new("P", (2, 1))
    image.putpalette([9, 8, 7, 200, 100, 50])
    image.putdata([0, 1])
    image.save(f"a.{suffix}", transparency=1)
    assert pixels(f"a.{suffix}")[0, :, 0].T.tolist() == [[9, 8, 7], [255, 255, 255]]


def test_webp_and_a_colour_key():
    saved("a.webp", "RGB", color=(10, 20, 30), lossless=True)
    assert pixels("a.webp")[0, :, 0, 0].tolist() == [10, 20, 30]
    saved("a.png", "RGB", color=(10, 20, 30), transparency=(10, 20, 30))
    assert pixels("a.png")[0, :, 0, 0].tolist() == [255, 255, 255]


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_exif_orientation_is_honoured(suffix):
    Path("data").mkdir()
    image = Image.new("L", (16, 8), 0)
    image.paste(255, (0, 0, 8, 8))  # white on the left
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    image.save(f"data/a.{suffix}", exif=exif)
    Image.new("L", (8, 16)).save(f"data/b.{suffix}")  # the size after turning
    records = read_images("data")
    assert records.notes == []
    assert records.images is not None
    assert records.images.shape == (2, 1, 16, 8)
    assert records.images[0, 0, 2].min() > 250  # white at the top
    assert records.images[0, 0, 13].max() < 5


def test_one_colour_file_makes_all_colour_unless_channels_say_otherwise():
    saved("data/a.png", "L", color=50)
    saved("data/b.png", "RGB", color=(255, 0, 0))
    assert pixels("data")[:, :, 0, 0].tolist() == [[50, 50, 50], [255, 0, 0]]
    assert pixels("data", channels=1)[:, :, 0, 0].tolist() == [[50], [76]]
    assert pixels("data/a.png", channels=3).shape == (1, 3, 4, 6)


def test_several_sizes_are_brought_to_the_median_shorter_side():
    for i, size in enumerate([(10, 20), (30, 12), (40, 50)]):
        saved(f"data/{i}.png", size=size)
    records = read_images("data")
    assert records.images is not None
    assert records.images.shape == (3, 1, 12, 12)
    assert records.notes == [
        "The 3 images in 'data' have 3 sizes: each was scaled and cropped at its centre to 12x12; "
        "`size` sets another."
    ]
    saved("data/0.png", size=(300, 400))
    saved("data/1.png", size=(500, 400))
    assert pixels("data").shape == (3, 1, 128, 128)


def test_size_scales_the_shorter_side_and_crops_the_centre():
    image = Image.new("L", (40, 20), 0)
    image.paste(200, (10, 0, 30, 20))  # the central square
    image.save("a.png")
    assert pixels("a.png", size=10).shape == (1, 1, 10, 10)
    assert pixels("a.png", size=10)[0, 0, :, 1:-1].eq(200).all()
    assert pixels("a.png", size=10).min() > 150  # the filter reaches over the edge
    assert pixels("a.png", size=(10, 20)).shape == (1, 1, 10, 20)
    assert pixels("a.png", size=(10, 20))[0, 0, 5, [0, 19]].tolist() == [0, 0]
    assert read_images("a.png", size=10).notes == []


def test_scaling_down_is_antialiased():
    stripes = np.tile(np.array([[0, 255]], np.uint8), (64, 32))
    Image.fromarray(stripes).save("a.png")
    found = pixels("a.png", size=8).float()
    assert found.sub(127.5).abs().max() < 25  # without antialiasing 0 or 255


def test_a_jpeg_decoded_at_a_fraction_looks_the_same():
    y, x = np.mgrid[0:512, 0:768]
    waves = 127 + 60 * np.sin(x * np.pi / 12) + 60 * np.sin(y * np.pi / 12)
    Image.fromarray(waves.astype(np.uint8)).save("a.jpg", quality=95)
    with Image.open("a.jpg") as image:
        whole = image.convert("L").resize((96, 64), Image.Resampling.BILINEAR)
    small = pixels("a.jpg", size=(64, 96))[0, 0].float()
    difference = small - torch.from_numpy(np.array(whole)).float()
    assert difference.square().mean().sqrt() < 3


def test_broken_images_are_counted_and_five_named():
    saved("data/good.png")
    for i in range(4):
        Path(f"data/{i}.jpg").write_bytes(b"no image")
    Path("data/4.gif").write_bytes(b"")
    saved("data/5.png", size=(64, 64), mode="RGB", color=(1, 2, 3))
    whole = Path("data/5.png").read_bytes()
    Path("data/5.png").write_bytes(whole[: len(whole) // 2])  # the head is good
    message = error("data")
    assert message.startswith(
        "6 of the 7 images in 'data' cannot be read: '0.jpg' (not an image), "
    )
    assert message.endswith("'4.gif' (empty file) and 1 more. Mend or remove them.")


def test_a_truncated_image_with_a_good_head_is_named():
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 255, (64, 64, 3), np.uint8)).save("a.jpg")
    whole = Path("a.jpg").read_bytes()
    Path("a.jpg").write_bytes(whole[: len(whole) // 2])
    message = error("a.jpg")
    assert message.startswith(
        "1 of the 1 images in 'a.jpg' cannot be read: 'a.jpg' (image file is "
    )


def test_floating_point_pixels_are_refused():
    saved("a.tif", "F", color=0.5)
    assert "'a.tif' (pixels are 32-bit floats, whose white is not known)" in error("a.tif")


def test_folders_of_splits_say_what_is_held_out():
    saved("data/train/cat/a.png")
    saved("data/test/cat/b.png")
    records = read_images("data")
    assert records.frame["label"].to_list() == ["cat", "cat"]
    assert records.splitter == FileSplit(["train/*"], ["test/*"])


def test_nothing_to_read():
    Path("empty").mkdir()
    valid = ".png, .jpg, .jpeg, .bmp, .gif, .webp, .tif, .tiff"
    assert error("empty") == f"'empty' holds no images ({valid})."
    assert error("emty") == "--data.source: There is no 'emty'. Did you mean 'empty'?"
    Path("a.txt").write_text("a")
    assert error("a.txt") == f"--data.source: 'a.txt' is not an image: valid suffixes are {valid}."


def test_impossible_sizes_and_channels():
    saved("a.png")
    assert error("a.png", size=0) == "The size of images must be at least 1 pixel, not 0."
    assert error("a.png", channels=2) == (
        "Images have 1 channel (grey), 3 (colour) or 4 (colour and transparency), not 2."
    )


def test_more_pixels_than_memory_is_said_before_reading(monkeypatch):
    saved("a.png")
    monkeypatch.setattr("os.sysconf", {"SC_PHYS_PAGES": 2, "SC_PAGE_SIZE": 10}.__getitem__)
    monkeypatch.setattr("os.sysconf_names", {"SC_PHYS_PAGES": 0})
    assert error("a.png") == (
        "The 1 images in 'a.png' take 0 GB at 4x6 pixels, more than this machine has: "
        "set a smaller `size`."
    )
    assert pixels("a.png", size=4).shape == (1, 1, 4, 4)


def test_a_sample_is_brought_to_size_and_channels():
    plain = pixels("sample:digits")
    assert plain.shape == (1797, 1, 8, 8)
    large = pixels("sample:digits", size=16, channels=3)
    assert large.shape == (1797, 3, 16, 16)
    assert (large.float().mean((1, 2, 3)) - plain.float().mean((1, 2, 3))).abs().max() < 4
    assert error("sample:wine") == "sample:wine holds tables, not images: use TabularDataModule."
