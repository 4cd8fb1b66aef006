"""What a backbone finds in a spec: an image, a text or a table, or one sentence why not."""

from datamodules.errors import UserError
from datamodules.spec import DataSpec

TABLE = ("numeric", "categorical")
"""The names under which a table's columns arrive."""

_FITTING = {
    "image": "ConvNet, ResNet or VisionTransformer",
    "text": "BagOfWords or TextTransformer",
    "table": "TabularMLP or FTTransformer",
}


def is_image(spec: DataSpec) -> bool:
    """Tell whether the data give one image."""
    return _kind(spec) == "image"


def image_shape(spec: DataSpec, wanted_by: str) -> tuple[int, int, int]:
    """Return channels, height and width of the one image that the data give.

    Args:
        spec: the data.
        wanted_by: name of the backbone, for the error.

    Raises:
        UserError: the data give something else.
    """
    if _kind(spec) != "image":
        raise _mismatch(spec, wanted_by, "one image, such as {'image': [3, 32, 32]}")
    channels, height, width = next(iter(spec.inputs.values()))
    return channels, height, width


def text_sizes(spec: DataSpec, wanted_by: str) -> tuple[int, int]:
    """Return the size of the vocabulary and the most tokens that a text has.

    Args:
        spec: the data.
        wanted_by: name of the backbone, for the error.

    Raises:
        UserError: the data give something else.
    """
    if _kind(spec) != "text":
        wanted = "one text of token ids with the size of its vocabulary, such as {'tokens': [256]}"
        raise _mismatch(spec, wanted_by, wanted)
    name, (longest,) = next(iter(spec.inputs.items()))
    return spec.cardinalities[name][0], longest


def table_columns(spec: DataSpec, wanted_by: str) -> tuple[int, list[int]]:
    """Return the number of numeric columns and the number of values of each categorical one.

    Args:
        spec: the data.
        wanted_by: name of the backbone, for the error.

    Raises:
        UserError: the data give something else, or the two counts of categorical columns differ.
    """
    if _kind(spec) != "table":
        wanted = "the columns of a table, such as {'numeric': [5], 'categorical': [3]}"
        raise _mismatch(spec, wanted_by, wanted)
    numeric = spec.inputs.get("numeric", [0])[0]
    categorical = spec.inputs.get("categorical", [0])[0]
    sizes = spec.cardinalities.get("categorical", [])
    if len(sizes) != categorical:
        raise UserError(
            f"{wanted_by} wants the number of values of each categorical column, but the data give "
            f"{len(sizes)} such numbers for {categorical} columns."
        )
    return numeric, sizes


def _kind(spec: DataSpec) -> str | None:
    shapes = list(spec.inputs.values())
    if shapes and set(spec.inputs) <= set(TABLE) and all(len(shape) == 1 for shape in shapes):
        return "table" if sum(shape[0] for shape in shapes) > 0 else None
    if len(shapes) != 1:
        return None
    if len(shapes[0]) == 3:
        return "image"
    if len(shapes[0]) == 1 and len(spec.cardinalities.get(next(iter(spec.inputs)), [])) == 1:
        return "text"
    return None


def _mismatch(spec: DataSpec, wanted_by: str, wanted: str) -> UserError:
    fitting = _FITTING.get(_kind(spec) or "")
    advice = f"choose {fitting}" if fitting else "none of the backbones here takes these"
    return UserError(f"{wanted_by} wants {wanted}, but the data give {spec.inputs}: {advice}.")
