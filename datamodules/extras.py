"""Libraries that come with an extra of this package, imported where they are used."""

import importlib
from typing import Any

from datamodules.errors import UserError


def library(name: str, extra: str, wanted_by: str) -> Any:
    """Return a module of a library that may be missing.

    Args:
        name: of the module, such as ``timm`` or ``safetensors.torch``.
        extra: that brings it along.
        wanted_by: beginning of the sentence, such as the name of the class that needs it.

    Raises:
        UserError: it is not installed, or cannot be imported.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        top = name.partition(".")[0]
        absent = isinstance(error, ModuleNotFoundError) and error.name in (top, name)
        why = "" if absent else f", which cannot be imported ({' '.join(str(error).split())})"
        raise UserError(
            f"{wanted_by} needs the {top} library{why}: pip install 'fulgurite[{extra}]'."
        ) from error
