"""Gaussian negative log-likelihood: regression that says how sure it is."""

import math
from typing import ClassVar

import torch
from torch import Tensor, nn


class GaussianNLL(nn.Module):
    """Negative log-likelihood of targets under a mean and a variance for each.

    Nix & Weigend 1994, "Estimating the mean and variance of the target probability distribution",
    constant included: ``(log v + (y - m)^2 / v + log 2 pi) / 2``. ``beta`` multiplies each term by
    ``v ** beta`` without gradient, the beta-NLL of Seitzer et al. 2022, "On the Pitfalls of
    Heteroscedastic Uncertainty Estimation". At 0 it is the likelihood, at 1 the mean learns as
    under squared error; 0.5 keeps hard rows from being given up as noise.

    All is in the scaled units of the logits. The first K logits are the means, the other K the
    logarithms of the variances, in the same order.

    Args:
        min_variance: variances are held within this and its inverse.
        beta: exponent of the variance in the weight of a term.

    Shape:
        - logits: (N, 2K), means then log-variances
        - target: (N, K)
        - output: scalar
    """

    outputs_per_target: ClassVar[int] = 2

    def __init__(self, min_variance: float = 1e-6, beta: float = 0.0) -> None:
        super().__init__()
        self.min_variance = min_variance
        self.beta = beta

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        """Return the mean over rows and targets."""
        if logits.shape != (len(target), 2 * target.shape[-1]):
            raise ValueError(
                f"logits must hold a mean and a log-variance for each of the targets "
                f"{tuple(target.shape)}, not {tuple(logits.shape)}"
            )
        log_variance = self._log_variance(logits)  # (N, K)
        residual = target - self.mean(logits)
        terms = log_variance + residual**2 * torch.exp(-log_variance) + math.log(2 * math.pi)
        if self.beta:
            terms = terms * torch.exp(self.beta * log_variance.detach())
        return terms.mean() / 2

    @staticmethod
    def mean(logits: Tensor) -> Tensor:
        """Return the means, (N, 2K) -> (N, K)."""
        return logits.chunk(2, dim=-1)[0]

    def std(self, logits: Tensor) -> Tensor:
        """Return the standard deviations, (N, 2K) -> (N, K)."""
        return torch.exp(self._log_variance(logits) / 2)

    def _log_variance(self, logits: Tensor) -> Tensor:
        raw = logits.chunk(2, dim=-1)[1]
        if raw.dtype in (torch.float16, torch.bfloat16):
            raw = raw.float()  # the inverse of a small variance overflows half floats
        bound = abs(math.log(self.min_variance))
        # the gradient passes the bound, as in torch's: a variance beyond it must find back
        return raw.detach().clamp(-bound, bound) + (raw - raw.detach())

    def extra_repr(self) -> str:
        """Say the settings."""
        return f"min_variance={self.min_variance}, beta={self.beta}"
