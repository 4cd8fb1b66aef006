"""Weights by name: ``sample:NAME``."""

from collections.abc import Callable

from datamodules.errors import unknown
from datamodules.pretrained import networks

PREFIX = "sample:"


def sample_weights(name: str) -> networks.Found:
    """Return the folder of a sample, and the release of its package.

    Raises:
        UserError: there is no such sample, or its package is not installed.
    """
    known: dict[str, Callable[[], networks.Found]] = {
        each.__name__: each for each in (networks.minilm, networks.efficientnet_lite0)
    }
    short = name.removeprefix(PREFIX)
    if short not in known:
        raise unknown("sample of weights", name, [f"{PREFIX}{each}" for each in known])
    return known[short]()


def sample_instead(name: str) -> str:
    """Return a sentence where weights lie in a package whose layers are known by a sample only.

    Args:
        name: of the weights, as the user wrote it.
    """
    if networks.LITE0 not in name.replace("-", "_"):
        return ""
    sample = f"{PREFIX}{networks.efficientnet_lite0.__name__}"
    return f" {sample} is this package's network as timm names it."
