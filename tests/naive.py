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
