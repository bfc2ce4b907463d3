"""Averages over disorder: of the values of many chains, and the values of the averaged state."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from qbell.conventions.axes import AxisLike
from qbell.errors import QbellError
from qbell.exact.describe import describe
from qbell.exact.ensemble import ensemble
from qbell.exact.frames import StateLike, checked_array
from qbell.exact.quantities import engine_for, orders
from qbell.exact.spin_chain import SpinChain, ising_chain
from qbell.exact.vectors import vectors_of
from qbell.util.checks import finite_number, whole_number

if TYPE_CHECKING:
    import pandas as pd

QUANTITIES = ("energy", "qfi", "f0", "bound", "e_n", "log_e_n", "q")
MAX_DRAWS = 10_000
MAX_DISORDER = 0.999  # a coupling or field of 0 leaves a spin or two parts without a ground state
MAX_MIXED = 14  # qubits of an averaged state: as many vectors as draws
MAX_MATRIX = 10  # of an average of mixed states: a density matrix


def disordered_chains(
    num_qubits: int, u: float, disorder: float, *, draws: int = 50, seed: int = 0
) -> list[SpinChain]:
    """Ising chains of Eq. (29) whose couplings and fields are drawn at random.

    H = U sum_j (1 + W x_j) Z_j Z_(j+1) - sum_j (1 + W y_j) X_j, x_j and y_j uniform between -1 and
    1. The same seed gives the same x and y for every U and W, and the first of many draws are those
    of few, so that a curve against W is smooth.

    Args:
        num_qubits: N.
        u: U.
        disorder: W, from 0 to 0.999.
        draws: how many chains.
        seed: of the draws.

    Returns:
        Their ground states.

    Raises:
        QbellError: a number outside its range, or a chain whose ground state rounding hides.

    >>> [round(g, 3) for g in disordered_chains(2, -1.0, 0.5, draws=1, seed=3)[0].fields]
    [0.737, 1.301]
    """
    n = whole_number("n", num_qubits, least=2)
    strength = finite_number("u", u)
    width = finite_number("disorder", disorder)
    if not 0 <= width <= MAX_DISORDER:
        raise QbellError(f"disorder = {disorder}; give a number from 0 to {MAX_DISORDER}")
    count = whole_number("draws", draws, least=1, most=MAX_DRAWS)
    rng = np.random.default_rng(whole_number("seed", seed, least=0))
    chains = []
    for _ in range(count):
        x = rng.uniform(-1, 1, size=2 * n - 1)
        couplings = strength * (1 + width * x[: n - 1])
        chains.append(ising_chain(couplings.tolist(), (1 + width * x[n - 1 :]).tolist()))
    return chains


@dataclass(frozen=True)
class Averages:
    """What `average` found.

    Attributes:
        table: a row for each of energy, qfi, f0, bound, e_n, log_e_n (natural), q; its columns are
            mean, over the states; standard_error of that mean, missing for one state; and
            of_average, the value of the averaged state, missing above 14 qubits (10 of mixed
            states) and of the energy.
        notes: why something is missing.

    >>> from qbell.states import GHZ, Plus
    >>> found = average([GHZ(4), Plus(4)], with_bound=False)
    >>> found.table.loc["f0", ["mean", "of_average"]].round(3).tolist()
    [10.0, 6.0]
    """

    table: "pd.DataFrame"
    notes: tuple[str, ...]


def average(
    states: Sequence[StateLike], axis: AxisLike = "z", *, with_bound: bool = True
) -> Averages:
    """Averages of QFI, bound, E_{N,0} and Q over states that occur alike often.

    Two different things. The mean of the values is for an experimenter who repeats each disorder
    until its values are known. The averaged state, rho = mean |psi><psi|, is what is measured if
    the disorder changes from shot to shot: its QFI, F0, bound and E_{N,0} are at most the mean
    ones, as they are convex. The QFI of Ising chains along z is the same: h takes even states to
    odd ones, so that F_Q = 4 Tr rho h^2 for every mixture of even states.

    Args:
        states: of the same N, such as those of `disordered_chains`, or thermal states of these.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        with_bound: False leaves out the bound of Eq. (24).

    Returns:
        Both, by quantity; q = log2(2^N E_{N,0}) is averaged as it is, and of the averaged state it
        comes from the E_{N,0} of that.

    Raises:
        QbellError: no states, or not an axis.

    >>> found = average(disordered_chains(6, -1.5, 0.5, draws=20)).table
    >>> bool(found.loc["bound", "of_average"] < found.loc["bound", "mean"])
    True
    """
    if not len(states):
        raise QbellError("average of no states; give at least one")
    found = [describe(state, axis, with_bound=False) for state in states]
    notes = dict.fromkeys(note for each in found for note in each["notes"])
    notes.pop("bound: not asked for")
    mixed: dict[str, float | None] = {}
    try:
        mixed = describe(averaged_state(states), axis)
    except QbellError as error:
        notes[f"of_average: {error}"] = None
    if with_bound:
        try:
            bounds = [orders(_plainest(state), axis) for state in states]
        except QbellError as error:
            notes[f"bound: {error}"] = None
        else:
            for each, terms in zip(found, bounds, strict=True):
                each["bound"] = float(terms.values.sum())
            most = max(terms.error or 0.0 for terms in bounds)
            if most:
                notes[f"bound: cut-offs change it by at most {most:.2g}"] = None
    import pandas as pd

    rows = {}
    for name in QUANTITIES:
        values = np.array([np.nan if each[name] is None else each[name] for each in found])
        spread = values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else np.nan
        value = mixed.get(name)
        rows[name] = (values.mean(), spread, np.nan if value is None else value)
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["mean", "standard_error", "of_average"]
    )
    return Averages(table, tuple(notes))


def averaged_state(states: Sequence[StateLike]) -> StateLike:
    """rho = mean of the states: a mixture of their vectors, or of mixed states a density matrix.

    Raises:
        QbellError: more qubits than 14, or 10 of mixed states.
    """
    size = engine_for(states[0]).num_qubits
    pure = all(engine_for(state).is_pure for state in states)
    most = MAX_MIXED if pure else MAX_MATRIX
    if size > most:
        kind = "averaged states" if pure else "averages of mixed states"
        raise QbellError(f"n = {size}; {kind} go up to n = {most}")
    if pure:
        vectors = [_plainest(state) for state in states]
        return ensemble([1 / len(states)] * len(states), vectors)
    found = np.zeros((2**size, 2**size), dtype=complex)
    for state in states:
        rows = vectors_of(state, most=most, what="average")
        found += rows.T @ rows.conj() / len(states)
    return found


def _plainest(state: StateLike) -> StateLike:
    """The amplitudes of a pure state of few qubits, which are quickest; else the state itself."""
    engine = engine_for(state)
    few = engine.is_pure and engine.num_qubits <= MAX_MIXED
    return checked_array(state).array if few else state
