"""What shots estimate of a noisy state: its values with the errors of the measurement in them.

The outcomes of qubit k along direction j have the noisy operators E_0, E_1 (rotation, then readout)
with E_0 + E_1 = 1, and its mean is that of A_j = E_0 - E_1 = eta sigma_j + ... rather than sigma_j.
So unbiased estimates have the expectation of c_s with A_j in place of sigma_j,

    c_s = Tr[rho prod_(k in s) (A_1 +- i A_2) / 2].

A_j may have a part of the identity, where 0 and 1 are read with different errors: it makes
correlators out of none, and the bound as read out may then exceed that of the state.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import parse_axis
from qbell.designs import find_design
from qbell.errors import QbellError
from qbell.estimator.equatorial import Harmonics
from qbell.estimator.symmetric import symmetrized
from qbell.exact.density_matrix import DensityMatrix
from qbell.simulation.noisy_state import NoisyState
from qbell.simulation.probabilities import of_matrix

Matrix = NDArray[np.complex128]
Floats = NDArray[np.float64]

UNBIASED = ("tensor", "drawn", "pairs", "low_orders", "words")  # estimate c_s with A_j for sigma_j


@dataclass(frozen=True)
class ReadOut:
    """Expectations of the unbiased estimates of a design.

    Attributes:
        bound_by_order: (N + 1,) terms of the bound that the design measures; of covering arrays
            those above its order are what it would measure there.
        e_n: of E_{N,0}.
        f0: of F0, where the design measures it; else None.
        quantities: of what else the design measures, by key; see `Design.quantities`.
    """

    bound_by_order: Floats
    e_n: float
    f0: float | None = None
    quantities: Mapping[str, float] = field(default_factory=dict)


def read_out(state: NoisyState, design: str) -> ReadOut:
    """What shots of ``design`` estimate of a noisy state, whatever their number."""
    kind = find_design(design)
    if kind.estimator in OF_ESTIMATOR:
        return OF_ESTIMATOR[kind.estimator](state)
    if kind.estimator not in UNBIASED:
        raise QbellError(
            f"design {design}: what its estimator {kind.estimator!r} makes of readout errors is "
            "not known to the noise reference"
        )
    engine = DensityMatrix(as_read(state.matrix, state.effects))
    laboratory = parse_axis("z")
    return ReadOut(
        bound_by_order=engine.orders(laboratory).values,
        e_n=float(abs(engine.c_n(laboratory)) ** 2),
        f0=engine.f0(laboratory) if kind.measures_f0 else None,
    )


def as_read(matrix: Matrix, effects: tuple[NDArray[np.complex128], ...]) -> Matrix:
    """(2^N, 2^N): the matrix whose Pauli means are those that the noisy measurements have.

    Of each qubit, Tr[rho' (1, sigma_1, sigma_2, sigma_xi)] = Tr[rho (1, A_1, A_2, A_xi)] in the
    frame of the axis; 0 where a direction is not measured. It need not be positive.
    """
    num_qubits = len(effects)
    for qubit, operators in enumerate(effects):
        means = operators[:, 0] - operators[:, 1]
        along_xi = means[2] if len(means) == 3 else np.zeros((2, 2))
        raising, lowering = (means[0] + 1j * means[1]) / 2, (means[0] - 1j * means[1]) / 2
        new = np.array([[np.eye(2) + along_xi, 2 * lowering], [2 * raising, np.eye(2) - along_xi]])
        # Tr[rho O] = sum_ab rho_ab O_ba; rho'_00, rho'_11 = (1 +- A_xi)/2, rho'_10 = Tr[rho A_+].
        rest = 2 ** (num_qubits - 1 - qubit)
        parts = matrix.reshape(rest, 2, 2**qubit, rest, 2, 2**qubit)
        matrix = np.einsum("cdba,iajkbl->icjkdl", new / 2, parts, optimize=True)
        matrix = np.ascontiguousarray(matrix).reshape(2**num_qubits, 2**num_qubits)
    return matrix


def _equatorial(state: NoisyState) -> ReadOut:
    """From the exact shares of all outcomes at each common angle, as the estimator takes them."""
    num_qubits = len(state.effects)
    steps = np.arange(num_qubits + 1)
    angles = np.asarray(steps * (np.pi / (num_qubits + 1)), dtype=np.float64)
    every = np.arange(1, 2**num_qubits)
    masks = every[np.argsort(np.bitwise_count(every), kind="stable")]
    harmonics = Harmonics(num_qubits, masks, angles)
    rows = np.repeat(steps[:, None], num_qubits, axis=1).astype(np.uint8)
    values = harmonics.of(list(of_matrix(state.matrix, state.effects, rows)))
    squares = np.abs(values) ** 2
    of_all = len(squares) - len(harmonics.charges[-1])
    return ReadOut(harmonics.terms.by_order(squares), float(squares[of_all]))


def _symmetric(state: NoisyState) -> ReadOut:
    """From the exact shares of the numbers of outcomes 1 along each direction."""
    num_qubits = len(state.effects)
    features = symmetrized(num_qubits)
    index = np.arange(2**num_qubits)
    shares: list[Floats] = []
    for k in range(num_qubits + 1):
        along_2 = (np.arange(num_qubits) < k).astype(np.uint8)
        found = of_matrix(state.matrix, state.effects, along_2[None])[0]
        second = np.bitwise_count(index & (2**k - 1)).astype(np.int64)
        first = np.bitwise_count(index >> k).astype(np.int64)
        cells = (num_qubits - k + 1) * (k + 1)
        pooled = np.bincount(first * (k + 1) + second, found, minlength=cells)
        shares.append(pooled.astype(float))
    squares = np.abs(features.of(shares)) ** 2
    of_all = int(np.flatnonzero(features.n_plus == num_qubits)[0])
    return ReadOut(features.terms.by_order(squares), float(squares[of_all]))


def _real_part(state: NoisyState) -> ReadOut:
    """(Re c)^2 of all qubits, and the terms of all + and all - in Eq. (24)."""
    num_qubits = len(state.effects)
    engine = DensityMatrix(as_read(state.matrix, state.effects))
    square = float(engine.c_n(parse_axis("z")).real ** 2)
    by_order = np.zeros(num_qubits + 1)
    by_order[-1] = 4 * num_qubits**2 * square
    return ReadOut(by_order, square)


def _coherence(state: NoisyState) -> ReadOut:
    """As `_real_part`, with coherence and population of all qubits as they are read."""
    matrix = as_read(state.matrix, state.effects)
    num_qubits = len(state.effects)
    coherence = 2 * float(matrix[0, -1].real)
    population = float(matrix[0, 0].real + matrix[-1, -1].real)
    return replace(
        _real_part(state),
        quantities={
            "coherence": coherence,
            "population": population,
            "fidelity": (coherence + population) / 2,
            "qfi_ghz": num_qubits**2 * coherence**2 / population,
        },
    )


def _silent(state: NoisyState) -> ReadOut:
    """Of a design that estimates neither E nor the bound."""
    return ReadOut(np.zeros(len(state.effects) + 1), 0.0)


OF_ESTIMATOR: Mapping[str, Callable[[NoisyState], ReadOut]] = {
    "common_angle": _equatorial,
    "permutation": _symmetric,
    "real_part": _real_part,
    "coherence": _coherence,
    "stars": _silent,
}
