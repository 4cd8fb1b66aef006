"""What a reader with settings of its own is."""

from abc import ABC, abstractmethod
from collections.abc import Collection

from datamodules.sources.table import Table


class Reader(ABC):
    """How a source is read whose form does not tell enough."""

    reads = "sources of its kind"
    """What it reads, for messages."""

    @abstractmethod
    def suits(self, source: str) -> bool:
        """Tell whether a source is of the kind that it reads."""

    @abstractmethod
    def read(self, source: str, as_text: Collection[str] = ()) -> Table:
        """Read one source.

        Args:
            source: a URL, or the path of a file.
            as_text: columns whose cells stay text, as the user gives their types.

        Raises:
            UserError: it cannot be read.
        """
