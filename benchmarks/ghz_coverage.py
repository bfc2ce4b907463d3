"""Coverage and false claims of the ghz design: prints the tables of docs/ghz_coverage.md.

Given which draws are along sigma_xi, all its estimates come from two binomial counts, whose means
are the C and P of the state: so data sets are drawn from these, at any number of qubits.
"""

import argparse
import math
from dataclasses import dataclass

import numpy as np

from qbell.certificates.coherence_counts import CoherenceCounts
from qbell.certificates.phase_test import PhaseTest
from qbell.certificates.separability import fewest_groups
from qbell.estimator.coherence import CoherenceEstimates
from qbell.estimator.intervals.mean_interval import BinomialMean

KEYS = ("coherence", "population", "fidelity", "qfi_ghz")
SHARE = 0.25
FALSE_SETS = 400  # data sets in which claims are looked for


@dataclass(frozen=True)
class Case:
    """A state by its name, N, C and P; and into how many groups it is separable, if into any."""

    name: str
    num_qubits: int
    coherence: float
    population: float
    groups: int = 0


def cases() -> list[Case]:
    """GHZ with noise of five kinds, |+>^N and the mixed state at five sizes."""
    found = []
    for size in (4, 6, 20, 60, 120):
        white = 0.7
        rate = 0.004 * 6 / max(size, 6) * 10  # of damping, of each qubit
        damped = (1 - rate) ** size
        wrong = 0.01  # of the outcomes of each qubit
        found += [
            Case("GHZ, white noise", size, white, white + (1 - white) * 2.0 ** (1 - size)),
            Case("GHZ, dephased", size, 0.6, 1.0),
            Case("GHZ, damped", size, math.sqrt(damped), (1 + rate**size + damped) / 2),
            Case("GHZ, depolarised", size, 0.4, 0.62),
            Case(
                "GHZ, read wrongly",
                size,
                (1 - 2 * wrong) ** size,
                (1 - wrong) ** size + wrong**size,
            ),
            Case("\\|+>^N", size, 2.0 ** (1 - size), 2.0 ** (1 - size), size),
            Case("maximally mixed", size, 0.0, 2.0 ** (1 - size), size),
        ]
    return found


def extremal() -> list[Case]:
    """Separable states on the edge of what they may reach."""
    return [
        Case("two halves, each GHZ", 6, 0.5, 0.5, 2),
        Case("two halves and \\|0...0>, mixed", 6, 0.3, 0.7, 2),
        Case("three pairs", 6, 0.25, 0.25, 3),
        Case("\\|0...0>", 6, 0.0, 1.0, 6),
        Case("ten groups of six and \\|0...0>, mixed", 60, 2.0**-10, 0.5, 10),
    ]


def covered(case: Case, draws: int, repetitions: int, rng: np.random.Generator) -> str:
    """Shares of data sets whose intervals hold the truth, and whose limits do."""
    c, p, n = case.coherence, case.population, case.num_qubits
    truth = {
        "coherence": c,
        "population": p,
        "fidelity": (c + p) / 2,
        "qfi_ghz": n**2 * c**2 / p,
    }
    held, above, flagged = (dict.fromkeys(KEYS, 0) for _ in range(3))
    for _ in range(repetitions):
        along = int(np.clip(rng.binomial(draws, SHARE), 1, draws - 20))
        rest = draws - along
        found = CoherenceEstimates(
            BinomialMean(rng.binomial(rest, (1 + c) / 2), rest, low=-1.0),
            BinomialMean(rng.binomial(along, p), along),
            n,
            0.95,
        ).estimates()
        for key in KEYS:
            one, value = found[key], truth[key]
            held[key] += one.low - 1e-9 <= value <= one.high + 1e-9
            above[key] += one.lower_limit > value + 1e-9
            flagged[key] += one.degenerate
    cells = [
        f"{held[key] / repetitions:.3f}{'*' if flagged[key] > repetitions / 2 else ''}"
        for key in KEYS
    ]
    cells += [f"{above[key] / repetitions:.3f}" for key in ("fidelity", "qfi_ghz")]
    return f"| {case.name} | {n} | {draws} | {' | '.join(cells)} |"


def claimed(case: Case, draws: int, rng: np.random.Generator) -> str:
    """Share of data sets in which too few groups are certified."""
    false = 0
    for _ in range(FALSE_SETS):
        along = int(np.clip(rng.binomial(draws, SHARE), 1, draws - 20))
        rest = draws - along
        ups = rng.binomial(rest, (1 + case.coherence) / 2)
        values = np.array([1.0, -1.0])
        test = PhaseTest(values, np.ones(2), np.array([ups, rest - ups], dtype=float), draws)
        inside = float(rng.binomial(along, case.population))
        counts = CoherenceCounts(test, inside, along, case.num_qubits)
        fewest, _ = fewest_groups(counts, case.num_qubits, 0.025)
        false += 0 < fewest <= case.groups
    share = false / FALSE_SETS
    return f"| {case.name} | {case.num_qubits} | {case.groups} | {draws} | {share:.3f} |"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=1000, help="0: claims alone")
    repetitions = parser.parse_args().repetitions
    rng = np.random.default_rng(2021)
    print("| state | N | draws | C | P | F | N^2 C^2/P | F limit | N^2 C^2/P limit |")
    print("|---|---|---|---|---|---|---|---|---|")
    for case in cases() if repetitions else ():
        for draws in (400, 4000):
            print(covered(case, draws, repetitions, rng), flush=True)
    print("\n| state | N | groups | draws | false |\n|---|---|---|---|---|")
    for case in [*(each for each in cases() if each.groups and each.num_qubits == 4), *extremal()]:
        for draws in (100, 1000):
            print(claimed(case, draws, rng), flush=True)


if __name__ == "__main__":
    main()
