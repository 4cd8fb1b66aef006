"""Pictures are drawn without a window, and names are drawn as they are."""

import subprocess
import sys

import pytest

from callbacks.pictures.canvas import DPI, as_pixels, label, new_figure


def test_a_figure_becomes_pixels():
    figure = new_figure(2, 1)
    figure.add_subplot().set_facecolor("#0072B2")
    pixels = as_pixels(figure)
    assert pixels.shape == (DPI, 2 * DPI, 3)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert pixels[DPI // 3, DPI].tolist() == [0x00, 0x72, 0xB2]


def test_a_script_without_glyphs_and_a_formula_are_drawn():
    figure = new_figure(3, 1)
    figure.add_subplot().set_title(label("$\\frac{$ 字"))
    assert (as_pixels(figure) < 128).any()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("short", "short"),
        ("two\nlines  here", "two lines here"),
        ("a class of birds 17", "a class of …rds 17"),
        ("5 $", "5 \\$"),
    ],
)
def test_a_name_fits_and_keeps_its_ends(text, told):
    assert label(text) == told


@pytest.mark.slow
def test_matplotlib_is_not_imported_before_anything_is_drawn():
    code = (
        "import sys\n"
        "import callbacks.pictures.canvas, callbacks.pictures.confusion, "
        "callbacks.pictures.labels, callbacks.pictures.residuals, callbacks.pictures.image_grid\n"
        "found = [name for name in sys.modules if name.startswith('matplotlib')]\n"
        "assert not found, found\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
