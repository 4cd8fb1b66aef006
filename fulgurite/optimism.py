"""How much too good the best of several models looks on the rows that chose it.

A model's figure on n test rows is off by chance, with standard error s: ``sqrt(p (1 - p) / n)`` for
an accuracy p, the rows' deviation over ``sqrt(n)`` for a mean of rows' losses. Of k models that are
equally good, and whose figures are off independently of each other, the best figure is too good by
s times the expected maximum of k standard normals,

    E_k = integral of x k phi(x) Phi(x)^(k - 1) dx,    0.564, 0.846, 1.03, 1.16 for k = 2, 3, 4, 5

(Teichroew 1956, "Tables of expected values of order statistics", Annals of Mathematical Statistics
27; Blom 1958, "Statistical Estimates and Transformed Beta-Variables", approximates it), which is
below ``sqrt(2 ln k)`` (Boucheron, Lugosi and Massart 2013, "Concentration Inequalities", theorem
2.5). Where each two figures are off with correlation r, as models of the same rows are, it is
``sqrt(1 - r)`` of that; and where one model is truly better than the rest, less too. So it says
what choosing can have cost, not what it did cost. That it costs this in practice: Cawley and Talbot
2010, "On Over-fitting in Model Selection", JMLR 11; that it costs less where models err alike:
Recht et al. 2019, "Do ImageNet Classifiers Generalize to ImageNet?"; how a test set can be asked
many times over: Dwork et al. 2015, "The reusable holdout", Science 349.
"""

import math
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

REACH = 12.0
STEP = 0.02
"""The trapezoid rule is exact to all digits at this step, for what is smooth and vanishes."""
FORMULA = "standard error * E[max of k standard normals] <= standard error * sqrt(2 ln k)"
SOURCES = (
    "Teichroew 1956 and Blom 1958 (the expected maximum); Cawley & Talbot 2010 (choosing by it); "
    "Recht et al. 2019 (models that err alike lose less); Dwork et al. 2015 (asking again)"
)


def expected_maximum(models: int) -> float:
    """Return the expected maximum of so many independent standard normals."""
    if models < 2:
        return 0.0
    normal = NormalDist()
    points = (STEP * place for place in range(-round(REACH / STEP), round(REACH / STEP) + 1))
    return STEP * sum(x * models * normal.pdf(x) * normal.cdf(x) ** (models - 1) for x in points)


def optimism(models: int, standard_errors: Mapping[str, float]) -> dict[str, Any] | None:
    """Return by how much the best of some models is expected to look too good, figure by figure.

    Args:
        models: how many were measured on the same rows.
        standard_errors: of one model's figures.

    Returns:
        Plain values; ``None`` of one model, which nothing was chosen from.
    """
    if models < 2:
        return None
    maximum, bound = expected_maximum(models), math.sqrt(2 * math.log(models))
    return {
        "best_of": models,
        "standard_errors": round(maximum, 4),
        "figures": {
            name: {"standard_error": error, "expected": error * maximum, "at_most": error * bound}
            for name, error in standard_errors.items()
        },
        "formula": FORMULA,
        "sources": SOURCES,
    }


def told(found: Mapping[str, Any]) -> str:
    """Return what :func:`optimism` found as a sentence."""
    figures = [
        f"{each['expected']:.2g} in {name.partition('/')[2] or name}"
        for name, each in found["figures"].items()
    ]
    times = f"{found['standard_errors']:.3g} standard errors"
    by = f"{times}: {', '.join(figures)}" if figures else times
    return (
        f"The best of {found['best_of']} equally good models looks too good by chance, by about "
        f"{by} (the expected maximum of {found['best_of']} normals, Blom 1958; less where models "
        f"err alike)."
    )
