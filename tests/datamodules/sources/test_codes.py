"""Digits that are codes and no numbers."""

from pathlib import Path

import pytest

from datamodules.sources.codes import code_columns, told
from datamodules.sources.tables import read_table


@pytest.mark.parametrize(
    ("cells", "are_codes"),
    [
        (["00501", "90210"], True),
        (["", "007"], True),
        (["0", "10"], False),
        (["0.5", "012"], False),
        (["-01", "02"], False),
        (["00501", "x"], False),
    ],
)
def test_a_zero_in_front_makes_a_code(cells, are_codes):
    Path("a.csv").write_text("\n".join(["zip,n", *(f"{cell},1" for cell in cells)]) + "\n")
    assert code_columns(Path("a.csv"), ",") == (["zip"] if are_codes else [])


def test_codes_keep_their_zeros_unless_the_schema_says_otherwise():
    Path("a.csv").write_text(" zip ,n\n00501,1\n90210,2\n")
    records = read_table("a.csv")
    assert records.frame["zip"].to_list() == ["00501", "90210"]
    assert records.frame["n"].to_list() == [1, 2]
    assert told(["zip"]) == [
        note for note in records.notes if note.startswith("'zip': digits with a zero in front")
    ]
    assert read_table("a.csv", schema={"zip": "integer"}).frame["zip"].to_list() == [501, 90210]
    assert told([]) == []
