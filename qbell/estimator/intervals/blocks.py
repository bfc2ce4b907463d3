"""Deviations of the bound from sums over pairs of blocks of units, without a resample of shots.

A block is a group of random draws, or a job. H_ab, the mean of the kernel over pairs of a unit of
block a and one of block b, holds what is needed: its mean is the bound; how its rows differ, the
linear scatter; and what is left, pairs of fluctuations, the quadratic scatter.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.intervals.bound_interval import Deviations

Floats = NDArray[np.float64]

CHUNK = 25


def mean_over_pairs(blocks: Floats, shares: Floats) -> Floats:
    """(terms,) mean of H (terms, G, G) over pairs of different blocks, weighted by their shares."""
    weights = np.outer(shares, shares)
    np.fill_diagonal(weights, 0.0)
    mean: Floats = (blocks * weights).sum(axis=(1, 2)) / weights.sum()
    return mean


def row_means(blocks: Floats, shares: Floats) -> Floats:
    """(G, terms) mean of H over the other blocks, for each block."""
    weights = np.tile(shares, (len(shares), 1))
    np.fill_diagonal(weights, 0.0)
    means: Floats = ((blocks * weights).sum(axis=2) / weights.sum(axis=1)).T
    return means


def resampled_parts(
    blocks: Floats, shares: Floats, resamples: int, generator: np.random.Generator
) -> tuple[Floats, Floats]:
    """(resamples, terms) linear and quadratic deviations, as if blocks were drawn again.

    With normal multipliers g_a that sum to 0 (how often a block comes scatters so too, but
    with longer tails where a few pairs of blocks stand out),

        first = sum_a g_a 2 w_a r_a,    second = sum over a != b of g_a g_b w_a w_b R_ab,

    where w are the shares, r_a the mean of row a of H beyond that of all, and R_ab what H_ab has
    beyond the sum of an effect of a and one of b. Both parts come from the same draws: how they go
    together is the skewness of the estimate. Pairs within a block, and the effects taken out, are
    made up for.
    """
    count = len(shares)
    off = ~np.eye(count, dtype=bool)
    mean = np.where(off, blocks, 0).sum(axis=(1, 2)) / (count * (count - 1))
    effects = np.where(off, blocks - mean[:, None, None], 0).sum(axis=2) / (count - 2)
    rest = blocks - mean[:, None, None] - effects[:, :, None] - effects[:, None, :]
    rest = np.where(off, rest, 0) * np.outer(shares, shares)
    rest *= np.sqrt(count / (count - 3))
    rows = row_means(blocks, shares) - mean_over_pairs(blocks, shares)
    first = np.empty((resamples, len(blocks)))
    second = np.empty((resamples, len(blocks)))
    for start in range(0, resamples, CHUNK):
        stop = min(start + CHUNK, resamples)
        away = generator.normal(size=(stop - start, count)) * np.sqrt(count / (count - 1))
        away -= away.mean(axis=1, keepdims=True)
        first[start:stop] = away @ (2 * shares[:, None] * rows)
        for term, part in enumerate(rest):
            second[start:stop, term] = np.einsum("ra,ra->r", away @ part, away)
    first -= first.mean(axis=0)
    second -= second.mean(axis=0)
    # The variance of a form in normal multipliers is known; where a few pairs of blocks stand out,
    # that of so many draws is not.
    known = 2 * float((rest.sum(axis=0) ** 2).sum()) * (count / (count - 1)) ** 2
    drawn = float(np.var(second.sum(axis=1)))
    if drawn > 0:
        second *= np.sqrt(known / drawn)
    return first, second


def deviations(
    values: Floats,
    plug_in: Floats,
    blocks: Floats,
    shares: Floats,
    resamples: int,
    generator: np.random.Generator,
    *,
    linear: Floats | None = None,
    third: Floats | None = None,
    widen: float = 1.0,
) -> Deviations:
    """`Deviations` of an estimate, all terms at once.

    Args:
        values, plug_in: (terms,) unbiased estimates; the sums of |c_hat_s|^2.
        blocks, shares: H and the share of each block in all units.
        resamples, generator: as they say.
        linear: (terms,) variance of the linear part where it is known better than from the blocks.
        third: (terms + 1,) third central moments of the same, and of all terms together: normal
            multipliers have none.
        widen: factor on the scatter, where few blocks leave its size uncertain (Student's t).
    """
    first, second = resampled_parts(blocks, shares, resamples, generator)
    if linear is not None:
        found = np.var(first, axis=0)
        first *= np.sqrt(np.divide(linear, found, out=np.ones_like(found), where=found > 0))
    return Deviations(values, plug_in, widen * first, widen * second, third=third)
