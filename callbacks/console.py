"""Where a callback speaks to a person."""

import os
import sys

from rich.console import Console

from datamodules.progress import QUIET


def console() -> Console | None:
    """Return standard error, or ``None`` where the user wants to hear of nothing but errors."""
    return None if os.environ.get(QUIET) else Console(file=sys.stderr, highlight=False)
