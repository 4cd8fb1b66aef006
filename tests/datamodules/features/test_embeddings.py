"""What all embeddings share: each value once, the same weights, gaps as zeros."""

from collections.abc import Iterator

import numpy as np
import polars as pl
import pytest

from datamodules.errors import UserError
from datamodules.features.embeddings import Embeddings, Vectors, hash_of
from datamodules.features.steps.pca import PCA
from datamodules.features.steps.scaling import Standard


class Counted(Embeddings):
    """Embeds a word by its length and 1, two at once, the longest first, and counts the words."""

    def __init__(self, column: str, checkpoint: str, steps=None) -> None:
        super().__init__(column, checkpoint, batch_size=2, steps=steps)
        self.seen: list[str] = []

    def embed(self, values: list[str], origin: str) -> Iterator[tuple[list[int], Vectors]]:
        self.seen += values
        places = sorted(range(len(values)), key=lambda place: -len(values[place]))
        for first in range(0, len(places), 2):
            some = places[first : first + 2]
            yield some, np.array([[len(values[p]), 1] for p in some], dtype=np.float32)


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "net.pth"
    path.write_bytes(b"one")
    return path


def frame(words) -> pl.DataFrame:
    return pl.DataFrame({"word": words}, schema={"word": pl.String})


def test_each_value_is_embedded_once_and_rows_keep_their_order(weights):
    features = Counted("word", str(weights))
    train = frame(["a", "ccc", "a", "bb", None])
    features.fit(train, "here")
    assert features.names == ["word 1", "word 2", "word is missing"]
    found = np.stack(list(features.numbers(frame(["dddd", None, "a", "ccc"]), "here")), axis=1)
    assert found.tolist() == [[4, 1, 0], [0, 0, 1], [1, 1, 0], [3, 1, 0]]
    assert features.seen == ["a", "ccc", "bb", "dddd"]


def test_steps_follow(weights):
    features = Counted("word", str(weights), steps=[Standard(), PCA(1)])
    train = frame(["a", "ccc", "bb"])
    features.fit(train, "here")
    assert features.names == ["component 1"]
    assert abs(next(features.numbers(train, "here")).mean()) < 1e-9


def test_other_weights_are_refused(weights):
    features = Counted("word", str(weights))
    features.fit(frame(["a"]), "here")
    again = Counted("word", str(weights))
    again.load_state_dict(features.state_dict())
    weights.write_bytes(b"two")
    with pytest.raises(UserError, match="trained with other weights than those in"):
        again.load_state_dict(features.state_dict())
    weights.unlink()
    with pytest.raises(UserError, match="There is no file or folder"):
        again.load_state_dict(features.state_dict())


def test_the_hash_of_a_folder_is_of_what_decides(tmp_path):
    for name in ("model.safetensors", "config.json", "README.md"):
        (tmp_path / name).write_text(name)
    before = hash_of(str(tmp_path))
    (tmp_path / "README.md").write_text("other")
    assert hash_of(str(tmp_path)) == before
    (tmp_path / "config.json").write_text("other")
    assert hash_of(str(tmp_path)) != before
    (tmp_path / "model.safetensors").unlink()
    with pytest.raises(UserError, match="no weights"):
        hash_of(str(tmp_path))


def test_a_batch_needs_a_row():
    with pytest.raises(UserError, match="at least 1 value at once, not 0"):
        Embeddings.__init__(Counted("word", "x"), "word", "x", 0, None)
