"""The words of a command that is given no settings of a run."""

import pytest

from datamodules.errors import UserError
from fulgurite.options import read_options


def test_words_and_flags_in_any_order():
    words = ["a.csv", "--target", "y", "b.csv", "--force", "--out=x.yaml"]
    assert read_options("init", words) == (
        ["a.csv", "b.csv"],
        {"target": "y", "force": "", "out": "x.yaml"},
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tagret", "y"], "init has no flag '--tagret'. Did you mean '--target' or"),
        (["--target"], "--target needs a value: --target COLUMN."),
        (["--target", "--force"], "--target needs a value: --target COLUMN."),
        (["--out=a.yaml", "--out=b.yaml"], "--out stands twice."),
    ],
)
def test_slips(words, said):
    with pytest.raises(UserError) as caught:
        read_options("init", words)
    assert str(caught.value).startswith(said)
