"""The Gaussian likelihood against torch and scipy."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm
from torch.testing import assert_close

from lightning_modules.losses.gaussian_nll import GaussianNLL


def test_equals_torch_and_scipy():
    logits, target = torch.randn(20, 6), torch.randn(20, 3)
    mean, log_variance = logits[:, :3], logits[:, 3:]
    loss = GaussianNLL()
    expected = F.gaussian_nll_loss(mean, target, log_variance.exp(), full=True)
    assert_close(loss(logits, target), expected)
    by_scipy = -norm(loss.mean(logits).numpy(), loss.std(logits).numpy()).logpdf(target.numpy())
    assert loss(logits, target).item() == pytest.approx(np.mean(by_scipy), rel=1e-5)


def test_gradient_equals_torchs():
    logits, target = torch.randn(20, 6, requires_grad=True), torch.randn(20, 3)
    (ours,) = torch.autograd.grad(GaussianNLL()(logits, target), logits)
    expected = F.gaussian_nll_loss(logits[:, :3], target, logits[:, 3:].exp(), full=True)
    assert_close(ours, torch.autograd.grad(expected, logits)[0])


def test_with_beta_one_the_mean_learns_as_under_squared_error():
    logits, target = torch.randn(20, 6, requires_grad=True), torch.randn(20, 3)
    (ours,) = torch.autograd.grad(GaussianNLL(beta=1.0)(logits, target), logits)
    squared = (logits[:, :3] - target) ** 2
    assert_close(ours[:, :3], torch.autograd.grad(squared.mean() / 2, logits)[0][:, :3])
    assert_close(ours[:, 3:], (logits[:, 3:].exp() - squared).detach() / 2 / target.numel())


def test_beta_weighs_each_term_by_its_variance():
    logits, target = torch.tensor([[0.0, 0.0], [0.0, 4.0]]), torch.zeros(2, 1)
    terms = [GaussianNLL()(row[None], target[:1]) for row in logits]
    expected = (terms[0] + terms[1] * torch.tensor(2.0).exp()) / 2
    assert_close(GaussianNLL(beta=0.5)(logits, target), expected)


def test_variance_is_held_within_bounds():
    std = GaussianNLL(min_variance=1e-4).std(torch.tensor([[0.0, -1e30], [0.0, 1e30]]))
    assert_close(std, torch.tensor([[1e-2], [1e2]]))


def test_variance_below_its_bound_finds_back():
    logits = torch.tensor([[0.0, -100.0]], requires_grad=True)
    GaussianNLL()(logits, torch.ones(1, 1)).backward()
    assert logits.grad is not None
    assert logits.grad[0, 1] < 0


@given(
    mean=st.floats(-1e4, 1e4, width=32),
    raw=st.floats(-1e6, 1e6, width=32),
    beta=st.floats(0, 1),
    dtype=st.sampled_from([torch.float32, torch.bfloat16]),
)
@settings(deadline=None)
def test_loss_and_gradient_are_finite_at_any_logits(mean, raw, beta, dtype):
    logits = torch.tensor([[mean, raw]], dtype=dtype, requires_grad=True)
    loss = GaussianNLL(beta=beta)(logits, torch.zeros(1, 1))
    loss.backward()
    assert loss.isfinite()
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_half_floats_are_computed_in_single():
    assert GaussianNLL().std(torch.tensor([[0.0, -20.0]], dtype=torch.half)).item() > 0
    logits = torch.tensor([[1.0, -20.0]], dtype=torch.half)
    assert GaussianNLL()(logits, torch.zeros(1, 1, dtype=torch.half)).isfinite()


def test_logits_without_variances_are_refused():
    with pytest.raises(ValueError, match=r"\(4, 3\), not \(4, 3\)"):
        GaussianNLL()(torch.zeros(4, 3), torch.zeros(4, 3))
