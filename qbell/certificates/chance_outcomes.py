"""Did outcomes come by chance, anew in every shot? Stuck bits and repeated numbers did not."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.certificates.statement import Check, Evidence, Numbers, bonferroni, smallest
from qbell.conventions.alarm import ALARM
from qbell.shots.grouping import Groups, by_setting, group_by
from qbell.shots.shots import Shots

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

COLUMN = "job"
EXPECTED = 10  # of either outcome of a qubit, in each block whose scatter is tested
STEPS = 60  # towards the likeliest state of a qubit
ORDERS = 9999  # random orders that the order of jobs is compared with, at most
ENOUGH = 10  # of them as extreme as the data: then it is clear that these are not extreme
MAX_BLOCKS = 100_000
MAX_NUMBERS = 2**20  # held at a time


def outcomes_p_values(shots: Shots) -> dict[str, float]:
    """P-values of "every shot gives new outcomes of one state", by the likely cause of a small one.

    All hold for any state and any independent errors of the readout:

    - A qubit that never changes. With r its Bloch vector, n_a shots along u_a all give one outcome
      with probability prod_a ((1 + u_a r)/2)^n_a, at most the largest over |r| <= 1: along
      two directions no state is sure in both. Twice that, times N.
    - Counts that scatter too little. Counts of a qubit along one direction are binomial, whatever
      is measured on the others: the lower tail of chi^2 between settings (draws, jobs), its radius
      increased by half the diagonal of a cell of whole numbers.
    - Equal counts of the same setting in two draws or jobs: given their sums, m shots are shared
      out at random, and are equal with probability prod_x C(2c_x, c_x) / C(2m, m).
    - Jobs that repeat each other's random numbers, each in its own order of settings: deviations at
      the same place of two jobs agree more than in random orders (a permutation test, stopped
      early). Where all jobs have one order it is left out.

    Source of the last: Besag and Clifford, Biometrika 78, 301 (1991).
    """
    found = stuck_p_values(shots)
    if shots.drawn and shots.draws is None:
        return found
    blocks = _Blocks.of(shots)
    return found | _too_even(blocks) | _equal(blocks) | _in_step(blocks)


@dataclass(frozen=True)
class _Blocks:
    """Shots of one setting, draw and job, in the order of the table.

    Attributes:
        shots: the data.
        groups: rows of each block.
        setting, job: (blocks,) numbers.
        totals: (blocks,) shots.
        ones: (blocks, N) of them with outcome 1.
        directions: (blocks, N).
    """

    shots: Shots
    groups: Groups
    setting: Integers
    job: Integers
    totals: Floats
    ones: Floats
    directions: NDArray[np.uint8]

    @classmethod
    def of(cls, shots: Shots) -> "_Blocks":
        setting = by_setting(shots.directions).index
        nothing = np.zeros(len(setting), dtype=np.int64)
        draw = nothing if shots.draws is None else shots.draws
        job = nothing
        if COLUMN in shots.extra.columns:
            names = shots.extra[COLUMN].astype(str)
            job = np.unique(names, return_inverse=True)[1].astype(np.int64)
        groups = group_by(setting, draw, job)
        groups = group_by(groups.first[groups.index])  # by their first rows
        first = groups.first
        ones = np.stack([groups.sums(shots.counts * bits) for bits in shots.bits.T], axis=1)
        return cls(
            shots,
            groups,
            setting[first],
            job[first],
            groups.sums(shots.counts).astype(float),
            ones.astype(float),
            shots.directions[first],
        )


def stuck_p_values(shots: Shots) -> dict[str, float]:
    """A qubit without any change, that with the least p-value."""
    least, name = 1.0, ""
    for qubit in range(shots.num_qubits):
        bits = shots.bits[:, qubit]
        if (bits != bits[0]).any():
            continue
        along = by_setting(shots.directions[:, [qubit]])
        shares = along.sums(shots.counts).astype(float)
        # A common angle is measured on all qubits: the azimuth needs their number.
        phi = shots.rules.azimuths(shots.directions[along.first])[:, qubit]
        p = 2 * np.exp(_log_most_likely(shares, phi)) * shots.num_qubits
        if p < least or not name:
            least = min(least, float(p))
            name = f"qubit {qubit}, which gave {bits[0]} in every shot of every setting"
    return {f"{name}: it is stuck, or its outcomes were not read" if name else "no qubit": least}


def _log_most_likely(shots: Floats, phi: Floats) -> float:
    """An upper limit of max over |r| <= 1 of sum_a n_a ln((1 + u_a r) / 2).

    ``phi``: azimuths of u_a, NaN along sigma_xi. The function f is concave: at any r its maximum is
    at most f(r) + |grad f| - r grad f. Steps towards grad f bring r near it.
    """
    flat = np.isnan(phi)
    angle = np.where(flat, 0.0, phi)
    units = np.stack([np.cos(angle) * ~flat, np.sin(angle) * ~flat, flat.astype(float)], axis=1)
    r = shots @ units
    r /= max(1.0, float(np.linalg.norm(r)))
    most = 0.0
    for _ in range(STEPS):
        sure = np.maximum(1 + units @ r, 1e-12)
        slope = (shots / sure) @ units
        size = float(np.linalg.norm(slope))
        value = float(shots @ np.log(sure / 2))
        most = min(most, value + size - float(slope @ r))
        r = r + slope / size if size else r
        r /= max(1.0, float(np.linalg.norm(r)))
    return most


def _too_even(blocks: _Blocks) -> dict[str, float]:
    """Lower tails of chi^2 of each qubit and direction, corrected for their number."""
    p_values: list[float] = []
    qubits: list[int] = []
    for qubit in range(blocks.ones.shape[1]):
        for letter in np.unique(blocks.directions[:, qubit]):
            kept = blocks.directions[:, qubit] == letter
            total, high = blocks.totals[kept], blocks.ones[kept, qubit]
            share = high.sum() / total.sum()
            if len(total) < 2 or total.min() * min(share, 1 - share) < EXPECTED:
                continue
            variance = total * share * (1 - share)
            radius = np.sqrt(((high - total * share) ** 2 / variance).sum())
            radius += np.sqrt((0.25 / variance).sum())
            p_values.append(float(scipy.special.chdtr(len(total) - 1, radius**2)))
            qubits.append(qubit)
    if not p_values:
        return {}
    name = (
        f"qubit {qubits[int(np.argmin(p_values))]}, whose counts scatter less than chance: they "
        "were made from probabilities, or a fixed seed gave the same random numbers again"
    )
    return {name: min(1.0, min(p_values) * len(p_values))}


def _equal(blocks: _Blocks) -> dict[str, float]:
    """Equal counts of one setting in two draws or jobs, corrected for the number of pairs."""
    if len(blocks.totals) > MAX_BLOCKS or blocks.totals.max() < 2:
        return {}
    seen: dict[tuple[int, int], dict[bytes, int]] = {}
    pairs, least = 0, 0.0
    many = np.diff(blocks.groups.starts)
    numbers = by_setting(blocks.shots.bits).index
    for block, total in enumerate(blocks.totals.astype(np.int64).tolist()):
        start = blocks.groups.starts[block]
        rows = blocks.groups.order[start : start + many[block]]
        rows = rows[np.argsort(numbers[rows])]
        counts = blocks.shots.counts[rows]
        key = numbers[rows].tobytes() + counts.tobytes()
        alike = seen.setdefault((int(blocks.setting[block]), total), {})
        pairs += sum(alike.values())
        if key in alike:
            log = _log_halves(counts).sum() - _log_halves(np.array([total])).sum()
            least = min(least, float(log))
        alike[key] = alike.get(key, 0) + 1
    if not pairs:
        return {}
    name = "two draws or jobs with equal counts: data were copied, or a random seed was used again"
    return {name: float(min(1.0, pairs * np.exp(least)))}


def _log_halves(counts: Integers) -> Floats:
    """ln C(2c, c)."""
    found: Floats = scipy.special.gammaln(2 * counts + 1) - 2 * scipy.special.gammaln(counts + 1)
    return found


def _in_step(blocks: _Blocks) -> dict[str, float]:
    """Whether jobs deviate from the mean at the same places of their orders."""
    jobs = [np.flatnonzero(blocks.job == job) for job in range(int(blocks.job.max()) + 1)]
    length = min(len(places) for places in jobs)
    if len(jobs) < 2 or length < 3:
        return {}
    order = np.stack([blocks.setting[places[:length]] for places in jobs])
    if (order == order[0]).all():
        return {}
    deviations = _deviations(blocks)
    parts = np.stack([deviations[places[:length]] for places in jobs])  # (jobs, places, N)
    parts -= parts.mean(axis=1, keepdims=True)
    norms = np.sqrt((parts**2).sum(axis=1, keepdims=True))
    parts = np.divide(parts, norms, out=np.zeros_like(parts), where=norms > 1e-12)

    name = "jobs that repeat each other's random numbers: the sampler has a fixed seed in each job"
    return {name: _permutation_p(parts)}


def _permutation_p(parts: Floats) -> float:
    """P-value of the agreement of (jobs, places, N) deviations in the order that they have."""
    ours = float((parts.sum(axis=0) ** 2).sum(axis=0).max()) - 1e-9
    generator, above, tried = np.random.default_rng(0), 0, 0
    many = max(1, min(200, MAX_NUMBERS // parts.size))
    while tried < ORDERS:
        order = np.argsort(generator.random((many, *parts.shape[:2])), axis=2)
        mixed = np.take_along_axis(parts[None], order[..., None], axis=2).sum(axis=1)
        extreme = (mixed**2).sum(axis=1).max(axis=1) >= ours
        if above + extreme.sum() >= ENOUGH:
            last = int(np.flatnonzero(extreme)[ENOUGH - above - 1])
            return ENOUGH / (tried + last + 1)
        above, tried = above + int(extreme.sum()), tried + many
    return (above + 1) / (tried + 1)


def _deviations(blocks: _Blocks) -> Floats:
    """(blocks, N) counts of outcome 1 less their mean along the qubit's direction."""
    found = np.empty_like(blocks.ones)
    for qubit in range(found.shape[1]):
        for letter in np.unique(blocks.directions[:, qubit]):
            kept = blocks.directions[:, qubit] == letter
            share = blocks.ones[kept, qubit].sum() / blocks.totals[kept].sum()
            found[kept, qubit] = blocks.ones[kept, qubit] - blocks.totals[kept] * share
    return found


@dataclass(frozen=True, kw_only=True)
class OutcomesP(Check):
    """`outcomes_p_values` as a statement."""

    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """The p-value, of all shots at once; and the likely cause of a small one."""
        p_values = outcomes_p_values(evidence.shots)
        return {self.key: bonferroni(p_values)}, smallest(p_values)


OUTCOMES_P = OutcomesP(
    key="outcomes_p",
    label="p-value of chance outcomes",
    says="A test that no qubit is stuck, and that no setting, draw or job repeats the random "
    f"numbers of another. Below {ALARM} nothing is certified.",
)
