"""The reading of a spec."""

import pytest

from datamodules.errors import UserError
from datamodules.spec import DataSpec
from lightning_modules.backbones.inputs import image_shape, table_columns, text_sizes

IMAGE = DataSpec({"image": [3, 8, 9]})
TEXT = DataSpec({"tokens": [256]}, cardinalities={"tokens": [1000]})
TABLE = DataSpec({"numeric": [5], "categorical": [2]}, cardinalities={"categorical": [3, 4]})
ONE_CATEGORY = DataSpec({"categorical": [1]}, cardinalities={"categorical": [7]})
TWO_IMAGES = DataSpec({"left": [3, 8, 8], "right": [3, 8, 8]})


def test_sizes_are_read_from_the_spec():
    assert image_shape(IMAGE, "Net") == (3, 8, 9)
    assert text_sizes(TEXT, "Net") == (1000, 256)
    assert table_columns(TABLE, "Net") == (5, [3, 4])
    assert table_columns(DataSpec({"numeric": [5]}), "Net") == (5, [])


def test_a_lone_category_is_a_table_and_no_text():
    assert table_columns(ONE_CATEGORY, "Net") == (0, [7])
    with pytest.raises(UserError):
        text_sizes(ONE_CATEGORY, "Net")


@pytest.mark.parametrize(
    ("read", "spec", "wanted", "fitting"),
    [
        (image_shape, TABLE, "one image", "TabularMLP or FTTransformer"),
        (image_shape, TEXT, "one image", "TextTransformer"),
        (text_sizes, IMAGE, "one text", "ConvNet, ResNet or VisionTransformer"),
        (table_columns, IMAGE, "columns of a table", "ConvNet, ResNet or VisionTransformer"),
        (image_shape, TWO_IMAGES, "one image", "none of the backbones here"),
        (table_columns, DataSpec({}), "columns of a table", "none of the backbones here"),
        (table_columns, DataSpec({"numeric": [0]}), "columns", "none of the backbones here"),
    ],
)
def test_the_error_names_backbone_wish_gift_and_remedy(read, spec, wanted, fitting):
    with pytest.raises(UserError) as error:
        read(spec, "SomeNet")
    message = str(error.value)
    assert message.startswith("SomeNet wants ")
    assert wanted in message
    assert str(spec.inputs) in message
    assert fitting in message


def test_every_categorical_column_needs_its_number_of_values():
    spec = DataSpec({"categorical": [2]}, cardinalities={"categorical": [3]})
    with pytest.raises(UserError, match="1 such numbers for 2 columns"):
        table_columns(spec, "Net")
