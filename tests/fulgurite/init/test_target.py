"""The column that a user may want to predict."""

from fulgurite.init.target import likely_target, no_target


def test_a_name_that_targets_have_or_the_last():
    assert likely_target(["age", "Class", "height"]) == "Class"
    assert likely_target(["age", "class_of_ship", "income"]) == "income"


def test_it_lists_columns():
    told = str(no_target([f"c{i}" for i in range(25)], "a.csv"))
    assert told.startswith("a.csv: which column is to be predicted? Say --target, perhaps ")
    assert "--target 'c24', one of c0, c1, " in told
    assert told.endswith("c19 and 5 more.")
