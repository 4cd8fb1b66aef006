"""Shares of the rows."""

import pytest

from datamodules.errors import UserError
from datamodules.splits.by_time import TimeSplit
from datamodules.splits.shares import ShareSplit, check_shares, check_validation_share
from datamodules.splits.stratified import StratifiedSplit


@pytest.mark.parametrize(("val", "test"), [(0.0, 0.0), (0.5, 0.4), (0.2, 0.2)])
def test_shares_that_leave_rows(val, test):
    check_shares(val, test)


@pytest.mark.parametrize(
    ("val", "test"), [(-0.1, 0.2), (0.5, 0.5), (1.0, 0.0), (0.2, float("nan"))]
)
def test_shares_that_do_not(val, test):
    with pytest.raises(UserError, match="must leave rows to train on"):
        check_shares(val, test)


def test_a_share_of_the_training_rows():
    for val in (0.0, 0.15, 0.99):
        check_validation_share(val)
    for val in (-0.1, 1.0, float("nan")):
        with pytest.raises(UserError, match=rf"--data.split.val: {val} is no share of the rows"):
            check_validation_share(val)


def test_what_splits_by_shares_have_in_common():
    for split in (StratifiedSplit(), TimeSplit("when")):
        assert isinstance(split, ShareSplit)
        assert split.leave_out == []
    with pytest.raises(UserError, match="must leave rows to train on"):
        TimeSplit("when", val=0.6, test=0.6)
