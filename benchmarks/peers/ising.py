"""QFI of the ground state of the Ising chain, Eq. (29), at three U: a scan."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from benchmarks.peers.case import Case, Tool, Work

US = (-10.0, -3.0, -1.0)
PENALTY = 50.0  # on odd states: more than any gap at these U

Solve = Callable[[int, float], float]


def scan(solve: Solve) -> Callable[[int], Work]:
    """At all U."""
    return lambda n: lambda: [solve(n, u) for u in US]


def sparse_ising(n: int, u: float) -> Any:
    """H as a sparse matrix."""
    index = np.arange(2**n)
    diagonal = np.zeros(2**n)
    for k in range(n - 1):
        diagonal += u * (1.0 - 2.0 * ((index >> k ^ index >> (k + 1)) & 1))
    matrix: Any = scipy.sparse.diags(diagonal, format="csr")
    ones = np.ones(2**n)
    for k in range(n):
        matrix = matrix - scipy.sparse.csr_matrix((ones, (index, index ^ (1 << k))))
    return matrix


def qfi_of(vector: NDArray[Any]) -> float:
    """4 Var(J_z)."""
    n = len(vector).bit_length() - 1
    charge = n / 2 - np.bitwise_count(np.arange(2**n))
    p = np.abs(vector) ** 2
    return float(4 * (p @ charge**2 - (p @ charge) ** 2))


def qbell(n: int, u: float) -> float:
    import qbell as tool

    return tool.exact.qfi(tool.ising(n, u))


def eigsh(n: int, u: float) -> float:
    return qfi_of(scipy.sparse.linalg.eigsh(sparse_ising(n, u), k=1, which="SA")[1][:, 0])


def even_eigsh(n: int, u: float) -> float:
    """With odd states raised in energy: what one has to know beforehand."""
    index = np.arange(2**n)
    flipped = scipy.sparse.csr_matrix((np.ones(2**n), (index, index[::-1])))
    matrix = sparse_ising(n, u) - PENALTY * flipped
    return qfi_of(scipy.sparse.linalg.eigsh(matrix, k=1, which="SA")[1][:, 0])


def quimb(n: int, u: float) -> float:
    tool: Any = import_module("quimb")
    return qfi_of(np.asarray(tool.groundstate(sparse_ising(n, u))).ravel())


def qutip(n: int, u: float) -> float:
    tool: Any = import_module("qutip")
    operator = tool.Qobj(sparse_ising(n, u), dims=[[2] * n, [2] * n])
    return qfi_of(operator.groundstate(sparse=True)[1].full().ravel())


def tenpy(n: int, u: float, conserve: str | None = None) -> float:
    dmrg: Any = import_module("tenpy.algorithms.dmrg")
    model_of: Any = import_module("tenpy.models.tf_ising").TFIChain
    product_of: Any = import_module("tenpy.networks.mps").MPS.from_product_state
    # Its J multiplies -X X, its g -Z: its X is our Z.
    model = model_of({"L": n, "J": -u, "g": 1.0, "bc_MPS": "finite", "conserve": conserve})
    state = product_of(model.lat.mps_sites(), ["up"] * n, bc="finite")
    options = {"trunc_params": {"chi_max": 100, "svd_min": 1e-10}, "mixer": True}
    dmrg.TwoSiteDMRGEngine(state, model, options).run()
    pairs = state.correlation_function("Sigmax", "Sigmax")
    means = [0.0] * n if conserve else state.expectation_value("Sigmax")
    return float(np.real(pairs.sum()) - np.sum(means) ** 2)


def tenpy_parity(n: int, u: float) -> float:
    return tenpy(n, u, "parity")


CASE = Case(
    title="Ising scan: QFI of the ground state of Eq. (29) at U = -10, -3, -1",
    says="In the ordered phase the gap is below rounding, and solvers without parity give a "
    "mixture of two states, or one of broken symmetry. eigsh with parity has odd states "
    "raised in energy.",
    sizes=(12, 16, 32),
    tools=(
        Tool("qbell", "qbell", scan(qbell)),
        Tool("SciPy eigsh", "scipy", scan(eigsh), most=16),
        Tool("SciPy eigsh with parity", "scipy", scan(even_eigsh), most=16),
        Tool("quimb groundstate", "quimb", scan(quimb), most=16),
        Tool("QuTiP groundstate", "qutip", scan(qutip), most=16),
        Tool("TeNPy DMRG", "tenpy", scan(tenpy), least=20),
        Tool("TeNPy DMRG with parity", "tenpy", scan(tenpy_parity), least=20),
    ),
    close=1e-6,
    values=list,
    warm=8,
)
