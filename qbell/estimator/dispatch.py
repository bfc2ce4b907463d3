"""Which way a data set goes through, by its design, its size and what each way costs."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.conventions.alarm import ALARM
from qbell.conventions.labels import all_labels
from qbell.errors import QbellError
from qbell.estimator import equatorial, symmetric
from qbell.estimator.covering import low_orders
from qbell.estimator.drawn import drawn
from qbell.estimator.intervals import blocks
from qbell.estimator.intervals.bound_interval import Deviations, law_of
from qbell.estimator.pairs.pairs import PairSums, pair_cost, pair_sums
from qbell.estimator.raw_estimates import Findings, Linear
from qbell.estimator.strata import Strata, strata_of
from qbell.estimator.tensor import tensor
from qbell.estimator.tensor.moments import cells_of, correlator_means, moments
from qbell.estimator.tensor.resampled import Complex, Terms
from qbell.estimator.tensor.units import group
from qbell.shots.shots import Shots
from qbell.util.checks import require_memory
from qbell.util.progress import Progress
from qbell.util.threads import cores
from qbell.util.unique_rows import row_numbers

Floats = NDArray[np.float64]

MAX_PAIR_QUBITS = 256
MAX_COVERING_QUBITS = 400
MITIGATED = ("full", "random")
BLOCKS = 128  # of units at most: error bars come from drawing them again
MOST_NUMBERS = 10**7  # kept of sums over pairs of blocks
FEWEST_UNITS = 20  # for the same
FULL_TABLE_QUBITS = 8  # three directions: up to here all 3^N labels are listed
SECONDS_PER_CELL = 1.5e-8  # of one resample through the tensor
SECONDS_PER_DRAW = 8e-9


@dataclass(frozen=True)
class Task:
    """One estimate to make.

    Attributes:
        shots: the data.
        confidence, resamples: of the intervals.
        seed: of resampling.
        labels: correlators asked for where not all are listed.
        levels: (1 or resamples, N, 2) numbers that stand for outcomes; None for raw counts.
        progress: called with what is being done, how much of it was just done, and how much there
            is.
    """

    shots: Shots
    confidence: float
    resamples: int
    seed: np.random.SeedSequence
    labels: tuple[str, ...] | None = None
    levels: Floats | None = None
    progress: Progress | None = None

    @property
    def step(self) -> Callable[[int], None] | None:
        """To be called with the number of resamples just done."""
        progress = self.progress
        if progress is None:
            return None
        return lambda done: progress("resampling", done, self.resamples)


def check_size(design: str, num_qubits: int, num_draws: int | None = None) -> None:
    """Refuse, before shots are taken, what cannot be estimated from them afterwards.

    Raises:
        QbellError: more qubits than the estimates of this design reach, or too few draws.
    """
    if design == "full" and num_qubits > tensor.MAX_TENSOR_QUBITS:
        raise QbellError(
            f"a full design of n = {num_qubits} qubits: all 3^n correlators are estimated up to "
            f"n = {tensor.MAX_TENSOR_QUBITS}; use design random or covering"
        )
    if design == "symmetric":
        symmetric.check_size(num_qubits)
    if design == "covering" and num_qubits > MAX_COVERING_QUBITS:
        raise QbellError(
            f"a covering design of n = {num_qubits} qubits: the bound's weights 2^-(n - order) are "
            f"too small for its error bars above n = {MAX_COVERING_QUBITS}; use fewer qubits"
        )
    by_pairs = design == "random3" or (design == "random" and num_qubits > tensor.MAX_TENSOR_QUBITS)
    if by_pairs and num_qubits > MAX_PAIR_QUBITS:
        raise QbellError(
            f"a {design} design of n = {num_qubits} qubits: the bound is estimated up to "
            f"n = {MAX_PAIR_QUBITS}; use fewer qubits"
        )
    if by_pairs and num_draws is not None and num_draws < FEWEST_UNITS:
        raise QbellError(
            f"{num_draws} draws: an estimate from pairs of draws needs {FEWEST_UNITS} or more to "
            "know its error; measure more random settings"
        )


def find(task: Task) -> Findings:
    """The estimates of a data set.

    Raises:
        QbellError: too few shots, or more qubits than the design's estimates reach.
    """
    routes = {
        "full": _tensor,
        "random": _random,
        "random3": _pairs,
        "covering": _low_orders,
        "equatorial": _equatorial,
        "symmetric": _symmetric,
    }
    design = task.shots.design
    if task.levels is not None:
        check_mitigation(design, task.shots.num_qubits)
    check_size(design, task.shots.num_qubits, task.shots.num_draws)
    return routes[design](task)


def check_mitigation(design: str, num_qubits: int) -> None:
    """Refuse readout mitigation where this version has none."""
    if design not in MITIGATED or num_qubits > tensor.MAX_TENSOR_QUBITS:
        raise QbellError(
            f"readout mitigation, design {design}, n = {num_qubits}: this version has it for "
            f"designs full and random up to n = {tensor.MAX_TENSOR_QUBITS}; estimate the raw counts"
        )


def too_wide(shots: Shots) -> bool:
    """True beyond the sizes whose 3^N correlators are all found."""
    return shots.num_qubits > tensor.MAX_TENSOR_QUBITS


def _tensor(task: Task) -> Findings:
    shots = task.shots
    num_qubits = shots.num_qubits
    require_memory(8.0 * 4**num_qubits * 10, f"estimating 3^{num_qubits} correlators")
    units = group(shots)
    levels = None if task.levels is None else task.levels.mean(axis=0)
    found = moments(units, cells_of(units, num_qubits), num_qubits, levels)
    deviations = tensor.resample_bound(
        units, found, num_qubits, task.resamples, task.seed, task.step, task.levels
    )
    return Findings(
        correlators=found.correlators(num_qubits),
        deviations=deviations,
        route="tensor of all 3^N correlators",
        linear=_tensor_features(num_qubits),
    )


def _tensor_features(num_qubits: int) -> Linear:
    def features(shots: Shots) -> Complex:
        units = group(shots, least=1)
        return correlator_means(cells_of(units, num_qubits), num_qubits)

    return Linear(features, Terms.of_all(num_qubits), np.arange(3**num_qubits))


def _random(task: Task) -> Findings:
    shots = task.shots
    if too_wide(shots):
        return _pairs(task)
    units = shots.num_draws or 0
    each = 4.0**shots.num_qubits * SECONDS_PER_CELL + units * SECONDS_PER_DRAW
    by_tensor = task.resamples * each / cores()
    by_pairs = pair_cost(shots.total, shots.num_qubits, draws=units, cores=cores())
    if task.levels is not None or units < FEWEST_UNITS or by_tensor < by_pairs:
        return _tensor(task)
    grouped = group(shots)
    found = moments(grouped, cells_of(grouped, shots.num_qubits), shots.num_qubits)
    return replace(
        _pairs(task),
        correlators=found.correlators(shots.num_qubits),
        linear=_tensor_features(shots.num_qubits),
    )


def _pairs(task: Task) -> Findings:
    shots = task.shots
    three = shots.design == "random3"
    num_qubits, num_units = shots.num_qubits, shots.num_draws or 0
    children = task.seed.spawn(3)
    generator = np.random.default_rng(children[0])
    size = min(BLOCKS, num_units, int(math.sqrt(MOST_NUMBERS / (num_qubits + 2))))
    of_block = generator.permutation(np.arange(num_units) % size)
    order = np.arange(len(shots.counts))
    if shots.draws is None:  # what row a shot stands in says nothing: any order gives one result
        order = np.lexsort((row_numbers(shots.bits), row_numbers(shots.directions)))
    sums = pair_sums(
        shots.directions[order],
        shots.bits[order],
        shots.counts[order],
        None if shots.draws is None else shots.draws[order],
        of_block,
        size,
        three=three,
        seed=children[1],
        progress=task.progress,
    )
    every = _pair_deviations(sums, shots, three, task.resamples, np.random.default_rng(children[2]))
    units = drawn.drawn_units(shots)
    labels, note = _labels(task, three)
    silent = np.flatnonzero(~np.any(sums.gram[1 : num_qubits + 1], axis=(1, 2))) + 1
    if len(silent):
        note = (
            *note,
            f"no pair of draws contributes to order {', '.join(map(str, silent))}: too few draws "
            "for the bound, whose error bar leaves these orders out; E_N,0 is valid",
        )
    orders = slice(num_qubits + 1)
    f0 = None
    if three:
        f0 = law_of(every.values[-1], every.plug_in[-1], every.first[:, -1], every.second[:, -1])
    return Findings(
        correlators=drawn.correlators_of(units, labels),
        deviations=Deviations(
            every.values[orders],
            every.plug_in[orders],
            every.first[:, orders],
            every.second[:, orders],
        ),
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
    return blocks.deviations(
        values,
        values + np.clip(noise, 0, None),
        means,
        shares,
        resamples,
        generator,
        linear=4 * np.var(sums.influence, axis=0, ddof=1) / total,
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


def _low_orders(task: Task) -> Findings:
    strata = strata_of(task.shots)
    order = task.shots.order
    if order is None:
        raise QbellError("covering counts without their order; give order =, or read them again")
    found = low_orders.low_orders(strata, order)
    deviations = low_orders.resample_low_orders(strata, found, task.resamples, task.seed, task.step)
    correlators = low_orders.correlators_of(found)
    notes = []
    listed = int(correlators.order.max())
    if order < strata.num_qubits:
        notes.append(
            f"the bound is the sum of the terms of up to {order} qubits: still a lower bound, as "
            "no term is negative"
        )
    if listed < order:
        notes.append(f"the table lists correlators of up to {listed} qubits; others are too many")
    return Findings(
        correlators=correlators,
        deviations=deviations,
        route=f"correlators of up to {order} qubits",
        linear=_low_order_features(found, correlators.labels.size),
        notes=tuple(notes),
    )


def _low_order_features(found: low_orders.LowOrders, listed: int) -> Linear:
    supports = found.supports
    width = found.values.shape[1]
    used = np.flatnonzero((np.arange(width) < 2 ** supports.sizes[:, None]).ravel())
    orders = np.repeat(supports.sizes, width)[used]

    def features(shots: Shots) -> Complex:
        values: Complex = low_orders.values_of(_any(shots), supports).ravel()[used]
        return values

    terms = Terms(supports.weights.ravel()[used], orders, supports.num_qubits)
    return Linear(features, terms, np.arange(listed))


def _equatorial(task: Task) -> Findings:
    found = equatorial.equatorial(strata_of(task.shots))
    deviations = equatorial.resample_equatorial(found, task.resamples, task.seed, task.step)
    correlators = equatorial.correlators_of(found)
    harmonics = found.harmonics
    lengths = np.array([len(part) for part in harmonics.charges])

    def features(shots: Shots) -> Complex:
        return equatorial.equatorial(_any(shots)).values

    wide = harmonics.masks is None
    note = (
        ("the bound contains only the terms of all qubits" if wide else "the bound is collective")
        + ": at most that of Eq. (24)"
        + (
            ""
            if wide
            else ", and equal to it for states that do not change when qubits are exchanged"
        )
    )
    return Findings(
        correlators=correlators,
        deviations=deviations,
        route=f"{task.shots.num_qubits + 1} common angles",
        linear=Linear(features, harmonics.terms, np.cumsum(lengths) - lengths),
        harmonics=equatorial.collective_of(found),
        oscillation=equatorial.oscillation_of(found, task.confidence),
        notes=(note,),
    )


def _symmetric(task: Task) -> Findings:
    found = symmetric.symmetric(strata_of(task.shots))
    deviations = symmetric.resample_symmetric(found, task.resamples, task.seed, task.step)

    def features(shots: Shots) -> Complex:
        return symmetric.symmetric(_any(shots)).values

    notes = ["every number assumes that the state does not change when qubits are exchanged"]
    if found.exchange_p < ALARM:
        notes.append(
            f"the data contradict this assumption (p = {found.exchange_p:.2g}): qubits measured "
            "along the same direction give different results, so these numbers are not valid; use "
            "another design"
        )
    return Findings(
        correlators=symmetric.correlators_of(found),
        deviations=deviations,
        route=f"{task.shots.num_qubits + 1} settings, by symmetry",
        linear=Linear(features, found.features.terms, np.arange(len(found.values))),
        symmetry_p=found.exchange_p,
        notes=tuple(notes),
    )


def _any(shots: Shots) -> Strata:
    """Strata also where a setting has a single shot: features need no variance."""
    return strata_of(shots, least=1)
