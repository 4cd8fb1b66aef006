"""The same work on many items."""

import pytest

from datamodules.sources.threads import AHEAD, each_in_threads, in_threads


def test_results_keep_the_order_of_the_items():
    items = list(range(50))
    assert in_threads(lambda item: item * item, items, "squaring") == [i * i for i in items]


def test_an_error_of_one_item_is_the_error_of_all():
    with pytest.raises(ZeroDivisionError):
        in_threads(lambda item: 1 // item, [1, 0], "dividing")


def test_few_results_wait_to_be_taken():
    begun = []
    results = each_in_threads(lambda item: begun.append(item), range(100_000), "counting")
    next(results)
    results.close()
    assert len(begun) <= AHEAD * 16
