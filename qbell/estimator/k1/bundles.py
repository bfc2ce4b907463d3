"""Shots of three directions in bundles, each of which gives an unbiased estimate of rho.

A shot along sigma_d with outcome x stands for the product over qubits of 3|s><s| - 1 = (1 + 3 x
sigma_d) / 2, whose mean over the three directions is rho (classical shadows: H.-Y. Huang, R. Kueng
and J. Preskill, Nat. Phys. 16, 1050 (2020)). Bundles share no draw, so that products of different
bundles are unbiased, whatever shots of one draw have to do with each other. What shots are in a
bundle is drawn at random, whatever came out.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qbell.estimator.jobs import Jobs
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.shots import Shots
from qbell.util.unique_rows import row_numbers

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Integers = NDArray[np.int64]

CHUNK = 2**22  # parities at once
MANY_SHOTS = 10**7
SHOTS_PER_NUMBER = 10  # that are dealt while one number of a distribution is drawn
TOO_MANY = 10**9  # shots to deal at once: NumPy's hypergeometric numbers end there
PAULI = np.array([[1, 0, 0, 1], [0, 1, 1, 0], [0, -1j, 1j, 0], [1, 0, 0, -1]]) / 2


@dataclass(frozen=True)
class Bundles:
    """Which rows of the data make up which bundle.

    Attributes:
        count: number of bundles.
        rows: (m,) rows of the shots; one may be in several bundles, with a part of its shots.
        bundle: (m,) the bundle of each.
        weights: (m,) its weight in the mean over the bundle; they sum to 1 in each bundle.
    """

    count: int
    rows: Integers
    bundle: Integers
    weights: Floats


def why_too_few(shots: Shots, jobs: Jobs | None, *, fewest: int, most_qubits: int) -> str:
    """Why nothing is estimated from ``fewest`` bundles or more; empty where it can be.

    Args:
        shots: the data.
        jobs: where error bars are by job, which then are the bundles.
        fewest: bundles that there must be.
        most_qubits: up to which this is done.
    """
    if shots.num_qubits > most_qubits:
        return f"it is estimated up to {most_qubits} qubits"
    if shots.provenance == "mitigated":
        return "the counts are mitigated"
    if jobs is not None:
        return "" if jobs.count >= fewest else f"error bars by job need {fewest} jobs for it"
    if most_bundles(shots) < fewest:
        unit = "draws" if shots.drawn else "shots in each setting"
        return f"it needs {fewest} {unit}"
    most = _most_to_deal(shots) if shots.total >= TOO_MANY else 0
    if most >= TOO_MANY:
        which = "there are" if shots.drawn else "a setting has"
        return f"{which} {most:,} shots, and fewer than {TOO_MANY:,} can be dealt to bundles"
    return ""


def most_bundles(shots: Shots) -> int:
    """How many bundles there can be: draws, or shots of the setting with the fewest."""
    return (shots.num_draws or 0) if shots.drawn else int(shots.fewest_shots)


def bundled(shots: Shots, count: int, generator: np.random.Generator) -> Bundles:
    """Bundles of random draws; where settings are fixed, of random shots of each setting."""
    # In which row a shot stands says nothing: any order gives one result.
    settings, outcomes = row_numbers(shots.directions), row_numbers(shots.bits)
    if shots.draws is not None and shots.drawn:
        draws = group_by(shots.draws)
        bundle = generator.permutation(np.arange(len(draws)) % count)[draws.index]
        return _weighted(shots, np.arange(len(bundle)), bundle, shots.counts, count)
    order = np.lexsort((outcomes, settings))
    if shots.total > MANY_SHOTS and worth_splitting(shots.counts, count):
        starts = [0, len(order)] if shots.drawn else group_by(settings[order]).starts
        piles = [shots.counts[order[i:j]] for i, j in pairwise(starts)]
        numbers = np.concatenate([split(generator, pile, count) for pile in piles], axis=1)
        bundle, place = np.nonzero(numbers)
        return _weighted(shots, order[place], bundle, numbers[bundle, place], count)
    rows = np.repeat(order, shots.counts[order])
    if shots.drawn:
        bundle = generator.permutation(np.arange(len(rows)) % count)
    else:
        # At random within each setting, as evenly as can be.
        shuffled = np.lexsort((generator.random(len(rows)), settings[rows]))
        rows = rows[shuffled]
        bundle = np.arange(len(rows)) % count
        starts = group_by(settings[rows]).starts
        bundle = (np.arange(len(rows)) - np.repeat(starts[:-1], np.diff(starts))) % count
    pairs = group_by(rows, bundle)
    numbers = pairs.sums(np.ones(len(rows), dtype=np.int64))
    return _weighted(shots, rows[pairs.first], bundle[pairs.first], numbers, count)


def worth_splitting(counts: Integers, bundles: int) -> bool:
    """Whether `split` is faster than to deal shot by shot."""
    return bool(counts.sum() > SHOTS_PER_NUMBER * bundles * len(counts))


def split(generator: np.random.Generator, counts: Integers, bundles: int) -> Integers:
    """(bundles, outcomes) shots of each outcome in each bundle, all ways to deal them alike likely.

    What a bundle gets is drawn without return from what is left. Bundles are as large as each
    other, or one shot larger.
    """
    left, total = counts.copy(), int(counts.sum())
    numbers = np.empty((bundles, len(counts)), dtype=np.int64)
    for bundle in range(bundles):
        size = total // bundles + (bundle < total % bundles)
        numbers[bundle] = generator.multivariate_hypergeometric(left, size, method="marginals")
        left -= numbers[bundle]
    return numbers


def _most_to_deal(shots: Shots) -> int:
    """Shots of the largest pile that `bundled` deals: all, or those of one setting."""
    if shots.drawn:
        return shots.total if shots.draws is None else 0
    return int(by_setting(shots.directions).sums(shots.counts).max())


def by_job(shots: Shots, jobs: Integers) -> Bundles:
    """Jobs, each of which measures everything, as bundles."""
    rows = np.arange(len(jobs))
    return _weighted(shots, rows, jobs, shots.counts, int(jobs.max()) + 1)


def _weighted(
    shots: Shots, rows: Integers, bundle: Integers, numbers: Integers, count: int
) -> Bundles:
    """Each draw, or each setting if they are fixed, counts alike within a bundle.

    ``numbers``: (m,) shots of a row that are in the bundle.
    """
    if shots.drawn and shots.draws is None:
        weights = numbers / np.bincount(bundle, numbers, minlength=count)[bundle]
        return Bundles(count, rows, bundle, weights)
    unit = shots.draws if shots.drawn else by_setting(shots.directions).index
    assert unit is not None
    units = group_by(bundle, unit[rows])
    sizes = units.sums(numbers)[units.index]
    in_bundle = np.bincount(bundle[units.first], minlength=count)
    return Bundles(count, rows, bundle, numbers / sizes / in_bundle[bundle])


def operators(shots: Shots, bundles: Bundles) -> Complex:
    """(bundles, 2^N, 2^N) estimates of rho in the frame of sigma_1, sigma_2 and sigma_xi."""
    num_qubits = shots.num_qubits
    size = 4**num_qubits
    means = np.zeros(bundles.count * size)
    step = max(1, CHUNK >> num_qubits)
    for start in range(0, len(bundles.rows), step):
        part = slice(start, start + step)
        rows = bundles.rows[part]
        place, value = bundles.bundle[part, None] * size, bundles.weights[part, None]
        for qubit in range(num_qubits):
            letter = shots.directions[rows, qubit, None].astype(np.int64) + 1
            outcome = 3.0 - 6.0 * shots.bits[rows, qubit, None]
            place = np.concatenate([place, place + letter * 4**qubit], axis=1)
            value = np.concatenate([value, value * outcome], axis=1)
        means += np.bincount(place.ravel(), value.ravel(), minlength=len(means))
    cube: Complex = means.reshape(bundles.count, -1).astype(complex)
    for _ in range(num_qubits):  # the qubit of the first axis becomes the last one
        cube = np.einsum("gpr,pa->gra", cube.reshape(bundles.count, 4, -1), PAULI)
        cube = cube.reshape(bundles.count, -1)
    cube = cube.reshape(bundles.count, *(2, 2) * num_qubits)
    row, column = range(1, 2 * num_qubits, 2), range(2, 2 * num_qubits + 1, 2)
    dimension = 2**num_qubits
    found: Complex = cube.transpose(0, *row, *column).reshape(-1, dimension, dimension)
    return np.ascontiguousarray(found)
