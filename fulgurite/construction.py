"""How the parser builds what a config names, so that a refusal can be told with its setting."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch.cli import LightningCLI, _InstantiatorFn

from datamodules.errors import UserError

REFUSALS = (
    AssertionError,
    FileNotFoundError,
    ImportError,
    MisconfigurationException,
    TypeError,
    UserError,
    ValueError,
)
"""What constructors raise where an argument does not suit them."""
OURS = ("callbacks.", "datamodules.", "fulgurite.", "lightning_modules.")


def is_refusal(error: BaseException, target: type) -> bool:
    """Tell whether an error is one of a config: any of a user's class, but of ours no bug."""
    if isinstance(error, REFUSALS):
        return True
    return isinstance(error, Exception) and not f"{target.__module__}.".startswith(OURS)


class Construction:
    """Build objects, and remember the first that refused its arguments.

    The parser tries one type of a union after the other and tells in the end that none of them
    fits; what the constructor itself said is lost on the way.

    Attributes:
        refused: the class and what it raised, if one did.
    """

    def __init__(self) -> None:
        self.refused: tuple[type, Exception] | None = None

    def __call__(
        self, class_type: type, *args: Any, applied_instantiation_links: Any = None, **kwargs: Any
    ) -> Any:
        """Build one object."""
        with self.remembering(class_type):
            return class_type(*args, **kwargs)

    @contextmanager
    def remembering(self, class_type: type) -> Iterator[None]:
        """Remember the class if it refuses its arguments, unless another did so before."""
        try:
            yield
        except Exception as error:
            if self.refused is None and is_refusal(error, class_type):
                self.refused = class_type, error
            raise


class Section(_InstantiatorFn):
    """Build the model or the datamodule as Lightning does, and remember a refusal."""

    def __init__(self, cli: LightningCLI, key: str, construction: Construction) -> None:
        super().__init__(cli=cli, key=key)
        self.construction = construction

    def __call__(
        self, class_type: Any, *args: Any, applied_instantiation_links: Any, **kwargs: Any
    ) -> Any:
        """Build it."""
        with self.construction.remembering(class_type):
            return super().__call__(
                class_type, *args, applied_instantiation_links=applied_instantiation_links, **kwargs
            )


def as_sentence(error: Exception) -> str:
    """Return what an exception says on one line, with the package to install if one is missing."""
    text = " ".join(str(error).split()) or type(error).__name__
    if not isinstance(error, REFUSALS):  # what it says may mean little without its kind
        text = f"{type(error).__name__}: {text}"
    missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
    if missing and "pip install" not in text:
        text = f"it needs '{missing}', which is not installed: pip install {missing}"
    return text if text.endswith((".", "!", "?")) else f"{text}."
