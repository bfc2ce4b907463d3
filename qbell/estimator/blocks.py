"""Deviations of the bound from sums over pairs of blocks of units, without a resample of shots.

A block is a group of random draws, or a job. H_ab, the mean of the kernel over pairs of a unit of
block a and one of block b, holds what is needed: its mean is the bound; how its rows differ, the
linear scatter; and what is left, pairs of fluctuations, the quadratic scatter.
"""

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.inversion import Deviations

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


def linear_part(
    influence: Floats, units: float, resamples: int, generator: np.random.Generator
) -> Floats:
    """(resamples, terms) linear deviations, from the influence (m, terms) of m units of ``units``.

    2 (mean of the influences drawn - their mean), one fewer drawn than there are, so that the
    variance is 4 s^2 / units with s^2 the unbiased variance of the influences.
    """
    size = len(influence)
    centred = influence - influence.mean(axis=0)
    found = np.empty((resamples, influence.shape[1]))
    for start in range(0, resamples, CHUNK):
        stop = min(start + CHUNK, resamples)
        drawn = np.stack(
            [
                np.bincount(generator.integers(0, size, size - 1), minlength=size)
                for _ in range(stop - start)
            ]
        )
        found[start:stop] = drawn @ centred
    scale = 2 / (size - 1) * np.sqrt(size / units)
    scaled: Floats = found * scale
    return scaled


def quadratic_part(
    blocks: Floats, shares: Floats, resamples: int, generator: np.random.Generator
) -> Floats:
    """(resamples, terms) quadratic deviations: the remainder of H with random signs and sizes.

    sum over a != b of g_a g_b shares_a shares_b R_ab, with g normal and R_ab what H_ab has beyond
    the sum of an effect of a and one of b. Its variance is that of the pairs of fluctuations, the
    pairs within a block and the effects taken out made up for.
    """
    count = len(shares)
    off = ~np.eye(count, dtype=bool)
    mean = np.where(off, blocks, 0).sum(axis=(1, 2)) / (count * (count - 1))
    effects = np.where(off, blocks - mean[:, None, None], 0).sum(axis=2) / (count - 2)
    rest = blocks - mean[:, None, None] - effects[:, :, None] - effects[:, None, :]
    rest = np.where(off, rest, 0) * np.outer(shares, shares)
    signs = generator.normal(size=(resamples, count))
    drawn: Floats = np.stack([np.einsum("ra,ra->r", signs @ part, signs) for part in rest], axis=1)
    drawn -= drawn.mean(axis=0)
    made_up: Floats = drawn * np.sqrt((count - 1) / (count - 3) * count / (count - 1))
    return made_up


def deviations(
    values: Floats,
    plug_in: Floats,
    influence: Floats,
    units: float,
    blocks: Floats,
    shares: Floats,
    resamples: int,
    generator: np.random.Generator,
    widen: float = 1.0,
) -> Deviations:
    """`Deviations` of an estimate, all terms at once.

    Args:
        values, plug_in: (terms,) unbiased estimates; the sums of |c_hat_s|^2.
        influence, units: see `linear_part`.
        blocks, shares: H and the share of each block in all units.
        resamples, generator: as they say.
        widen: factor on the scatter, where few blocks leave its size uncertain (Student's t).
    """
    return Deviations(
        values=values,
        plug_in=plug_in,
        first=widen * linear_part(influence, units, resamples, generator),
        second=widen * quadratic_part(blocks, shares, resamples, generator),
    )
