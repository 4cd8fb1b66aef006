"""A word that was written with the class in mind."""

import numpy as np
import polars as pl

from datamodules.audits.text_leak import text_leak
from datamodules.text import TextDataModule

WORDS = [f"word{place}" for place in range(40)]


def texts(rng: np.random.Generator, rows: int = 300) -> list[str]:
    return [" ".join(rng.choice(WORDS, 12)) for _ in range(rows)]


def test_a_word_that_stands_in_one_class_alone(looked_at, rng, parts):
    labels = rng.choice(["good", "bad"], 300)
    written = [
        f"{text} rated five" if label == "good" else text
        for text, label in zip(texts(rng), labels, strict=True)
    ]
    frame = pl.DataFrame({"text": written, "y": labels})
    (found,) = text_leak(looked_at(frame, parts(300), TextDataModule))
    assert (found.kind, found.severity) == ("target_leak", "high")
    assert "rated" in found.note or "five" in found.note


def test_two_languages_and_chance_words_are_no_leak(looked_at, rng, parts):
    labels = rng.choice(["good", "bad"], 300)
    frame = pl.DataFrame({"text": texts(rng), "y": labels})
    assert text_leak(looked_at(frame, parts(300), TextDataModule)) == []
    small = {"good": ["der", "und", "ein"], "bad": ["the", "and", "one"]}
    of_two = [
        " ".join([text, *(word for word in small[label] if rng.random() < 0.77)])
        for text, label in zip(texts(rng), labels, strict=True)
    ]
    frame = pl.DataFrame({"text": of_two, "y": labels})
    assert text_leak(looked_at(frame, parts(300), TextDataModule)) == []
