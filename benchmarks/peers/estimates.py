"""All 3^N correlators from the shots of all settings, and the bound from them."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.estimating import noisy_ghz, plain_squares, squares
from benchmarks.peers.case import Case, Tool, Work
from benchmarks.peers.words import bound_of_table

SHOTS = 1000


def on_shots(work: Callable[[Any], float]) -> Callable[[int], Work]:
    """The shots are given."""

    def prepare(n: int) -> Work:
        shots = merged(noisy_ghz(n, SHOTS, 1))
        return lambda: work(shots)

    return prepare


def merged(shots: Any) -> Any:
    """Equal outcomes of a setting in one row, as a counts table has them."""
    key = (shots.setting_index << shots.num_qubits) + shots.outcome_index
    _, first, counts = np.unique(key, return_index=True, return_counts=True)
    rows = {"directions": shots.directions[first], "bits": shots.bits[first]}
    return replace(shots, **rows, counts=counts)


def frequencies(shots: Any) -> NDArray[np.float64]:
    """(2^N settings, 2^N outcomes)."""
    size = 2**shots.num_qubits
    counts = np.zeros((size, size))
    np.add.at(counts, (shots.setting_index, shots.outcome_index), shots.counts)
    return np.asarray(counts / counts.sum(axis=1, keepdims=True))


def qbell(shots: Any) -> float:
    import qbell as tool

    return tool.estimate(shots).bound.value


def grouped(work: Callable[[Any, int], float]) -> Callable[[int], Work]:
    """Shots are given by setting, as `qbell` groups them."""

    def prepare(n: int) -> Work:
        from qbell.estimator.tensor.units import group

        units = group(merged(noisy_ghz(n, SHOTS, 1)))
        return lambda: work(units, n)

    return prepare


def qbell_values(units: Any, n: int) -> float:
    from qbell.conventions.eq24 import bound_weights
    from qbell.estimator.tensor.moments import cells_of, correlator_means

    return float(bound_weights(n) @ np.abs(correlator_means(cells_of(units, n), n)) ** 2)


def qbell_moments(units: Any, n: int) -> float:
    from qbell.conventions.eq24 import bound_weights
    from qbell.estimator.tensor.moments import cells_of, moments

    return float(bound_weights(n) @ moments(units, cells_of(units, n), n).squares(n))


def on_frequencies(work: Callable[[NDArray[np.float64], int], float]) -> Callable[[int], Work]:
    """Relative frequencies (2^N settings, 2^N outcomes) are given."""

    def prepare(n: int) -> Work:
        given = frequencies(merged(noisy_ghz(n, SHOTS, 1)))
        return lambda: work(given, n)

    return prepare


def contracted(given: NDArray[np.float64], n: int) -> float:
    from qbell.conventions.eq24 import bound_weights

    return float(bound_weights(n) @ squares(given, n))


def by_parities(given: NDArray[np.float64], n: int) -> float:
    return float(by_sets(n) @ plain_squares(given, n))


def by_sets(n: int) -> NDArray[np.float64]:
    """Weights of Eq. (24) in the order of `plain_squares`."""
    weights = []
    for qubits in range(2**n):
        order = qubits.bit_count()
        minus = np.bitwise_count(np.arange(2**order))
        weights.append(2 * (order - 2.0 * minus) ** 2 / 2 ** (n - order))
    return np.concatenate(weights)


def of_words(n: int, mean: Callable[[tuple[int, ...], int, list[str]], float]) -> float:
    """The bound from mean(places of the letters, mask of the qubits, settings that have them)."""
    table = np.zeros((3,) * n, dtype=complex)
    for word in itertools.product("IXY", repeat=n):
        free = [("XY" if letter == "I" else letter) for letter in word]
        settings = list(map("".join, itertools.product(*free)))
        mask = sum(1 << n - 1 - k for k, letter in enumerate(word) if letter != "I")
        place = tuple(map("IXY".index, word))
        table[place] = mean(place, mask, settings)
    return bound_of_table(table)


def qiskit(shots: Any) -> float:
    from qiskit.result import sampled_expectation_value

    n = shots.num_qubits
    counts = {
        word: dict(zip(f["bitstring"], f["count"].tolist(), strict=True))
        for word, f in shots.frame.groupby("setting")
    }

    def mean(place: tuple[int, ...], mask: int, settings: list[str]) -> float:
        operator = "".join("Z" if letter else "I" for letter in place)
        values = [sampled_expectation_value(counts[word], operator) for word in settings]
        return float(np.mean(values))

    return of_words(n, mean)


def pandas(shots: Any) -> float:
    n, frame = shots.num_qubits, shots.frame
    outcomes = frame["bitstring"].map(lambda bits: int(bits, 2)).to_numpy()
    names = frame["setting"].to_numpy()
    tables: dict[int, Any] = {}

    def mean(place: tuple[int, ...], mask: int, settings: list[str]) -> float:
        if mask not in tables:
            sign = 1 - 2.0 * (np.bitwise_count(outcomes & mask) % 2)
            signed = frame.assign(signed=sign * frame["count"])
            sums = signed.groupby(names)[["signed", "count"]].sum()
            tables.clear()
            tables[mask] = sums["signed"] / sums["count"]
        return float(tables[mask][settings].mean())

    return of_words(n, mean)


def pennylane(shots: Any) -> float:
    """Its shadows count on settings X, Y, Z: a factor 3 for each letter, here 2."""
    qml: Any = import_module("pennylane")
    n = shots.num_qubits
    rows = np.repeat(np.arange(len(shots.counts)), shots.counts)
    bits, recipes = shots.bits[rows][:, ::-1], shots.directions[rows][:, ::-1]
    shadow = qml.ClassicalShadow(bits.astype(int), recipes.astype(int))
    letters = {"X": qml.X, "Y": qml.Y}

    def mean(place: tuple[int, ...], mask: int, settings: list[str]) -> float:
        word = [letters["IXY"[p]](wire) for wire, p in enumerate(place) if p]
        if not word:
            return 1.0
        return float(shadow.expval(qml.prod(*word), k=1)) * (2 / 3) ** len(word)

    return of_words(n, mean)


CASE = Case(
    title="Estimates: 1000 shots in each of 2^N settings, all 3^N correlators, the bound",
    says="GHZ with white noise; shots are given by setting. qbell.estimate adds intervals, single "
    "and simultaneous, the bound by order and the certificate, by 1000 resamples. All but it and "
    "qbell's third row give |mean|^2, which is biased, here by less than the 3 % allowed.",
    sizes=(4, 6, 8, 10),
    tools=(
        Tool("qbell.estimate", "qbell", on_shots(qbell)),
        Tool("qbell, values", "qbell", grouped(qbell_values)),
        Tool("qbell, values without bias, and variances", "qbell", grouped(qbell_moments)),
        Tool("NumPy, contracted", "numpy", on_frequencies(contracted)),
        Tool("NumPy, sign products", "numpy", on_frequencies(by_parities)),
        Tool("Qiskit sampled_expectation_value", "qiskit", on_shots(qiskit), most=8),
        Tool("pandas groupby", "pandas", on_shots(pandas), most=8),
        Tool("PennyLane ClassicalShadow", "pennylane", on_shots(pennylane), most=6),
    ),
    close=0.03,
    warm=2,
)
