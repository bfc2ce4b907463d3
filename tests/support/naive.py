"""Slow twins of what qbell computes, written from the paper with Kronecker products and loops.

Nothing here uses qbell. Qubit 0 is the last character of every string and the least significant
bit of a state's index, so it is the last factor of every Kronecker product.
"""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.complex128]
Vector = NDArray[np.complex128]
Direction = Sequence[float]

ONE: Matrix = np.eye(2, dtype=complex)
X: Matrix = np.array([[0, 1], [1, 0]], dtype=complex)
Y: Matrix = np.array([[0, -1j], [1j, 0]], dtype=complex)
Z: Matrix = np.array([[1, 0], [0, -1]], dtype=complex)


def pauli(direction: Direction) -> Matrix:
    """sigma along a direction of the Bloch sphere, Eq. (6)."""
    x, y, z = direction
    return x * X + y * Y + z * Z


def tensor(factors: Sequence[Matrix]) -> Matrix:
    """The operator (or, of columns, the state) with ``factors[k]`` on qubit k."""
    result = np.ones((1, 1), dtype=complex)
    for factor in factors:
        result = np.kron(factor, result)
    return result


def on_qubit(operator: Matrix, qubit: int, num_qubits: int) -> Matrix:
    """``operator`` on one qubit and nothing on the others."""
    return tensor([operator if k == qubit else ONE for k in range(num_qubits)])


def generator(num_qubits: int, xi: Direction) -> Matrix:
    """h of Eq. (5)."""
    half = pauli(xi) / 2
    return sum(
        (on_qubit(half, k, num_qubits) for k in range(num_qubits)),
        start=np.zeros((2**num_qubits,) * 2, dtype=complex),
    )


def operator_of_label(label: str, sigma_1: Direction, sigma_2: Direction) -> Matrix:
    """The product of sigma_+ and sigma_- that a label names, Eqs. (18) and (19)."""
    plus = (pauli(sigma_1) + 1j * pauli(sigma_2)) / 2
    minus = (pauli(sigma_1) - 1j * pauli(sigma_2)) / 2
    result = np.ones((1, 1), dtype=complex)
    for character in label:  # from qubit N - 1 to qubit 0
        result = np.kron(result, {"0": ONE, "+": plus, "-": minus}[character])
    return result


def correlators(rho: Matrix, sigma_1: Direction, sigma_2: Direction) -> dict[str, complex]:
    """c_s = Tr[rho prod sigma_{s_k}] for every label, Eq. (20)."""
    num_qubits = qubits_of(rho)
    values = {}
    for letters in product("0+-", repeat=num_qubits):
        label = "".join(letters)
        operator = operator_of_label(label, sigma_1, sigma_2)
        values[label] = complex(np.trace(rho @ operator))
    return values


def f0(rho: Matrix, xi: Direction) -> float:
    """Eq. (12): 4 (Tr[rho^2 h^2] - Tr[(rho h)^2])."""
    h = generator(qubits_of(rho), xi)
    return float(4 * (np.trace(rho @ rho @ h @ h) - np.trace(rho @ h @ rho @ h)).real)


def qfi(rho: Matrix, xi: Direction) -> float:
    """Eq. (8), leaving out the pairs with p_i + p_j = 0."""
    h = generator(qubits_of(rho), xi)
    p, vectors = np.linalg.eigh(rho)
    total = 0.0
    for i in range(len(p)):
        for j in range(len(p)):
            if p[i] + p[j] > 1e-14:
                element = vectors[:, i].conj() @ h @ vectors[:, j]
                total += 2 * (p[i] - p[j]) ** 2 / (p[i] + p[j]) * abs(element) ** 2
    return float(total)


def bound(rho: Matrix, sigma_1: Direction, sigma_2: Direction) -> float:
    """Eq. (24), label by label."""
    num_qubits = qubits_of(rho)
    total = 0.0
    for label, value in correlators(rho, sigma_1, sigma_2).items():
        n_plus, n_minus = label.count("+"), label.count("-")
        weight = (n_plus - n_minus) ** 2 / 2 ** (num_qubits - n_plus - n_minus)
        total += 2 * weight * abs(value) ** 2
    return total


def bound_closed_form(rho: Matrix, sigma_1: Direction, sigma_2: Direction, xi: Direction) -> float:
    """2 ||[h, rho']||^2_HS with rho' the part of rho on strings of 1, sigma_1 and sigma_2."""
    num_qubits = qubits_of(rho)
    part = np.zeros_like(rho)
    for factors in product([ONE, pauli(sigma_1), pauli(sigma_2)], repeat=num_qubits):
        string = tensor(factors)
        part += np.trace(rho @ string) / 2**num_qubits * string
    h = generator(num_qubits, xi)
    commutator = h @ part - part @ h
    return float(2 * np.trace(commutator.conj().T @ commutator).real)


def projector(vector: Vector) -> Matrix:
    """|psi><psi|."""
    return np.outer(vector, vector.conj())


def qubits_of(array: NDArray[np.complex128]) -> int:
    """N, for an array with 2^N rows."""
    num_qubits = 0
    while 2**num_qubits < len(array):
        num_qubits += 1
    return num_qubits


def random_vector(num_qubits: int, random: np.random.Generator) -> Vector:
    """A normalised complex vector without any symmetry."""
    vector = random.normal(size=2**num_qubits) + 1j * random.normal(size=2**num_qubits)
    return np.asarray(vector / np.linalg.norm(vector))


def random_matrix(num_qubits: int, rank: int, random: np.random.Generator) -> Matrix:
    """A density matrix of the given rank with unequal eigenvalues."""
    columns = random.normal(size=(2**num_qubits, rank)) + 1j * random.normal(
        size=(2**num_qubits, rank)
    )
    rho = columns @ columns.conj().T
    return np.asarray(rho / np.trace(rho))


def ising_hamiltonian(num_qubits: int, u: float) -> Matrix:
    """Eq. (29) as a dense matrix."""
    h = np.zeros((2**num_qubits,) * 2, dtype=complex)
    for k in range(num_qubits - 1):
        h += u * on_qubit(Z, k, num_qubits) @ on_qubit(Z, k + 1, num_qubits)
    for k in range(num_qubits):
        h -= on_qubit(X, k, num_qubits)
    return h


def double_well_hamiltonian(num_qubits: int, u: float) -> Matrix:
    """Eq. (30) as a dense matrix on all 2^N states of N distinguishable qubits."""
    j_x = generator(num_qubits, (1, 0, 0))
    j_z = generator(num_qubits, (0, 0, 1))
    return -j_x + u / num_qubits * j_z @ j_z


def ising_free_fermions(num_qubits: int, u: float) -> tuple[float, float, float]:
    """Energy, QFI (axis z) and E_{N,0} of the even ground state of Eq. (29), U < 0.

    From the singular vectors of an N x N matrix, after Jordan and Wigner: no state vector, so it
    shares no numerics with a solver of the 2^N-dimensional problem and has no degenerate pair.
    """
    size = num_qubits
    left, modes, right = np.linalg.svd(np.eye(size) + u * np.eye(size, k=-1))
    energy = -float(modes.sum())
    if np.linalg.det(left @ right) < 0:  # odd parity: fill the lowest mode instead
        energy += 2 * float(modes[-1])
        right[-1] *= -1
    g = left @ right
    total = float(size)
    for i in range(size):
        for j in range(i + 1, size):
            total += 2 * float(np.linalg.det(-g[i + 1 : j + 1, i:j]))
    q = -np.eye(size, k=-1)
    q[0, -1] = 1
    overlap = float(np.linalg.det((np.eye(size) + q @ g.T) / 2))
    return energy, total, overlap**2 / 4


def correlators_of_vector(psi: NDArray[np.inexact]) -> NDArray[np.inexact]:
    """c_s of all labels of a vector, base-3 order, in plain NumPy: a twin for more qubits.

    Qubit by qubit from N - 1 to 0, <psi| ... |psi> as a product of two arrays of 3^N: one letter
    stands for sums over both amplitudes, for |0>, or for |1>.
    """
    num_qubits = qubits_of(np.asarray(psi))
    bra, ket = psi.conj().reshape((2,) * num_qubits), psi.reshape((2,) * num_qubits)
    for axis in range(num_qubits):
        b0, b1 = np.take(bra, 0, axis=axis), np.take(bra, 1, axis=axis)
        k0, k1 = np.take(ket, 0, axis=axis), np.take(ket, 1, axis=axis)
        bra = np.stack([b0 + b1, b0, b1], axis=axis)
        ket = np.stack([k0 + k1, k1, k0], axis=axis)  # sigma_+ = |0><1| joins <0| and |1>
    values = bra * ket
    for axis in range(num_qubits):
        both, plus, minus = (np.take(values, k, axis=axis) for k in range(3))
        values = np.stack([both - plus - minus, plus, minus], axis=axis)
    return np.asarray(values.reshape(-1))


def correlators_of_matrix(rho: Matrix) -> Matrix:
    """c_s of all labels of a density matrix, base-3 order: each qubit traced out three ways."""
    num_qubits = qubits_of(rho)
    values = rho[None, :, :]
    for rest in (2**k for k in reversed(range(num_qubits))):
        blocks = values.reshape(-1, 2, rest, 2, rest)
        one = blocks[:, 0, :, 0, :] + blocks[:, 1, :, 1, :]
        values = np.stack([one, blocks[:, 1, :, 0, :], blocks[:, 0, :, 1, :]], axis=1)
        values = values.reshape(-1, rest, rest)
    return np.asarray(values.reshape(-1))


def sums_of_squares(values: NDArray[np.inexact], num_qubits: int) -> NDArray[np.float64]:
    """Entry (n_+, n_-): the sum of |c_s|^2, label by label, of values in base-3 order."""
    sums = np.zeros((num_qubits + 1, num_qubits + 1))
    for letters, value in zip(product("0+-", repeat=num_qubits), values, strict=True):
        sums[letters.count("+"), letters.count("-")] += abs(value) ** 2
    return sums


def bound_of_sums(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """The terms of Eq. (24) by order, from `sums_of_squares`."""
    num_qubits = len(sums) - 1
    terms = np.zeros(num_qubits + 1)
    for plus in range(num_qubits + 1):
        for minus in range(num_qubits + 1 - plus):
            weight = 2 * (plus - minus) ** 2 / 2 ** (num_qubits - plus - minus)
            terms[plus + minus] += weight * sums[plus, minus]
    return terms


def contiguous_minors(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """det A[i..j, i..j], one LAPACK determinant each."""
    size = len(matrix)
    minors = np.zeros((size, size))
    for i in range(size):
        for j in range(i, size):
            minors[i, j] = np.linalg.det(matrix[i : j + 1, i : j + 1])
    return minors


def qfi_matrix(rho: Matrix) -> NDArray[np.float64]:
    """The quadratic form xi -> `qfi`, by polarisation."""
    unit = np.eye(3)
    single = [qfi(rho, tuple(unit[a])) for a in range(3)]
    result = np.diag(single)
    for a in range(3):
        for b in range(a):
            both = qfi(rho, tuple(unit[a] + unit[b]))  # a generator along a vector of length not 1
            result[a, b] = result[b, a] = (both - single[a] - single[b]) / 2
    return result
