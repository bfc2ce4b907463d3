"""Data sets with a known truth, drawn without qbell's sampling code."""

import itertools
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import parse_axis
from qbell.designs import DESIGNS
from qbell.designs.schedule import Schedule
from qbell.shots.shots import Shots

RESULT_FILES = {
    "spec.toml",
    "run.json",
    "counts.csv",
    "correlators.csv",
    "summary.json",
    "report.html",
}
PAULIS = {
    "X": np.array([[0, 1], [1, 0]], dtype=complex),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]], dtype=complex),
}


def white_noise_ghz(num_qubits: int, noise: float) -> NDArray[np.complex128]:
    """(1 - p) |GHZ><GHZ| + p 1 / 2^N; p = 1 is the maximally mixed state."""
    ghz = np.zeros(2**num_qubits)
    ghz[[0, -1]] = np.sqrt(0.5)
    return (1 - noise) * np.outer(ghz, ghz) + noise * np.eye(2**num_qubits) / 2**num_qubits + 0j


def probabilities(matrix: NDArray[np.complex128]) -> NDArray[np.float64]:
    """(2^N settings, 2^N outcomes) by Kronecker products; bit k of either index is qubit k."""
    num_qubits = len(matrix).bit_length() - 1
    table = np.empty((2**num_qubits, 2**num_qubits))
    for setting, outcome in itertools.product(range(2**num_qubits), repeat=2):
        factors = []
        for qubit in reversed(range(num_qubits)):
            pauli = PAULIS["XY"[setting >> qubit & 1]]
            sign = 1 - 2 * (outcome >> qubit & 1)
            factors.append((np.eye(2) + sign * pauli) / 2)
        table[setting, outcome] = np.trace(matrix @ reduce(np.kron, factors)).real
    return np.clip(table, 0, None) / np.clip(table, 0, None).sum(axis=1, keepdims=True)


def observables(schedule: Schedule, row: int) -> list[NDArray[np.complex128]]:
    """What each qubit is measured by in one row of a schedule, in the frame of the axis."""
    num_qubits = schedule.num_qubits
    word = schedule.frame["setting"][row]
    if schedule.design != "equatorial":
        return [PAULIS[letter] for letter in reversed(word)]
    step, steps = map(int, word.split("/"))
    assert steps == num_qubits + 1
    angle = np.pi * step / steps
    return [np.cos(angle) * PAULIS["X"] + np.sin(angle) * PAULIS["Y"]] * num_qubits


def law(matrix: NDArray[np.complex128], schedule: Schedule) -> NDArray[np.float64]:
    """(rows, 2^N outcomes) for any design, by Kronecker products; bit k is qubit k."""
    table = np.empty((len(schedule), len(matrix)))
    for row in range(len(schedule)):
        measured = observables(schedule, row)
        for outcome in range(len(matrix)):
            factors = [
                (np.eye(2) + (1 - 2 * (outcome >> qubit & 1)) * operator) / 2
                for qubit, operator in enumerate(measured)
            ]
            table[row, outcome] = np.trace(matrix @ reduce(np.kron, reversed(factors))).real
    return np.clip(table, 0, None) / np.clip(table, 0, None).sum(axis=1, keepdims=True)


def shots_of_schedule(
    matrix: NDArray[np.complex128], schedule: Schedule, shots: int, rng: np.random.Generator
) -> Shots:
    """``shots`` of each row of a schedule of any design."""
    distinct, index = np.unique(schedule.directions, axis=0, return_inverse=True)
    once = Schedule(schedule.design, schedule.axis, distinct, order=schedule.order)
    counts = rng.multinomial(shots, law(matrix, once)[index.ravel()])
    rows, outcomes = np.nonzero(counts)
    return Shots(
        directions=schedule.directions[rows],
        bits=(outcomes[:, None] >> np.arange(schedule.num_qubits) & 1).astype(np.uint8),
        counts=counts[rows, outcomes].astype(np.int64),
        draws=rows.astype(np.int64) if DESIGNS[schedule.design].drawn else None,
        design=schedule.design,
        axis=schedule.axis,
        order=schedule.order,
    )


def full_shots(table: NDArray[np.float64], shots: int, rng: np.random.Generator) -> Shots:
    """All settings, ``shots`` of each."""
    counts = rng.multinomial(shots, table)
    return shots_of(*np.nonzero(counts), counts[np.nonzero(counts)])


def random_shots(
    table: NDArray[np.float64], draws: int, rng: np.random.Generator, shots: int = 1
) -> Shots:
    """``draws`` settings chosen at random, ``shots`` of each."""
    settings = rng.integers(0, len(table), size=draws)
    counts = rng.multinomial(shots, table[settings])
    rows, outcomes = np.nonzero(counts)
    return shots_of(settings[rows], outcomes, counts[rows, outcomes], draws=rows)


def shots_by(
    design: str,
    table: NDArray[np.float64],
    rng: np.random.Generator,
    *,
    per_setting: int,
    draws: int,
    blocks: int,
    per_block: int,
) -> Shots:
    """A data set of the design ``full``, ``random`` or ``random, several shots``."""
    if design == "full":
        return full_shots(table, per_setting, rng)
    if design == "random":
        return random_shots(table, draws, rng)
    return random_shots(table, blocks, rng, shots=per_block)


def shots_of(
    settings: NDArray[np.intp],
    outcomes: NDArray[np.intp],
    counts: NDArray[np.int64],
    *,
    draws: NDArray[np.intp] | None = None,
    num_qubits: int | None = None,
) -> Shots:
    """Shots from integer settings and outcomes; a random design if ``draws`` are given."""
    if num_qubits is None:
        num_qubits = max(int(settings.max()), int(outcomes.max()), 1).bit_length()
    bits = np.arange(num_qubits)
    return Shots(
        directions=(settings[:, None] >> bits & 1).astype(np.uint8),
        bits=(outcomes[:, None] >> bits & 1).astype(np.uint8),
        counts=np.asarray(counts, dtype=np.int64),
        draws=None if draws is None else draws.astype(np.int64),
        design="full" if draws is None else "random",
        axis=parse_axis("z"),
    )
