"""Rows that the data could hold, made up from what they say of themselves."""

import torch
from torch import Tensor

from datamodules.spec import DataSpec


def made_up_inputs(spec: DataSpec, rows: int, seed: int = 0) -> Tensor | dict[str, Tensor]:
    """Return inputs as a batch holds them: one tensor, or several by name.

    Pixels are uniform in [0, 1), other numbers normal. Ids are any that there are; texts have
    different lengths, down to one token, and zeros behind their end.

    Args:
        spec: the data.
        rows: how many, N.
        seed: of what is drawn; the same seed gives the same rows.

    Shape:
        each (N, *shape of one row), float32 or int64
    """
    generator = torch.Generator().manual_seed(seed)
    inputs = {name: _made_up(spec, name, rows, generator) for name in spec.inputs}
    return inputs if len(inputs) > 1 else next(iter(inputs.values()))


def _made_up(spec: DataSpec, name: str, rows: int, generator: torch.Generator) -> Tensor:
    shape = spec.inputs[name]
    sizes = spec.cardinalities.get(name)
    if not sizes:
        draw = torch.rand if len(shape) == 3 else torch.randn
        return draw(rows, *shape, generator=generator)
    if len(sizes) == len(shape) == 1 and shape[0] > 1:
        tokens = torch.randint(min(1, sizes[0] - 1), sizes[0], (rows, *shape), generator=generator)
        lengths = torch.randint(1, shape[0] + 1, (rows, 1), generator=generator)
        lengths[0] = shape[0]
        return tokens.masked_fill(torch.arange(shape[0]) >= lengths, 0)
    columns = [torch.randint(0, size, (rows,), generator=generator) for size in sizes]
    return torch.stack(columns, dim=1)
