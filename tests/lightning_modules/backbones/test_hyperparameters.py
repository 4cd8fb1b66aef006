"""The checks of hyper-parameters."""

import pytest

from datamodules.errors import UserError
from lightning_modules.backbones import hyperparameters


def test_good_values_pass():
    hyperparameters.at_least_one("Net", depth=1, width=64)
    hyperparameters.fractions("Net", dropout=0.0, token_dropout=0.99)
    hyperparameters.channel_widths("Net", (1, 2))
    hyperparameters.one_of("Net", "numeric", "plain", ["plain"])
    hyperparameters.transformer("Net", dim=8, depth=1, heads=2, dropout=0.1)


@pytest.mark.parametrize("rate", [-0.1, 1.0, 2.0, float("nan")])
def test_a_rate_outside_zero_to_one_is_named(rate):
    with pytest.raises(UserError, match=rf"Net needs dropout .* given {rate}"):
        hyperparameters.fractions("Net", dropout=rate)


def test_a_count_below_one_is_named():
    with pytest.raises(UserError, match="Net needs depth of at least 1, but was given 0"):
        hyperparameters.at_least_one("Net", width=3, depth=0)


@pytest.mark.parametrize("widths", [(), (32, 0), [-1]])
def test_widths_of_nothing_are_named(widths):
    with pytest.raises(UserError, match="Net needs widths"):
        hyperparameters.channel_widths("Net", widths)


def test_an_unknown_choice_is_told_its_nearest():
    with pytest.raises(UserError, match=r"Net.numeric 'periodc'. Did you mean 'periodic'"):
        hyperparameters.one_of("Net", "numeric", "periodc", ["plain", "periodic"])


def test_heads_must_divide_dim():
    with pytest.raises(UserError, match="dim 10 and heads 4"):
        hyperparameters.transformer("Net", dim=10, depth=1, heads=4, dropout=0.0)


def test_no_heads_is_an_error_of_its_own():
    with pytest.raises(UserError, match="heads of at least 1"):
        hyperparameters.transformer("Net", dim=10, depth=1, heads=0, dropout=0.0)


def test_a_count_below_zero_is_named():
    hyperparameters.at_least_zero("Net", pairs=0)
    with pytest.raises(UserError, match="Net needs pairs of at least 0, but was given -1"):
        hyperparameters.at_least_zero("Net", width=0, pairs=-1)
