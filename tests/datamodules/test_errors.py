"""The sentence for a name that is not among the valid ones."""

import pytest

from datamodules.errors import UserError, unknown


@pytest.mark.parametrize(
    ("given", "valid", "sentence"),
    [
        (
            "incme",
            ["age", "income", "city"],
            "There is no column 'incme'. Did you mean 'income'? Valid: 'age', 'income', 'city'.",
        ),
        (
            "AGE",
            ["age", "city"],
            "There is no column 'AGE'. Did you mean 'age'? Valid: 'age', 'city'.",
        ),
        (
            "name1",
            ["name2", "zip", "name3"],
            "There is no column 'name1'. Did you mean 'name3' or 'name2'? "
            "Valid: 'name2', 'zip', 'name3'.",
        ),
        ("zzz", ["age", "city"], "There is no column 'zzz'. Valid: 'age', 'city'."),
        ("age", [], "There is no column 'age'. Valid: none."),
        (3, [1, 2], "There is no column '3'. Valid: '1', '2'."),
    ],
)
def test_the_nearest_names_are_suggested(given, valid, sentence):
    error = unknown("column", given, iter(valid))
    assert isinstance(error, UserError)
    assert str(error) == sentence


def test_a_long_list_is_cut_at_twenty():
    message = str(unknown("column", "x", range(23)))
    assert message.endswith("'18', '19' and 3 more.")
    assert str(unknown("column", "x", range(20))).endswith("'18', '19'.")
