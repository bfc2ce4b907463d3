"""Ground states of any Hamiltonian of few-body terms as matrix products, with what they are worth.

A variational search may end in an excited state, in one of broken symmetry, or half-way. So each
state found is judged by two numbers: its residual |(H - E) psi|, and the gap to a second state,
which is searched for from another start among all that are orthogonal to the first.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.dmrg_sweeps import Found, Sweeper, random_start, residual
from qbell.exact.matrix_product import MatrixProduct, right_canonical
from qbell.exact.operator_product import OperatorProduct, operator_product
from qbell.exact.pauli_terms import PauliTerms, Word, terms_of, word_of
from qbell.util.checks import require_memory, whole_number
from qbell.util.threads import one_blas_thread

Tensor = NDArray[Any]

MAX_QUBITS = 400
BONDS = (256, 128, 64)  # the first whose residual takes less than MOST_STEPS
MOST_STEPS = 1.5e11  # sites times bond^3 times (bond of H)^2: ten seconds
CUTOFF = 1e-8  # norm that a cut may take
ENOUGH = 1e-11  # weight that all cuts of a sweep may leave out without a larger bond
STEPS = 5  # products with H for each pair of sites
MAX_SWEEPS = 30
SETTLED = 1e-11  # of the scale of H: change of the energy in the last sweep
MOST_DISTANCE = 1e-2  # from the ground state
TRIES = 4  # searches for a lower state

# Pauli words in the frame where a symmetry's letters read Z, and the turn back.
TO_Z = {
    "X": {"X": ("Z", 1), "Y": ("Y", -1), "Z": ("X", 1)},
    "Y": {"X": ("Y", 1), "Y": ("Z", 1), "Z": ("X", 1)},
    "Z": {"X": ("X", 1), "Y": ("Y", 1), "Z": ("Z", 1)},
}
BACK = {
    "X": np.array([[1.0, 1.0], [1.0, -1.0]]) / math.sqrt(2),
    "Y": np.array([[1.0, 1.0], [1.0j, -1.0j]]) / math.sqrt(2),
    "Z": np.eye(2),
}


@dataclass(frozen=True)
class GroundProduct(MatrixProduct):
    """A ground state as a matrix product, made by `dmrg`.

    ``discarded`` is (residual / gap)^2: at most this weight belongs to other states, if no state
    between was missed.

    Attributes:
        energy: <H>, above the lowest by at most residual^2 / gap.
        residual: |(H - energy) psi|.
        gap: to the second energy with the same symmetry, less the residual of that state.
    """

    energy: float = math.nan
    residual: float = math.nan
    gap: float = math.nan


def dmrg(
    hamiltonian: Any, symmetry: str | None = None, *, bond: int | None = None, seed: int = 0
) -> GroundProduct:
    """The ground state of a Hamiltonian of many qubits, or of its sector where a symmetry is 1.

    Two-site DMRG. With a ``symmetry`` the tensors have no other elements than those of its sector,
    so that no rounding brings in the rest: without it, ordered models such as the Ising chain below
    U = -1 have two states of nearly one energy, which is refused.

    Args:
        hamiltonian: Qiskit's ``SparsePauliOp`` of real coefficients, of 2 to 400 qubits. Words far
            apart are fine; entanglement across each cut has to be small.
        symmetry: a Pauli word such as ``"XXXX"`` that commutes with every term; ``"-XXXX"`` for the
            sector where it is -1.
        bond: largest bond dimension; the time grows as its cube. If left out 64 to 256, as much as
            takes about a minute.
        seed: of the random starts.

    Returns:
        A state for the functions of `qbell.exact`, with its ``energy``, ``residual`` and ``gap``.

    Raises:
        QbellError: no such Hamiltonian or symmetry, a second energy too near to tell two states
            apart, or a bond too small for 1 % of distance.

    >>> from qiskit.quantum_info import SparsePauliOp
    >>> from qbell import exact
    >>> pairs = [("ZZ", [k, k + 1], -2.0) for k in range(29)]
    >>> fields = [("X", [k], -1.0) for k in range(30)]
    >>> chain = SparsePauliOp.from_sparse_list(pairs + fields, num_qubits=30)
    >>> found = exact.dmrg(chain, "X" * 30)
    >>> round(exact.qfi(found) / 30, 4), round(found.energy, 6)
    (27.5481, -62.071323)
    """
    terms = terms_of(hamiltonian)
    whole_number("num_qubits", terms.num_qubits, least=2, most=MAX_QUBITS)
    if bond is not None:
        bond = whole_number("bond", bond, least=2, most=4096)
    word: Word = ()
    odd = False
    if symmetry is not None:
        odd = isinstance(symmetry, str) and symmetry.startswith("-")
        word = word_of(symmetry[1:] if odd else symmetry, terms.num_qubits)
        if not terms.commutes(word):
            raise QbellError(
                "the symmetry does not commute with the Hamiltonian; give one that does"
            )
    return ground_product(terms, word, odd=odd, bond=bond, seed=seed)


@one_blas_thread()
def ground_product(
    terms: PauliTerms, symmetry: Word, *, odd: bool = False, bond: int | None = None, seed: int = 0
) -> GroundProduct:
    """See `dmrg`."""
    if terms.scale == 0:
        raise QbellError(
            "the Hamiltonian is a number, and the two lowest energies differ by 0: give terms that "
            "act on qubits"
        )
    letters = dict(symmetry)
    flipped = symmetry[0][0] if odd else None
    framed = _in_frame(terms, letters, flipped)
    turning = [int(k in letters) for k in range(terms.num_qubits)]
    operator = operator_product(framed, np.array(turning) == 1)
    scale = terms.scale
    search = _Search(framed, operator, turning, scale, bond, seed)
    found, error, gap = search.ground()
    tensors = []
    for k, tensor in enumerate(found.tensors()):
        turned = tensor[:, ::-1] if k == flipped else tensor
        if k in letters:
            turned = np.einsum("ts,asb->atb", BACK[letters[k]], turned)
        tensors.append(turned)
    canonical = right_canonical(tensors)
    return GroundProduct(
        canonical.tensors, (error / gap) ** 2, energy=found.energy, residual=error, gap=gap
    )


class _Search:
    """The lowest state, and the second."""

    def __init__(
        self,
        terms: PauliTerms,
        operator: OperatorProduct,
        turning: list[int],
        scale: float,
        bond: int | None,
        seed: int,
    ) -> None:
        width = max(len(charges) for charges in operator.charges)
        if bond is None:
            steps = len(turning) * width**2
            bond = next((b for b in BONDS if steps * b**3 < MOST_STEPS), BONDS[-1])
        self.terms, self.operator, self.turning = terms, operator, turning
        self.scale, self.bond = scale, bond
        self.rng = np.random.default_rng([seed, len(turning)])
        self.is_complex = any(np.iscomplexobj(tensor) for tensor in operator.tensors)
        # Environments of all sites, and what the residual holds of one.
        require_memory(
            16.0 * (len(turning) * width + 6 * width**2) * bond**2,
            f"DMRG of {len(turning)} sites at bond {bond}",
        )

    def ground(self) -> tuple[Found, float, float]:
        """State, residual and gap.

        Raises:
            QbellError: two energies too near, or a bond too small.
        """
        lowest = self._settled(self._start(), (), self.bond)
        for _ in range(TRIES):
            error = self._residual(lowest)
            second, other = self._second(lowest)
            if second.energy < lowest.energy - 1e-9 * self.scale:
                lowest = self._settled(second, (), self.bond)  # the search had ended too high
                continue
            gap = second.energy - lowest.energy - other
            if not error < MOST_DISTANCE * gap:
                raise QbellError(self._refusal(lowest, error, second, other))
            return lowest, error, gap
        raise QbellError(
            f"DMRG found lower and lower states in {TRIES} searches, and which is the ground state "
            "is not known; give another seed or a larger bond"
        )

    def _start(self) -> Found:
        return random_start(self.turning, self.rng, is_complex=self.is_complex)

    def _second(self, lowest: Found) -> tuple[Found, float]:
        """The lowest state orthogonal to the first, and its residual.

        A third one, orthogonal to both, is searched for too: if it is lower, it is the second.
        """
        second, other = self._known(self._start(), lowest)
        third = self._settled(self._start(), (lowest, second), min(32, self.bond), 1e-6)
        if third.energy < second.energy:
            return self._known(third, lowest)
        return second, other

    def _known(self, second: Found, lowest: Found) -> tuple[Found, float]:
        """A second state from this start, until its residual is small beside the gap."""
        other = math.inf
        for fine in range(12):
            most = min(16 << fine, self.bond)
            second = self._settled(second, (lowest,), most, 1e-6 * 0.1**fine)
            other = self._residual(second)
            gap = second.energy - lowest.energy
            near = gap < -1e-9 * self.scale or other < 0.2 * gap
            if near or (most == self.bond and 0.1**fine < 1e-5):
                break
        return second, other

    def _settled(
        self,
        start: Found,
        orthogonal: tuple[Found, ...],
        bond: int,
        settled: float = SETTLED,
    ) -> Found:
        """Sweeps until the energy stays, at bonds that grow up to ``bond``."""
        # No energy is farther than twice the scale from another.
        sweeper = Sweeper(self.operator, start, orthogonal, 2 * self.scale)
        before = math.inf
        most = min(max(16, start.bond), bond)
        for _ in range(MAX_SWEEPS):
            found = sweeper.sweep(most, CUTOFF, 0.1 * settled * self.scale, STEPS)
            calm = abs(before - found.energy) < settled * self.scale
            enough = found.bond < most or found.discarded < ENOUGH
            if calm and (enough or most == bond):
                break
            before = found.energy
            most = most if enough else min(2 * most, bond)
        return found

    def _residual(self, found: Found) -> float:
        coefficients = dict(self.terms.coefficients)
        coefficients[()] = coefficients.get((), 0.0) - found.energy
        shifted = PauliTerms(self.terms.num_qubits, coefficients)
        operator = operator_product(shifted, np.array(self.turning) == 1)
        return residual(operator, found) + 1e-15 * self.scale

    def _refusal(self, lowest: Found, error: float, second: Found, other: float) -> str:
        apart = second.energy - lowest.energy
        if apart < 1e-6 * self.scale:
            return (
                f"the two lowest energies differ by {max(apart, 0.0):.1g} only, and which state is "
                "the ground state is lost in what was cut off; name a symmetry that tells them "
                "apart, add a small term, or give a larger bond"
            )
        return (
            f"a bond of {self.bond} is too small: the residual |(H - E) psi| is {error:.1g}, and "
            f"the gap of {max(apart - other, 0.0):.1g} to the next state too small to tell them "
            "apart; give a larger bond, or fewer qubits"
        )


def _in_frame(terms: PauliTerms, letters: dict[int, str], flipped: int | None) -> PauliTerms:
    """The words where the symmetry reads Z; one bit flipped makes odd states even."""
    found: dict[Word, float] = {}
    for word, coefficient in terms.coefficients.items():
        turned = []
        sign = 1
        for site, letter in word:
            new, factor = TO_Z[letters.get(site, "Z")][letter]
            sign *= factor * (-1 if site == flipped and new in "YZ" else 1)
            turned.append((site, new))
        found[tuple(turned)] = sign * coefficient
    return PauliTerms(terms.num_qubits, found)
