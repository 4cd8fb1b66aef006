"""Features from plain values."""

import pytest

from datamodules.errors import UserError
from datamodules.features.made_of import built, told
from datamodules.features.numeric import Numeric
from datamodules.features.steps.pca import PCA
from datamodules.features.steps.scaling import MinMax


def test_settings_and_steps_are_built_again():
    config = told(Numeric(["x"], 3.5, indicators=False, steps=[MinMax(-1, 1), PCA(2)]))
    again = built(config)
    assert isinstance(again, Numeric)
    assert told(again) == config
    assert [type(step) for step in again.pipeline.steps] == [MinMax, PCA]
    assert (again.fill, again.indicators, again.columns) == (3.5, False, ["x"])


@pytest.mark.parametrize(
    ("path", "told_of"),
    [
        ("nowhere.at_all.Features", "features of the class nowhere.at_all.Features, which cannot"),
        ("datamodules.features.numeric.Numerics", "cannot be imported here"),
        ("subprocess.Popen", "subprocess.Popen is no class of features"),
        ("os.system", "os.system is no class of features"),
    ],
)
def test_nothing_else_is_built(path, told_of):
    with pytest.raises(UserError, match=told_of):
        built({"class_path": path, "init_args": {"columns": ["x"]}, "state": {}})
