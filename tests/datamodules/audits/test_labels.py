"""Labels that contradict each other, or what the other rows teach."""

import numpy as np
import polars as pl

from datamodules.audits.labels import label_conflict, label_suspect
from datamodules.text import TextDataModule


def test_equal_rows_of_unlike_targets(looked_at, people, parts):
    part = parts(400)
    turned = people[:5].with_columns(
        y=pl.when(pl.col("y") == "yes").then(pl.lit("no")).otherwise(pl.lit("yes"))
    )
    rows = pl.concat([people, turned])
    (found,) = label_conflict(looked_at(rows, np.append(part, np.zeros(5, dtype=int))))
    assert (found.severity, found.count) == ("info", 10)
    assert found.examples[0].value != rows["y"][found.examples[0].other]
    assert label_conflict(looked_at(people, part)) == []


def test_equal_texts_of_unlike_targets_are_a_warning(looked_at, rng):
    words = [" ".join(rng.choice(list("abcdefghijkl"), 9)) for _ in range(60)]
    frame = pl.DataFrame({"text": [*words, words[0]], "y": ["good", "bad"] * 30 + ["bad"]})
    (found,) = label_conflict(looked_at(frame, np.arange(61) % 3, TextDataModule))
    assert (found.severity, found.rows) == ("warning", [0, 60])


def test_labels_that_were_turned(looked_at, rng):
    first = rng.normal(size=300) * 3
    labels = np.where(first > 0, "yes", "no")
    sure = np.flatnonzero(np.abs(first) > 3)[:6]
    labels[sure] = np.where(first[sure] > 0, "no", "yes")
    frame = pl.DataFrame({"first": first, "other": rng.normal(size=300), "y": labels})
    (found,) = label_suspect(looked_at(frame, np.zeros(300, dtype=int)))
    assert found.severity == "info"
    assert set(sure.tolist()) <= set(found.rows)
    assert ", rather " in found.examples[0].value
