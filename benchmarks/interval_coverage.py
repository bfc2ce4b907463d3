"""Coverage of the intervals: how often do they hold the truth, per state, design and target?

python -m benchmarks.interval_coverage                      600 repetitions; docs/coverage.md
python -m benchmarks.interval_coverage --repetitions 100    a first look, printed
    --only NAME    campaigns whose line ("GHZ, full") has NAME in it
    -o FILE        where to write the table

Data are drawn from exact tables of probabilities, without qbell's own sampling. The truth is
summed here from exact correlators, as the definition of each design's bound says.
"""

import argparse
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import permutations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.conventions.labels import label_index, signs
from qbell.designs import DESIGNS
from qbell.designs.schedule import Schedule
from qbell.estimator import Result
from qbell.shots.shots import Shots
from tests.support.simulated import law, white_noise_ghz

Floats = NDArray[np.float64]
Matrix = NDArray[np.complex128]

REPETITIONS = 600
RESAMPLES = 400
CHUNK = 50  # repetitions a process does in one go; each repetition has a seed of its own
TARGETS = ("B", "B lower", "B upper", "B top order", "E_N,0", "Q", "E low order", "F0", "all E")


@dataclass(frozen=True)
class Data:
    """A design and how many shots: of each setting or draw."""

    name: str
    design: str
    num_qubits: int
    shots: int
    draws: int = 0
    order: int | None = None


DATA = [
    Data("full", "full", 4, 200),
    Data("random", "random", 4, 1, draws=2000),
    Data("random, 10 shots a draw", "random", 4, 10, draws=200),
    Data("random3", "random3", 4, 1, draws=2000),
    Data("pauli", "pauli", 4, 40),
    Data("covering, K = 2", "covering", 4, 200, order=2),
    Data("covering, K = 3", "covering", 4, 200, order=3),
    Data("equatorial", "equatorial", 4, 500),
    Data("symmetric", "symmetric", 4, 500),
    Data("full, N = 5", "full", 5, 80),
    Data("random, N = 5", "random", 5, 1, draws=1500),
]
# For states of which the bound is 2 to 8 of its standard errors.
MODERATE_DATA = [
    Data("full, 50 shots", "full", 4, 50),
    Data("random, 800 draws", "random", 4, 1, draws=800),
    Data("random, 180 draws", "random", 4, 1, draws=180),  # not post-stratified
    Data("random3", "random3", 4, 1, draws=2000),
]
WORDS = [Data("pauli", "pauli", 4, 40), Data("pauli, N = 3", "pauli", 3, 60)]
FEW_DRAWS = [
    Data("random, 60 draws of 20", "random", 4, 20, draws=60),
    Data("random, N = 6, 100 draws", "random", 6, 1, draws=100),
    Data("random, N = 6, 100 draws of 20", "random", 6, 20, draws=100),
    Data("random3, 100 draws of 10", "random3", 4, 10, draws=100),
    Data("random3, 300 draws of 10", "random3", 4, 10, draws=300),
]


def _pure(state: object) -> Matrix:
    vector = state.statevector()  # type: ignore[attr-defined]
    return np.asarray(np.outer(vector, vector.conj()), dtype=complex)


STATES: dict[str, Callable[[int], Matrix]] = {
    "GHZ": lambda n: white_noise_ghz(n, 0.0),
    "noisy GHZ, p = 0.3": lambda n: white_noise_ghz(n, 0.3),
    "|+>^N": lambda n: _pure(qbell.plus(n)),
    "maximally mixed": lambda n: white_noise_ghz(n, 1.0),
    "Ising, U = -1.2": lambda n: _pure(qbell.ising(n, -1.2)),
}


def random_matrix(num_qubits: int, rank: int, seed: int) -> Matrix:
    """A random density matrix."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(2, 2**num_qubits, rank))
    vectors = root[0] + 1j * root[1]
    matrix = vectors @ vectors.conj().T
    return np.asarray(matrix / np.trace(matrix).real)


def _shortened(num_qubits: int) -> Matrix:
    """Qubits with Bloch vectors of length 0.7 along x."""
    one = np.array([[0.5, 0.35], [0.35, 0.5]], dtype=complex)
    found = np.ones((1, 1), dtype=complex)
    for _ in range(num_qubits):
        found = np.kron(found, one)
    return found


def _two_pairs(num_qubits: int) -> Matrix:
    pairs = np.kron(random_matrix(2, 1, 1), random_matrix(num_qubits - 2, 1, 2))
    return np.asarray(pairs, dtype=complex)


def _depolarised(num_qubits: int) -> Matrix:
    ising = _pure(qbell.ising(num_qubits, -1.2))
    return 0.6 * ising + 0.4 * np.eye(len(ising)) / len(ising)


MODERATE: dict[str, Callable[[int], Matrix]] = {
    "|+>^N, Bloch vectors 0.7": _shortened,
    "two random pairs": _two_pairs,
    "Ising, 40 % depolarised": _depolarised,
    "random, rank 4": lambda n: random_matrix(n, 4, 3),
}


def _tilted(num_qubits: int) -> Matrix:
    """A product of pure qubits in different directions, none along an axis."""
    found = np.ones((1, 1), dtype=complex)
    for qubit in range(num_qubits):
        theta, phi = 0.6 + 0.3 * qubit, 0.4 * qubit
        vector = np.array([math.cos(theta / 2), np.exp(1j * phi) * math.sin(theta / 2)])
        found = np.kron(np.outer(vector, vector.conj()), found)
    return found


# For the words of three letters, which also measure what lies along sigma_xi.
FURTHER: dict[str, Callable[[int], Matrix]] = {
    "noisy GHZ, p = 0.2": lambda n: white_noise_ghz(n, 0.2),
    "W": lambda n: _pure(qbell.w(n)),
    "tilted product": _tilted,
    "random, full rank": lambda n: random_matrix(n, 2**n, 5),
}


def twirled(matrix: Matrix) -> Matrix:
    """The mean over all exchanges of qubits: what design symmetric assumes of a state."""
    n = len(matrix).bit_length() - 1
    cube = matrix.reshape((2,) * (2 * n))
    every = list(permutations(range(n)))
    total = np.zeros_like(cube)
    for order in every:
        total += cube.transpose([*order, *(n + k for k in order)])
    return total.reshape(matrix.shape) / len(every)


@dataclass(frozen=True)
class Campaign:
    """One state measured by one design."""

    state: str
    data: Data

    @property
    def name(self) -> str:
        """As in the table."""
        return f"{self.state}, {self.data.name}"

    @property
    def matrix(self) -> Matrix:
        """The density matrix; Ising is twirled where the design assumes that."""
        found = (STATES | MODERATE | FURTHER)[self.state](self.data.num_qubits)
        return twirled(found) if self.data.design == "symmetric" else found

    @property
    def settings(self) -> Schedule:
        """The different settings of the design."""
        data, axis = self.data, parse_axis("z")
        if data.design in ("random", "random3"):
            letters = 3 if data.design == "random3" else 2
            index = np.arange(letters**data.num_qubits)[:, None]
            words = index // letters ** np.arange(data.num_qubits) % letters
        elif data.design == "covering":
            bits = np.arange(16)[:, None] >> np.arange(4) & 1
            # Weights 0 and 3 show all patterns of 2 qubits of 4, even weights those of 3.
            weights = (0, 3) if data.order == 2 else (0, 2, 4)
            words = bits[np.isin(bits.sum(axis=1), weights)]
        else:
            return qbell.schedule(data.num_qubits, data.design)
        return Schedule(data.design, axis, words.astype(np.uint8), order=data.order)

    def truths(self) -> dict[str, float]:
        """The true value of every target that the design measures."""
        matrix, data = self.matrix, self.data
        n = data.num_qubits
        n_plus, n_minus = signs(n)
        order, charge = n_plus + n_minus, n_plus - n_minus
        values = np.asarray(exact.correlator_values(matrix))
        terms = 2.0 * charge**2 * 2.0 ** (order - n) * np.abs(values) ** 2
        if data.design == "equatorial":
            terms = _collective_terms(values, n)
        top = n if data.order is None else data.order
        bound = float(terms[order <= top].sum())
        e_n = abs(values[label_index("+" * n)]) ** 2
        found = {
            "B": bound,
            "B lower": bound,
            "B upper": bound,
            "B top order": float(terms[order == top].sum()),
            "E low order": abs(values[label_index("0" * (n - 2) + "++")]) ** 2,
        }
        if data.design != "covering":
            found["E_N,0"] = e_n
            found["Q"] = n + math.log2(e_n) if e_n > 1e-20 else -math.inf
        if DESIGNS[data.design].measures_f0:
            found["F0"] = exact.f0(matrix)
        if self.all_labels:
            found["all E"] = 1.0
        return found

    @property
    def all_labels(self) -> bool:
        """Whether the table has every label, with the value that it has in the state."""
        return self.data.design in ("full", "random", "random3", "pauli")

    def hold_together(self, result: Result) -> bool:
        """Whether the simultaneous intervals of all correlators hold their truths."""
        table = result.correlators
        every = np.abs(np.asarray(exact.correlator_values(self.matrix))) ** 2
        truth = every[[label_index(label) for label in table["label"]]]
        low, high = table["simultaneous_low"], table["simultaneous_high"]
        return bool(((low <= truth + 1e-9) & (truth <= high + 1e-9)).all())


def _collective_terms(values: NDArray[np.complex128], num_qubits: int) -> Floats:
    """(3^N,) the equatorial bound, in the place of the label it belongs to, if q > 0.

    Sum over sets A of n qubits and q of 2 q^2 2^-(N-n) |sum of c_s|^2 / binomial(n, n_minus).
    """
    n_minus = signs(num_qubits)[1]
    index = np.arange(3**num_qubits)
    digits = index[:, None] // 3 ** np.arange(num_qubits) % 3
    masks = (digits > 0) @ (1 << np.arange(num_qubits))
    terms = np.zeros(3**num_qubits)
    for mask in range(1, 2**num_qubits):
        for minus in range(mask.bit_count() + 1):
            alike = np.flatnonzero((masks == mask) & (n_minus == minus))
            size, charge = mask.bit_count(), mask.bit_count() - 2 * minus
            square = abs(values[alike].sum()) ** 2 / math.comb(size, minus)
            terms[alike[0]] = 2 * charge**2 * 2.0 ** (size - num_qubits) * square
    return terms


@cache
def _table(campaign: Campaign) -> tuple[Schedule, Floats]:
    return campaign.settings, law(campaign.matrix, campaign.settings)


def draw(campaign: Campaign, rng: np.random.Generator) -> Shots:
    """One data set."""
    settings, table = _table(campaign)
    data = campaign.data
    drawn = DESIGNS[data.design].drawn
    chosen = rng.integers(0, len(table), data.draws) if drawn else np.arange(len(table))
    counts = rng.multinomial(data.shots, table[chosen])
    rows, outcomes = np.nonzero(counts)
    return Shots(
        directions=settings.directions[chosen[rows]],
        bits=(outcomes[:, None] >> np.arange(data.num_qubits) & 1).astype(np.uint8),
        counts=counts[rows, outcomes].astype(np.int64),
        draws=rows.astype(np.int64) if drawn else None,
        design=data.design,
        axis=settings.axis,
        order=data.order,
    )


def ends_of(result: Result, data: Data) -> dict[str, tuple[float, float]]:
    """The interval of every target."""
    bound = result.bound
    top = data.num_qubits if data.order is None else data.order
    by_order, table = result.bound_by_order, result.correlators
    label = "0" * (data.num_qubits - 2) + "++"
    ends = {
        "B": (bound.low, bound.high),
        "B lower": (bound.lower_limit, math.inf),
        "B upper": (-math.inf, bound.upper_limit),
    }
    rows = (by_order[by_order["order"] == top], table[table["label"] == label])
    for name, row in zip(("B top order", "E low order"), rows, strict=True):
        ends[name] = (float(row["low"].iloc[0]), float(row["high"].iloc[0]))
    for name, estimate in (("E_N,0", result.e_n), ("Q", result.q), ("F0", result.f0)):
        if estimate is not None:
            ends[name] = (estimate.low, estimate.high)
    return ends


def repeat(job: tuple[Campaign, int, int]) -> Floats:
    """(repetitions, targets + 1, 3): above, below the truth, width; last flags of B and E_N,0."""
    campaign, start, stop = job
    truths = campaign.truths()
    rows = np.full((stop - start, len(TARGETS) + 1, 3), np.nan)
    for repetition in range(start, stop):
        rng = np.random.default_rng([*campaign.name.encode(), repetition])
        shots = draw(campaign, rng)
        result = qbell.estimate(shots, resamples=RESAMPLES)
        ends = ends_of(result, campaign.data)
        if campaign.all_labels:
            ends["all E"] = (1.0, 1.0) if campaign.hold_together(result) else (2.0, math.inf)
        for place, target in enumerate(TARGETS):
            if target in truths:
                low, high = ends[target]
                truth = truths[target]
                tiny = 1e-9 * (1 + abs(truth)) if math.isfinite(truth) else 0.0
                width = high - low if math.isfinite(high - low) else math.nan
                missed = (low > truth + tiny, high < truth - tiny)
                rows[repetition - start, place] = (*missed, width)
        e_n = result.e_n is not None and result.e_n.degenerate
        rows[repetition - start, -1] = (result.bound.degenerate, e_n, 0.0)
    return rows


def line(campaign: Campaign, rows: Floats) -> str:
    """One line of the table."""
    truths = campaign.truths()
    cells = [campaign.state.replace("|", r"\|"), campaign.data.name]
    for place, target in enumerate(TARGETS):
        if target not in truths:
            cells.append("")
            continue
        above, below, width = rows[:, place].T
        hit = 1 - (above + below).mean()
        error = math.sqrt(max(hit * (1 - hit), 0.25 / len(rows)) / len(rows))
        cell = f"{hit:.3f} ± {error:.3f}"
        if np.isfinite(width).any() and target != "all E":  # a one-sided limit has none
            cell += f" ({np.nanmean(width):.3g})"
        cells.append(cell)
    cells += [f"{rows[:, -1, 0].mean():.2f}", f"{rows[:, -1, 1].mean():.2f}"]
    return "| " + " | ".join(cells) + " |"


def outside(campaign: Campaign, rows: Floats) -> list[str]:
    """Targets below 0.93 or above 0.97 by more than 2 standard errors, and on which side."""
    found = []
    for place, target in enumerate(TARGETS):
        if target not in campaign.truths():
            continue
        if target == "all E":
            if 1 - rows[:, place, 0].mean() < 0.94:
                found.append(f"{campaign.name}, all E: {1 - rows[:, place, 0].mean():.3f}")
            continue
        if target == "B upper" and campaign.truths()[target] < 1e-12:
            continue
        above, below = rows[:, place, 0].mean(), rows[:, place, 1].mean()
        hit = 1 - below - above
        error = math.sqrt(max(hit * (1 - hit), 0.05 * 0.95) / len(rows))
        if hit + 2 * error < 0.93 or hit - 2 * error > 0.97:
            flagged = rows[:, -1, int(target in ("E_N,0", "Q"))].mean()
            found.append(
                f"{campaign.name}, {target}: {hit:.3f} (interval above the truth {above:.3f}, below"
                f" it {below:.3f}; flagged {flagged:.2f})"
            )
    return found


def text(found: dict[Campaign, Floats], repetitions: int, seconds: float) -> str:
    """The page."""
    every = dict.fromkeys([*DATA, *MODERATE_DATA, *WORDS, *FEW_DRAWS])
    sizes = "; ".join(
        f"{d.name}: "
        + (f"{d.draws} draws of {d.shots}" if d.draws else f"{d.shots} shots a setting")
        for d in every
    )
    columns = ["state", "design", *TARGETS, "B flagged", "E_N,0 flagged"]
    lines = [
        "# Coverage of the intervals",
        "",
        f"Share of {repetitions} data sets whose 95 % interval holds the truth ± its standard",
        "error, and in brackets the mean width. `B lower` and `B upper` are the one-sided limits;",
        "`B top order` the terms of the largest order that the design measures; `E low order` the",
        "correlator `00++`. `flagged` is the share of intervals flagged degenerate: they may be",
        "wider than they need be. Where the truth is 0 every upper limit holds: `B upper` is 1.",
        "`all E` is the share of data sets in which the simultaneous intervals of all correlators",
        "hold together.",
        "",
        f"N = 4 unless said; {sizes}. {RESAMPLES} resamples.",
        "In design symmetric the Ising state is averaged over all exchanges of qubits, which is",
        "what the design assumes. Truths: covering, the terms up to K; equatorial, the collective",
        "bound.",
        "",
        "Made by `python -m benchmarks.interval_coverage` "
        f"({seconds / 60:.0f} minutes on two cores).",
        "",
        "| " + " | ".join(columns) + " |",
        "|" + " --- |" * len(columns),
        *(line(campaign, rows) for campaign, rows in found.items()),
        "",
        "Outside [0.93, 0.97] by more than two standard errors, upper limits of 0 left out:",
        "",
        *(f"- {s}" for campaign, rows in found.items() for s in outside(campaign, rows)),
        "",
    ]
    return "\n".join(lines)


def _one_core() -> None:
    """Keep a process and its threads on one core: processes share the work already."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--only", default="")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    repetitions: int = options.repetitions
    wanted = [
        *((state, data) for data in DATA for state in STATES),
        *((state, data) for data in MODERATE_DATA for state in MODERATE),
        *((state, data) for data in WORDS for state in FURTHER),
        *((state, data) for data in FEW_DRAWS for state in ("GHZ", "|+>^N")),
    ]
    campaigns = [Campaign(*pair) for pair in wanted if options.only in Campaign(*pair).name]
    starts = range(0, repetitions, CHUNK)
    jobs = [(c, s, min(s + CHUNK, repetitions)) for c in campaigns for s in starts]
    begun = time.perf_counter()
    parts: dict[Campaign, list[Floats]] = {campaign: [] for campaign in campaigns}
    with ProcessPoolExecutor(os.cpu_count(), initializer=_one_core) as pool:
        for job, rows in zip(jobs, pool.map(repeat, jobs), strict=True):
            mine = parts[job[0]]
            mine.append(rows)
            if len(mine) == len(starts):
                print(line(job[0], np.concatenate(mine)), flush=True)
    found = {campaign: np.concatenate(rows) for campaign, rows in parts.items()}
    seconds = time.perf_counter() - begun
    print(f"\n{seconds:.0f} s; outside [0.93, 0.97]:")
    for campaign, rows in found.items():
        for sentence in outside(campaign, rows):
            print(" ", sentence)
    page = text(found, repetitions, seconds)
    if options.output is not None:
        options.output.write_text(page)
    elif repetitions >= REPETITIONS and not options.only:
        Path("docs/coverage.md").write_text(page)


if __name__ == "__main__":
    main()
