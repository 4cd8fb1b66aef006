"""How often each label is found, missed and given in vain."""

import numpy as np
import torch
from sklearn.metrics import multilabel_confusion_matrix

from callbacks.pictures.labels import draw_labels, label_counts


def test_counts_are_those_of_scikit_learn():
    target, prediction = torch.randint(0, 2, (2, 100, 4))
    counts = label_counts(target.float(), prediction)
    matrices = multilabel_confusion_matrix(target, prediction)
    assert counts[0].tolist() == matrices[:, 1, 1].tolist()
    assert counts[1].tolist() == matrices[:, 1, 0].tolist()
    assert counts[2].tolist() == matrices[:, 0, 1].tolist()


def test_the_labels_with_most_mistakes_are_drawn_first(drawn):
    counts = np.zeros((3, 40), dtype=np.int64)
    counts[0] = 100 + np.arange(40)  # what is found decides nothing
    counts[1, 7], counts[2, 5] = 9, 8
    draw_labels(counts, [f"label {place}" for place in range(40)], "300 rows")
    (axes,) = drawn[0].axes
    words = [text.get_text() for text in axes.get_yticklabels()]
    assert words[:2] == ["label 7", "label 5"]
    assert len(words) == 30
    assert drawn[0].get_suptitle() == "300 rows; 30 of 40 labels"
    found, missed, vain = axes.containers
    assert [bar.get_width() for bar in found][:2] == [107, 105]
    assert [(bar.get_x(), bar.get_width()) for bar in missed][:2] == [(107, 9), (105, 0)]
    assert [(bar.get_x(), bar.get_width()) for bar in vain][:2] == [(116, 0), (105, 8)]
