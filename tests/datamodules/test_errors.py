"""The sentence for a name that is not among the valid ones."""

import time

import pytest

from datamodules.errors import UserError, choices, first_of, most_alike, nearest, unknown


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
            "There is no column 'name1'. Did you mean 'name2' or 'name3'? "
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


def test_a_long_list_is_cut_at_twelve():
    message = str(unknown("column", "x", range(23)))
    assert message.endswith("'10', '11' and 11 more.")
    assert str(unknown("column", "x", range(12))).endswith("'10', '11'.")


@pytest.mark.parametrize(
    ("given", "valid", "first"),
    [
        ("AdamV", ["Adam", "NAdam", "AdamW"], "AdamW"),
        ("sorce", ["source", "scaling", "workers"], "source"),
        ("wdith", ["depth", "width"], "width"),
        ("batchsize", ["batch_size", "size"], "batch_size"),
        ("batch-size", ["batch_size", "size"], "batch_size"),
        ("epochs", ["reload_dataloaders_every_n_epochs", "max_epochs"], "max_epochs"),
        ("convnet", ["ResNet", "ConvNet"], "ConvNet"),
        ("CrossEntropy", ["MSELoss", "CrossEntropyLoss"], "CrossEntropyLoss"),
        ("max_epoch", ["min_epochs", "max_epochs"], "max_epochs"),
        ("patence", ["patience"], "patience"),
        ("CosineWarmup", ["WarmupStep", "WarmupCosine"], "WarmupCosine"),
        ("MLP", ["ConvNet", "TabularMLP"], "TabularMLP"),
        ("every_n_steps", ["every_n_epochs", "every_n_train_steps"], "every_n_train_steps"),
        ("val/acc", ["val/auroc", "val/accuracy"], "val/accuracy"),
    ],
)
def test_the_likeliest_name_comes_first(given, valid, first):
    assert most_alike(given, valid)[0] == first


@pytest.mark.parametrize(("given", "valid"), [("dat", "reload_dataloaders"), ("x", "y"), ("", "a")])
def test_what_is_not_alike_is_not_suggested(given, valid):
    assert most_alike(given, [valid]) == []
    assert nearest(given, [valid]) == ""
    assert choices(given, [valid]) == f" Valid: '{valid}'."


def test_the_slips_of_whole_texts_are_not_counted():
    texts = [f"{i} " + "word " * 1000 for i in range(1000)]
    started = time.perf_counter()
    assert most_alike(texts[0] + "x", texts) == []
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize(
    ("names", "told"),
    [("abcdef", "a, b, c, d and 2 more"), ("abcd", "a, b, c, d"), ("aabba", "a, b"), ("", "")],
)
def test_many_names_are_cut_and_each_stands_once(names, told):
    assert first_of(iter(names)) == told
