"""Classes by their import paths, and what to say where there is none."""

import importlib
from typing import Any

from datamodules.errors import UserError, choices

KNOWN = ("lightning", "timm", "torchmetrics", "torchvision", "transformers")
"""Packages that people name classes of."""


def import_class(name: str) -> Any:
    """Import what a full name stands for.

    Raises:
        UserError: it cannot be imported; the sentence says why.
    """
    module, _, last = name.rpartition(".")
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name and not module.startswith(error.name):
            raise UserError(
                f"'{name}' cannot be imported: '{module}' needs '{error.name}', which is not "
                f"installed."
            ) from error
        top = module.partition(".")[0]
        install = f" It may be had by pip install {top}." if top in KNOWN else ""
        raise UserError(
            f"'{name}' cannot be imported: there is no module '{error.name or module}'.{install}"
        ) from error
    except SyntaxError as error:
        raise UserError(
            f"'{name}' cannot be imported: {error.filename}, line {error.lineno}: {error.msg}."
        ) from error
    except (Exception, SystemExit) as error:
        raise UserError(f"'{name}' cannot be imported: {type(error).__name__}: {error}.") from error
    if not hasattr(found, last):
        public = [key for key, value in vars(found).items() if callable(value) and key[0] != "_"]
        raise UserError(f"'{module}' has no class '{last}'.{choices(last, public)}")
    return getattr(found, last)


def shown(value: Any) -> str:
    """Return a value as it may stand in a sentence, cut where it is long."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
