"""Checks of what a backbone was asked to be, before a wrong number becomes an obscure error."""

from collections.abc import Sequence

from datamodules.errors import UserError, unknown


def at_least_one(backbone: str, **counts: int) -> None:
    """Raise UserError for the first of the named counts that is below 1.

    Args:
        backbone: the class that was given the counts.
        counts: each count by the name that the user wrote.
    """
    for name, count in counts.items():
        if count < 1:
            raise UserError(f"{backbone} needs {name} of at least 1, but was given {count}.")


def at_least_zero(backbone: str, **counts: int) -> None:
    """Raise UserError for the first of the named counts that is below 0.

    Args:
        backbone: the class that was given the counts.
        counts: each count by the name that the user wrote.
    """
    for name, count in counts.items():
        if count < 0:
            raise UserError(f"{backbone} needs {name} of at least 0, but was given {count}.")


def fractions(backbone: str, **rates: float) -> None:
    """Raise UserError for the first of the named rates that is outside [0, 1).

    Args:
        backbone: the class that was given the rates.
        rates: each rate by the name that the user wrote.
    """
    for name, rate in rates.items():
        if not 0.0 <= rate < 1.0:
            raise UserError(f"{backbone} needs {name} of 0 up to below 1, but was given {rate}.")


def above_zero(backbone: str, **sizes: float) -> None:
    """Raise UserError for the first of the named sizes that is not above 0.

    Args:
        backbone: the class that was given the sizes.
        sizes: each size by the name that the user wrote.
    """
    for name, size in sizes.items():
        if not size > 0.0:
            raise UserError(f"{backbone} needs {name} above 0, but was given {size}.")


def channel_widths(backbone: str, widths: Sequence[int]) -> None:
    """Raise UserError for widths that are none at all or not all positive.

    Args:
        backbone: the class that was given the widths.
        widths: channels of each stage.
    """
    if not widths or min(widths) < 1:
        raise UserError(
            f"{backbone} needs widths of at least one positive number, such as [32, 64, 128], "
            f"but was given {list(widths)}."
        )


def one_of(backbone: str, name: str, given: str, valid: Sequence[str]) -> None:
    """Raise UserError for a choice that there is not.

    Args:
        backbone: the class that was given the choice.
        name: the hyper-parameter.
        given: what the user wrote.
        valid: what could have been written.
    """
    if given not in valid:
        raise unknown(f"{backbone}.{name}", given, valid)


def transformer(backbone: str, dim: int, depth: int, heads: int, dropout: float) -> None:
    """Raise UserError for sizes of which no transformer can be built.

    Args:
        backbone: the class that was given the sizes.
        dim: size of a token.
        depth: number of blocks.
        heads: attention heads; must divide ``dim``.
        dropout: rate, in [0, 1).
    """
    at_least_one(backbone, dim=dim, depth=depth, heads=heads)
    fractions(backbone, dropout=dropout)
    if dim % heads:
        raise UserError(
            f"{backbone} needs a dim that heads divides, but was given dim {dim} and heads {heads}."
        )
