"""The bound and F0 from pairs of different draws, single correlators label by label."""

import math
from dataclasses import replace

import numpy as np
import scipy

from qbell.conventions.labels import all_labels
from qbell.errors import QbellError
from qbell.estimator.correlators import Correlators
from qbell.estimator.drawn import drawn, seldom
from qbell.estimator.intervals import blocks
from qbell.estimator.intervals.bound_interval import Deviations, distribution_of
from qbell.estimator.pairs.pairs import PairSums, pair_cost, pair_sums
from qbell.estimator.raw_estimates import Findings
from qbell.estimator.routes.base import Estimator, Floats, Task
from qbell.estimator.tensor import tensor
from qbell.shots.shots import Shots
from qbell.util.unique_rows import row_numbers

MAX_PAIR_QUBITS = 256
BLOCKS = 128  # of units at most: error bars come from drawing them again
MOST_NUMBERS = 10**7  # kept of sums over pairs of blocks
FEWEST_UNITS = 20  # for the same
FULL_TABLE_QUBITS = 8  # three directions: up to here all 3^N labels are listed


class PairEstimator(Estimator):
    """Pairs of draws, at any N; with ``three`` directions also F0."""

    def __init__(self, *, three: bool) -> None:
        self.three = three

    def check_size(self, num_qubits: int, num_draws: int | None = None) -> None:
        """See `Estimator.check_size`."""
        if num_qubits > MAX_PAIR_QUBITS:
            raise QbellError(
                f"settings drawn at random, n = {num_qubits} qubits: the bound is estimated up to "
                f"n = {MAX_PAIR_QUBITS}; use fewer qubits"
            )
        if num_draws is not None and num_draws < FEWEST_UNITS:
            raise QbellError(
                f"{num_draws} draws: an estimate from pairs of draws needs {FEWEST_UNITS} or more "
                "to know its error; measure more random settings"
            )

    def seconds_per_resample(self, num_qubits: int, num_settings: int, order: int) -> float:
        """There are none of shots."""
        return math.inf

    def pair_seconds(self, num_qubits: int, num_shots: int) -> float:
        """See `Estimator.pair_seconds`."""
        return pair_cost(num_shots, num_qubits, three=self.three)

    def find(self, task: Task) -> Findings:
        """See `Estimator.find`."""
        labels, note = _labels(task, self.three)
        correlators = drawn.correlators_of(drawn.drawn_units(task.shots), labels)
        return self.with_bound(task, correlators, note)

    def with_bound(
        self, task: Task, correlators: Correlators, note: tuple[str, ...] = ()
    ) -> Findings:
        """The bound, and F0, from pairs of draws, beside correlators that are known already."""
        shots = task.shots
        num_qubits, num_units = shots.num_qubits, shots.num_draws or 0
        children = task.seed.spawn(3)
        generator = np.random.default_rng(children[0])
        size = min(BLOCKS, num_units, int(math.sqrt(MOST_NUMBERS / (num_qubits + 2))))
        of_block = generator.permutation(np.arange(num_units) % size)
        order = np.arange(len(shots.counts))
        if shots.draws is None:
            # What row a shot stands in says nothing: any order gives one result.
            order = np.lexsort((row_numbers(shots.bits), row_numbers(shots.directions)))
        sums = pair_sums(
            shots.directions[order],
            shots.bits[order],
            shots.counts[order],
            None if shots.draws is None else shots.draws[order],
            of_block,
            size,
            three=self.three,
            seed=children[1],
            progress=task.progress,
            cluster=task.cluster,
        )
        every = _pair_deviations(
            sums, shots, self.three, task.resamples, np.random.default_rng(children[2])
        )
        silent = np.flatnonzero(~np.any(sums.gram[1 : num_qubits + 1], axis=(1, 2))) + 1
        if len(silent):
            note = (
                *note,
                f"no pair of draws contributes to order {', '.join(map(str, silent))}: too few "
                "draws for the bound, whose error bar leaves these orders out; E_N,0 is valid",
            )
        orders = slice(num_qubits + 1)
        deviations = Deviations(
            every.values[orders],
            every.plug_in[orders],
            every.first[:, orders],
            every.second[:, orders],
            third=None if every.third is None else every.third[[*range(num_qubits + 1), -1]],
        )
        f0, last = None, slice(num_qubits + 1, None)
        if self.three:
            third = None if every.third is None else float(every.third[-2])
            f0 = distribution_of(every.values[-1], every.first[:, -1], every.second[:, -1], third)
        if seldom.applies_to(shots):
            generator = np.random.default_rng(task.seed.spawn(1)[0])
            deviations = seldom.allow_for(deviations, seldom.of_bound(shots), generator)
            if self.three:
                alone = replace(
                    every,
                    values=every.values[last],
                    plug_in=every.plug_in[last],
                    first=every.first[:, last],
                    second=every.second[:, last],
                    third=None if every.third is None else every.third[[-2, -2]],
                )
                f0 = seldom.allow_for(alone, seldom.of_f0(shots), generator).distribution()
        return Findings(
            correlators=correlators,
            deviations=deviations,
            route=f"pairs of shots ({sums.pairs:.3g})",
            f0=f0,
            notes=note,
        )


def _labels(task: Task, three: bool) -> tuple[list[str], tuple[str, ...]]:
    """Which correlators are listed, and the note that others are not."""
    num_qubits = task.shots.num_qubits
    if task.labels is not None:
        top = "+" * num_qubits
        return list(dict.fromkeys([*task.labels, top])), ("the table lists the labels asked for",)
    if num_qubits <= (FULL_TABLE_QUBITS if three else tensor.MAX_TENSOR_QUBITS):
        return all_labels(num_qubits).tolist(), ()
    labels = drawn.default_labels(num_qubits)
    most = max(len(label) - label.count("0") for label in labels[:-1])
    note = (
        f"the table lists correlators of up to {most} qubits and that of all: 3^{num_qubits} rows "
        "are too many; name others with labels ="
    )
    return labels, (note,)


def _pair_deviations(
    sums: PairSums, shots: Shots, three: bool, resamples: int, generator: np.random.Generator
) -> Deviations:
    total = int(sums.units.sum())
    shares = sums.units / total
    means = sums.gram / np.outer(sums.units, sums.units)
    values = sums.means
    # What a shot paired with itself gives; of several shots a draw about its share of the pairs.
    repeats = float(np.mean(shots.total / total))
    noise = (self_kernel(shots.num_qubits, three) / repeats - values) / total
    influence = 2 * sums.influence
    # All together: the orders of the bound, without F0.
    every = np.column_stack([influence, influence[:, : shots.num_qubits + 1].sum(axis=1)])
    third = np.mean((every - every.mean(axis=0)) ** 3, axis=0) / total**2
    return blocks.deviations(
        values,
        values + np.clip(noise, 0, None),
        means,
        shares,
        resamples,
        generator,
        linear=np.var(influence, axis=0, ddof=1) / total,
        third=third,
    )


def self_kernel(num_qubits: int, three: bool) -> Floats:
    """(terms,) mean kernel of a shot with itself: the diagonal that pairs leave out, by order."""
    order = np.arange(num_qubits + 1)
    amplitude = 3.0 if three else 2.0
    comb = scipy.special.comb(num_qubits, order)
    by_order = 2 * order * comb * amplitude**order * 0.5 ** (num_qubits - order)
    if not three:
        return np.asarray(by_order)
    return np.append(by_order, 6.0 * num_qubits * 5.0 ** (num_qubits - 1))
