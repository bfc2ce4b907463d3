"""Thermal states of the families of states, by what suits each of them."""

import math
from abc import abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.engine import Engine
from qbell.exact.ensemble import Ensemble
from qbell.exact.family_hamiltonian import spin_hamiltonian
from qbell.exact.mixture import Mixture
from qbell.util.checks import finite_number, require_memory
from qbell.util.threads import one_blas_thread

MAX_THERMAL = 12
LOST = 1e-15  # of the weight of a thermal state
COLDEST = 1e-6  # of the strengths of H: below, rounding of energies changes the weights
FROZEN = 50.0  # times the temperature: no state that lies so high has any weight


@dataclass(frozen=True)
class Eigenstates:
    """All eigenvectors of the Hamiltonian of a ground state, mixed at a temperature.

    Attributes:
        ground: the ground state of H.
        temperature: T.
        symmetric: of a double well, among the states only that no permutation of qubits changes.
    """

    ground: Any
    temperature: float
    symmetric: bool = False

    @property
    def ensemble(self) -> Ensemble:
        """Those that have any weight, of up to 12 qubits.

        Raises:
            QbellError: more qubits, or symmetric states alone.
        """
        return self.solved[0]

    @cached_property
    def solved(self) -> tuple[Ensemble, float]:
        """The same, and the energy."""
        if self.symmetric:
            raise QbellError(
                "the thermal state of symmetric states alone has QFI, F0 and E_{N,0}; for other "
                "values leave symmetric out"
            )
        require_few(self.ground.num_qubits, "the eigenvectors of a thermal state")
        return solved(spin_hamiltonian(self.ground).matrix().toarray(), self.temperature)


@dataclass(frozen=True)
class Thermal:
    """exp(-H / T) / Z for the H of a state of qbell; made by `thermal_state`.

    Attributes:
        states: what is mixed, and at which temperature.
        engine: what computes its values: free fermions, spin sectors, or the mixture.
    """

    states: Eigenstates
    engine: "ThermalEngine | ThermalMixture" = field(repr=False, compare=False)

    @property
    def num_qubits(self) -> int:
        """N."""
        return int(self.states.ground.num_qubits)

    @property
    def energy(self) -> float:
        """Tr rho H."""
        return float(self.engine.energy)

    @property
    def vectors(self) -> NDArray[np.complex128]:
        """(r, 2^N): sqrt(p_i) times its eigenvectors, of up to 12 qubits.

        Raises:
            QbellError: more qubits.
        """
        return self.states.ensemble.vectors


class ThermalMixture(Mixture):
    """Engine for a thermal state of which nothing better than its eigenvectors is known."""

    def __init__(self, states: Eigenstates) -> None:
        mixed, self.energy = states.solved
        super().__init__(mixed.vectors, orthogonal=True)
        self.method = f"thermal {self.method}"


class ThermalEngine(Engine):
    """What thermal engines share: of few qubits the mixture of eigenvectors serves the rest."""

    is_pure = False
    states: Eigenstates

    @property
    @abstractmethod
    def energy(self) -> float:
        """Tr rho H."""

    @property
    def _mixture(self) -> Mixture:
        return Mixture(self.states.ensemble.vectors, orthogonal=True)


def thermal_weights(energies: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """exp(-E / T) / Z of ascending energies."""
    weights = np.exp(-(energies - energies[0]) / temperature)
    return np.asarray(weights / math.fsum(weights.tolist()))


def solved(dense: Any, temperature: float) -> tuple[Ensemble, float]:
    """The thermal state of a Hermitian matrix (2^N, 2^N), and its energy."""
    require_memory(80.0 * len(dense) ** 2, "all eigenvectors of the Hamiltonian")
    with one_blas_thread(len(dense)):
        energies, vectors = np.linalg.eigh(dense)
    require_warm(temperature, float(energies[1] - energies[0]), float(np.abs(energies).max()))
    weights = thermal_weights(energies, temperature)
    kept = np.cumsum(weights[::-1])[::-1] > LOST
    kept[0] = True
    p = weights[kept] / weights[kept].sum()
    rows = np.sqrt(p)[:, None] * vectors[:, kept].T
    mixed = Ensemble(np.ascontiguousarray(rows, dtype=complex), orthogonal=True)
    return mixed, float(weights @ energies)


def require_temperature(temperature: object) -> float:
    """T above 0.

    Raises:
        QbellError: anything else.
    """
    value = finite_number("temperature", temperature)
    if not value > 0:
        raise QbellError(
            f"temperature = {temperature}; give a number above 0, or take the ground state"
        )
    return value


def require_warm(temperature: float, gap: float, strength: float) -> None:
    """Refuse a temperature so low that the rounding of energies changes the weights.

    Raises:
        QbellError: below 1e-6 of ``strength``, the largest of H, and not far below the ``gap``.
    """
    if temperature < COLDEST * strength and gap < FROZEN * temperature:
        raise QbellError(
            f"temperature = {temperature:g} is below {COLDEST:g} of the largest energy, and the "
            f"gap is {gap:.1g}: rounding of the energies would decide which states are mixed; take "
            "the ground state, or a higher temperature"
        )


def require_few(num_qubits: int, what: str, most: int = MAX_THERMAL) -> None:
    """Refuse what takes all 2^N eigenvectors of too many qubits.

    Raises:
        QbellError: more than ``most``.
    """
    if num_qubits > most:
        raise QbellError(f"n = {num_qubits}: {what} is computed up to n = {most}")


def ensemble_of(state: Any) -> Ensemble | None:
    """The vectors of a mixture that is given by them; None of other states."""
    if isinstance(state, Thermal):
        return state.states.ensemble
    return state if isinstance(state, Ensemble) else None
