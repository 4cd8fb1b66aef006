"""What is frozen stays to the last bit, and what learns does so from the epoch that it should."""

import pytest
import torch
from torch.optim import LBFGS, AdamW

from callbacks.fine_tuning.gradual_unfreezing import GradualUnfreezing, unfrozen
from callbacks.fine_tuning.head_first import HeadFirst
from datamodules.errors import UserError
from lightning_modules.backbones.depth import depths_of


def test_one_block_more_every_so_many_epochs():
    def over(epochs: int, *settings: int) -> list[int]:
        every, start, blocks = settings
        return [unfrozen(epoch, 4, every, start, blocks) for epoch in range(epochs)]

    assert over(6, 1, 1, 1) == [0, 1, 2, 3, 4, 4]
    assert over(6, 2, 1, 1) == [0, 1, 1, 2, 2, 3]
    assert over(6, 1, 3, 3) == [0, 0, 0, 3, 4, 4]
    assert over(2, 1, 0, 1) == [1, 2]
    assert [HeadFirst(2).blocks_trained(epoch, 4) for epoch in range(4)] == [0, 0, 4, 4]


@pytest.mark.parametrize(
    ("callback", "trained"),
    [
        (GradualUnfreezing(), [0, 1, 2, 3]),
        (GradualUnfreezing(start=0, every_n_epochs=2), [1, 1, 2, 2]),
        (HeadFirst(2), [0, 0, 3, 3]),
    ],
)
def test_each_epoch_changes_what_it_should_and_nothing_else(
    digits, trainer, watching, callback, trained
):
    module, data = digits()
    depths = depths_of(module.backbone)
    assert max(depths.values()) == 2  # a stem and two blocks
    fit = trainer(max_epochs=4, callbacks=[callback, watching])
    fit.fit(module, data)
    for epoch, (changed, blocks) in enumerate(zip(watching.changed(), trained, strict=True)):
        lowest = 3 - blocks
        expected = {
            name
            for name in module.backbone.state_dict()
            if depths[name.rpartition(".")[0]] >= lowest
        }
        assert changed == expected, epoch  # running means and counts of batches among them
        training = {name for name, depth in depths.items() if depth >= lowest}
        assert watching.training[epoch + 1] == training
    (optimizer,) = fit.optimizers
    grouped = {id(p) for group in optimizer.param_groups for p in group["params"]}
    assert grouped == {id(parameter) for parameter in module.parameters()}
    assert all(parameter.requires_grad for parameter in module.parameters())


@pytest.mark.parametrize("optimizer", [AdamW, LBFGS])
def test_weight_decay_and_line_searches_leave_frozen_blocks_alone(
    digits, trainer, watching, optimizer
):
    module, data = digits()
    module.optimizer = optimizer
    trainer(callbacks=[HeadFirst(), watching]).fit(module, data)
    assert list(watching.changed()) == [set()]


def test_what_a_user_froze_stays_frozen(digits, trainer):
    module, data = digits()
    module.backbone.stages[0].requires_grad_(False)
    before = module.backbone.stages[0].weight.clone()
    trainer(max_epochs=2, callbacks=[HeadFirst()]).fit(module, data)
    assert not module.backbone.stages[0].weight.requires_grad
    assert torch.equal(module.backbone.stages[0].weight, before)


def test_the_epoch_of_each_parameter_is_known_before(digits):
    backbone = digits()[0].backbone
    of = GradualUnfreezing(every_n_epochs=3, start=2).learns_from(backbone, 6)
    told = {name: of[id(parameter)] for name, parameter in backbone.named_parameters()}
    assert told["stages.3.weight"] == 2  # the normalisation after the last block
    assert told["stages.1.residual.0.weight"] == 5
    assert told["stages.0.weight"] == 6  # not within the run
    assert set(HeadFirst(10**9).learns_from(backbone, 6).values()) == {6}


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (
            lambda: GradualUnfreezing(every_n_epochs=0),
            "every_n_epochs of at least 1, but was given",
        ),
        (lambda: GradualUnfreezing(blocks=0), "blocks of at least 1, but was given 0"),
        (lambda: GradualUnfreezing(start=-1), "start of at least 0, but was given -1"),
        (lambda: HeadFirst(0), "epochs of at least 1, but was given 0"),
    ],
)
def test_numbers_too_small_are_told(build, told):
    with pytest.raises(UserError, match=told):
        build()
