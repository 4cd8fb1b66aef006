"""Partners, shares and targets of rows that are mixed."""

import pytest
import torch

from datamodules.augmentation.mixing import mixed_rows, mixed_target, partners
from datamodules.errors import UserError
from datamodules.spec import DataSpec, TargetSpec

SHARE = torch.tensor([1.0, 0.75, 0.5])
OTHER = torch.tensor([1, 2, 0])


def test_a_partner_is_the_next_in_the_order_of_the_numbers():
    assert partners(torch.tensor([0.5, 0.1, 0.9])).tolist() == [2, 0, 1]


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 1, 2, 2)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_row_has_its_share_and_its_partner_the_rest(shape, dtype):
    values = torch.tensor([0.0, 4.0, 8.0], dtype=dtype).view(3, *[1] * (len(shape) - 1))
    mixed = mixed_rows(values.expand(shape), SHARE, OTHER)
    assert mixed.dtype == dtype
    assert mixed.shape == shape
    assert mixed.reshape(3, -1)[:, 0].tolist() == [0.0, 5.0, 4.0]


def test_classes_become_shares_of_each():
    spec = DataSpec({"numeric": [1]}, TargetSpec("multiclass", ["a", "b", "c"]))
    mixed = mixed_target(torch.tensor([0, 1, 2]), SHARE, OTHER, spec, "Mixup")
    assert mixed.tolist() == [[1, 0, 0], [0, 0.75, 0.25], [0.5, 0, 0.5]]


def test_numbers_are_mixed_without_a_spec_and_classes_are_not():
    numbers = torch.tensor([0.0, 4.0, 8.0])
    assert mixed_target(numbers, SHARE, OTHER, None, "Mixup").tolist() == [0, 5, 4]
    with pytest.raises(UserError, match="Mixup must know how many classes there are"):
        mixed_target(torch.tensor([0, 1, 2]), SHARE, OTHER, None, "Mixup")
