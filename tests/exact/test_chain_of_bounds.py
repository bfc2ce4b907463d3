"""B <= F0 <= K1 <= QFI <= N^2, and E <= 1/4: of random states about random axes."""

from typing import Any

import numpy as np
import pytest

from qbell import exact
from qbell.conventions.axes import parse_axis
from tests.conftest import Repeats
from tests.support import naive


def states(num_qubits: int, rng: np.random.Generator) -> list[Any]:
    """Pure, mixed, nearly pure, a product, and the GHZ state in white noise."""
    vector = naive.random_vector(num_qubits, rng)
    size = 2**num_qubits
    ghz = np.zeros(size, dtype=complex)
    ghz[[0, -1]] = np.sqrt(0.5)
    white = np.eye(size) / size
    share = float(rng.uniform(0, 1))
    product = naive.tensor([naive.random_vector(1, rng) for _ in range(num_qubits)]).ravel()
    return [
        vector,
        product / np.linalg.norm(product),
        naive.random_matrix(num_qubits, int(rng.integers(1, size + 1)), rng),
        (1 - 1e-9) * naive.projector(vector) + 1e-9 * white,
        share * naive.projector(ghz) + (1 - share) * white,
    ]


def test_the_chain(rng: np.random.Generator, repeats: Repeats) -> None:
    """For every correlator E, of how many qubits it may be, 1/4 is the most."""
    for case in range(repeats(4, 200)):
        num_qubits = 2 + case % 4
        for state in states(num_qubits, rng):
            axis = (
                parse_axis(rng.normal(size=3).tolist()) if case % 3 else parse_axis("xyz"[case % 2])
            )
            bound, f0 = exact.bound(state, axis), exact.f0(state, axis)
            k1, qfi = exact.k1(state, axis), exact.qfi(state, axis)
            slack = 1e-9 * num_qubits**2
            assert -slack <= bound <= f0 + slack
            assert f0 <= k1 + slack
            assert k1 <= qfi + slack
            assert qfi <= num_qubits**2 + slack
            values = np.abs(exact.correlator_values(state, axis)) ** 2
            assert np.max(values[1:]) <= 0.25 + 1e-12
            # The same numbers by Kronecker products and loops.
            rho = state if state.ndim == 2 else naive.projector(state)
            if num_qubits < 4:
                assert bound == pytest.approx(
                    naive.bound(rho, axis.sigma_1, axis.sigma_2), abs=slack
                )
                assert f0 == pytest.approx(naive.f0(rho, axis.xi), abs=slack)
                assert qfi == pytest.approx(naive.qfi(rho, axis.xi), abs=1e-6)


@pytest.mark.parametrize("num_qubits", range(2, 7))
def test_a_ghz_state_reaches_a_quarter(num_qubits: int) -> None:
    ghz = np.zeros(2**num_qubits)
    ghz[[0, -1]] = np.sqrt(0.5)
    values = np.abs(exact.correlator_values(ghz, "z")) ** 2
    assert np.max(values[1:]) == pytest.approx(0.25, abs=1e-15)
