"""The words after `fulgurite init`."""

import pytest

from datamodules.errors import UserError
from fulgurite.init.request import Request, read_request


def test_a_source_and_what_is_said_of_it():
    assert read_request(["a.csv"]) == Request("a.csv")
    assert read_request(["a.csv", "b.csv", "--target", "y, z"]) == Request(
        ["a.csv", "b.csv"], ["y", "z"]
    )
    words = ["sqlite:///a.db", "--query", "select 1", "--task", "regression", "--force"]
    assert read_request(words) == Request(
        "sqlite:///a.db", query="select 1", task="regression", force=True
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "init needs a source: a file, a folder, a database or sample:NAME"),
        (["a.csv", "--task", "clasification"], "There is no task 'clasification'. Did you mean"),
        (["a.csv", "--group", "g", "--time", "t"], "--group and --time each say how rows are"),
    ],
)
def test_slips(words, said):
    with pytest.raises(UserError) as caught:
        read_request(words)
    assert str(caught.value).startswith(said)
