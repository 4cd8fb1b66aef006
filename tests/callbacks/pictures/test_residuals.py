"""Numbers as predicted beside the true ones."""

import numpy as np
import pytest

from callbacks.pictures.residuals import draw_residuals, draw_scatter


def test_each_row_is_a_point_beside_the_line_of_no_error(drawn):
    true, said = np.array([[1, 2, 3], [1, 4, 2]], dtype=np.float32)
    draw_scatter(true, said, "rent", "3 rows")
    (axes,) = drawn[0].axes
    points, line = axes.lines
    assert points.get_xdata().tolist() == [1, 2, 3]
    assert points.get_ydata().tolist() == [1, 4, 2]
    assert (list(line.get_xdata()), list(line.get_ydata())) == ([1, 4], [1, 4])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("true rent", "predicted rent")


def test_errors_are_counted_with_their_mean(drawn):
    rng = np.random.default_rng(0)
    true = rng.normal(size=400).astype(np.float32)
    said = true + 5 + rng.normal(size=400).astype(np.float32)
    said[0] += 1e6  # one row must not flatten all others
    draw_residuals(true, said, "rent", "400 rows")
    (axes,) = drawn[0].axes
    assert sum(bar.get_height() for bar in axes.patches) == pytest.approx(400, abs=6)
    assert axes.patches[-1].get_x() < 10
    mean, zero = axes.lines
    assert mean.get_xdata()[0] == pytest.approx((said - true).mean())
    assert zero.get_xdata()[0] == 0


@pytest.mark.parametrize("draw", [draw_scatter, draw_residuals])
@pytest.mark.parametrize("rows", [1, 5])
def test_rows_without_any_spread_are_drawn(draw, rows):
    same = np.full(rows, 3, dtype=np.float32)
    assert (draw(same, same, "rent", "rows") < 128).any()
