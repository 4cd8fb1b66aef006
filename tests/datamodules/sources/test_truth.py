"""Truth values, however a file spells them."""

import polars as pl
import pytest

from datamodules.sources.truth import FALSE, TRUE, as_truth


@pytest.mark.parametrize(
    ("cells", "truth"),
    [
        (TRUE, [True] * len(TRUE)),
        (FALSE, [False] * len(FALSE)),
        ([" Yes", "NO ", None, "maybe", ""], [True, False, None, None, None]),
        ([1, 0, 2], [True, False, None]),
        ([1.0, 0.0], [True, False]),
        ([True, False], [True, False]),
    ],
)
def test_what_is_meant_is_read(cells, truth):
    assert as_truth(pl.Series("x", cells)).to_list() == truth
